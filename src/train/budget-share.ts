/** Budget of a training: what is null does not limit it. */
export interface Budget {
  /** Images seen. */
  readonly images: number | null;
  readonly minutes: number | null;
}

/**
 * What the clock said after some images. Schedules over a budget of minutes follow this note, which is part of every checkpoint, and
 * the images seen since, never the clock itself: the steps behind a checkpoint are the same in every process that goes on from it, up
 * to the next note.
 */
export interface Pace {
  readonly imagesSeen: number;
  /** Seconds of training up to there, over all sittings. */
  readonly seconds: number;
  /** Since the note before. */
  readonly secondsPerImage: number;
}

/** Before the first note. */
export const FIRST_PACE: Pace = { imagesSeen: 0, seconds: 0, secondsPerImage: 0 };

/** Steps from one note to the next. */
export const PACE_STEPS = 16;

/** The next note. @param seconds Of training, over all sittings. */
export const nextPace = (last: Pace, imagesSeen: number, seconds: number): Pace => ({
  imagesSeen,
  seconds,
  secondsPerImage:
    imagesSeen > last.imagesSeen
      ? Math.max(0, seconds - last.seconds) / (imagesSeen - last.imagesSeen)
      : last.secondsPerImage,
});

/**
 * Share of a budget that is used up, 0..1: the greater of images and minutes; 0 without any limit. A budget that is raised makes
 * the share smaller again.
 */
export function budgetShare({ images, minutes }: Budget, pace: Pace, imagesSeen: number): number {
  const byImages = images === null ? 0 : imagesSeen / images;
  const seconds = pace.seconds + (imagesSeen - pace.imagesSeen) * pace.secondsPerImage;
  const byTime = minutes === null ? 0 : seconds / (60 * minutes);
  return Math.min(1, Math.max(byImages, byTime));
}
