/** Bins of the expected calibration error. */
export const CALIBRATION_BINS = 15;

/** What the calibration error of a set of images needs of each. */
export interface Confidences {
  /** Bin of the highest score, 0 ... CALIBRATION_BINS - 1. */
  readonly bin: Uint8Array;
  /** Highest score minus 1 where the class with it is right, minus 0 elsewhere. */
  readonly excess: Float64Array;
}

/**
 * Sorts images into bins of equal width by their highest score: bin m holds ((m - 1) / 15, m / 15].
 * @param scores Probabilities, row-major [n, classes].
 * @param assigned Class with the highest score of each image.
 */
export function binConfidences(
  scores: ArrayLike<number>,
  labels: ArrayLike<number>,
  assigned: ArrayLike<number>,
  classes: number,
): Confidences {
  const n = labels.length;
  const bin = new Uint8Array(n);
  const excess = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const confidence = scores[i * classes + assigned[i]!]!;
    bin[i] = Math.min(CALIBRATION_BINS, Math.max(1, Math.ceil(confidence * CALIBRATION_BINS))) - 1;
    excess[i] = confidence - Number(labels[i] === assigned[i]);
  }
  return { bin, excess };
}

/**
 * Expected calibration error: sum over bins of |B| / n |accuracy(B) - mean confidence(B)|, of the highest score (Guo et al.
 * 2017, arXiv 1706.04599, section 2, equations 2 and 5). In [0, 1]; biased upwards on few images.
 * @param weights How often each image counts, not negative.
 * @returns NaN without weight
 */
export function weightedCalibrationError({ bin, excess }: Confidences, weights: ArrayLike<number>): number {
  const sums = new Float64Array(CALIBRATION_BINS);
  let total = 0;
  for (let i = 0; i < bin.length; i++) {
    sums[bin[i]!]! += weights[i]! * excess[i]!;
    total += weights[i]!;
  }
  return sums.reduce((sum, part) => sum + Math.abs(part), 0) / total;
}
