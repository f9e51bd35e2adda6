/** A measured state of a run. */
export interface MeasuredState {
  /** Distance from the real images, divided by that of other real images: 1 is as near as real images are to each other. */
  readonly distance: number;
  /** See {@link Quality}. */
  readonly score: number;
  readonly imagesSeen: number;
}

/** The state of a run that is kept. */
export interface KeptState extends MeasuredState {
  readonly figures: Quality["figures"];
}

/** What a measurement of generated images found. */
export interface Quality {
  /** Distance from the real images, divided by that of other real images. */
  readonly distance: number;
  /** What states are ranked by: the best has the least. */
  readonly score: number;
  /** Further figures by the names that they have in the statistics, e.g. `coverage`. */
  readonly figures: Readonly<Record<string, number>>;
}

/** How training follows its quality; the evaluation layer, which lies above, supplies one. */
export interface QualityMonitor {
  /** Class of each image that a measurement needs. */
  readonly labels: Uint16Array;
  /** The first so many of them are in the shares of the training images, each from a map of its own where maps are filled. */
  readonly compared: number;
  /**
   * Measures generated images.
   * @param images uint8 [labels.length, C, S, S], in the order of {@link labels}.
   */
  measure(images: Uint8Array): Promise<Quality>;
  close(): Promise<void>;
}

/** Images seen at which a run is measured before the first multiple of its `probeImages`, so that short runs show a trend. */
const EARLY = [1_000, 2_000, 3_000, 5_000, 7_000];

/** Whether the quality is measured after a batch. */
export function measuresAt(imagesSeen: number, batch: number, probeImages: number): boolean {
  const before = imagesSeen - batch;
  if (Math.floor(imagesSeen / probeImages) > Math.floor(before / probeImages)) return true;
  return EARLY.some((early) => early < probeImages && before < early && early <= imagesSeen);
}
