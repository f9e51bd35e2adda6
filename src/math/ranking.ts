/** Images in the order of one class's score, so that a resample needs weights and no sorting. */
export interface Ranking {
  /** Indices of images, by falling score. */
  readonly order: Int32Array;
  /** 1 where the image at this place is of the class. */
  readonly positive: Uint8Array;
  /** 1 where the score at this place equals the one before. */
  readonly tied: Uint8Array;
}

/**
 * Ranks images by the score of one class against the rest.
 * @param scores Finite, row-major [n, classes].
 * @param labels Class index of each image.
 */
export function rankImages(
  scores: ArrayLike<number>,
  labels: ArrayLike<number>,
  classes: number,
  ofClass: number,
): Ranking {
  const n = labels.length;
  const score = Float64Array.from({ length: n }, (_, i) => scores[i * classes + ofClass]!);
  const order = Int32Array.from({ length: n }, (_, i) => i).sort((a, b) => score[b]! - score[a]!);
  return {
    order,
    positive: Uint8Array.from(order, (i) => Number(labels[i] === ofClass)),
    tied: Uint8Array.from(order, (i, place) => Number(place > 0 && score[i] === score[order[place - 1]!])),
  };
}

/**
 * Area under the ROC curve: the chance that an image of the class scores above one of the rest, ties counting one half
 * (Mann and Whitney 1947; Hanley and McNeil 1982, Radiology 143:29-36).
 * @param weights How often each image counts, not negative.
 * @returns NaN where the class or the rest has no weight
 */
export function weightedAuc({ order, positive, tied }: Ranking, weights: ArrayLike<number>): number {
  let area = 0;
  let [above, hits, others] = [0, 0, 0];
  let rest = 0;
  for (let place = 0; place < order.length; place++) {
    if (tied[place] === 0) {
      area += others * (above + hits / 2);
      rest += others;
      above += hits;
      hits = 0;
      others = 0;
    }
    const weight = weights[order[place]!]!;
    if (positive[place] === 1) hits += weight;
    else others += weight;
  }
  area += others * (above + hits / 2);
  return area / ((above + hits) * (rest + others));
}

/**
 * Sensitivity at a specificity, on the ROC curve with straight lines between its points (one point a distinct score, and
 * the corners; the curve whose area is {@link weightedAuc}); where the curve rises straight up at that specificity, its top.
 * @param specificity In [0, 1].
 * @param weights How often each image counts, not negative.
 * @returns NaN where the class or the rest has no weight
 */
export function weightedSensitivity(ranking: Ranking, weights: ArrayLike<number>, specificity: number): number {
  const { order, positive, tied } = ranking;
  let [positives, negatives] = [0, 0];
  for (let place = 0; place < order.length; place++) {
    if (positive[place] === 1) positives += weights[order[place]!]!;
    else negatives += weights[order[place]!]!;
  }
  if (positives === 0 || negatives === 0) return Number.NaN;
  // Rounding aside, so that 0.9 of 10 images are 9 of them.
  const allowed = (1 - specificity) * negatives + 1e-9 * negatives;
  let [hits, alarms] = [0, 0];
  for (let place = 0; place < order.length; ) {
    const [hitsBefore, alarmsBefore] = [hits, alarms];
    do {
      if (positive[place] === 1) hits += weights[order[place]!]!;
      else alarms += weights[order[place]!]!;
      place++;
    } while (place < order.length && tied[place] === 1);
    if (alarms > allowed) {
      const share = Math.min(1, (allowed - alarmsBefore) / (alarms - alarmsBefore));
      return (hitsBefore + share * (hits - hitsBefore)) / positives;
    }
  }
  return 1;
}
