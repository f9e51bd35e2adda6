/** Share of the smallest calibration scores whose tail is fitted. */
const TAIL = 0.1;
/** Share of the smallest that count only as "smaller": held-out images that are copies themselves must not set the threshold. */
const CENSORED = 0.01;
/**
 * Steepest tail that is believed. A collection is a mixture, and a small part of it (the dark corners of one camera) has a
 * tail of its own that a fit to the whole does not see: steeper fits called look-alikes of ISIC 2017 copies.
 */
export const STEEPEST = 8;
/** Fewer held-out images than this give no threshold. */
export const MIN_CALIBRATION = 40;

/** Threshold of a copy score with what it was made from. */
export interface CopyThreshold {
  /** Scores below it are called copies. */
  readonly value: number;
  /** Expected number of images called copies in a set of this size that holds none. */
  readonly falseAlarms: number;
  /** Exponent of the fitted tail. */
  readonly exponent: number;
  /** Held-out images it was made from. */
  readonly n: number;
}

/** Place of the end of the tail, and how many of the smallest are censored. */
function tailOf(n: number, share: number): { k: number; censored: number } {
  return { k: Math.min(n - 1, Math.max(10, Math.floor(share * n))), censored: Math.ceil(CENSORED * n) };
}

/**
 * Exponent m of P(score < s) = share (s / s_share)^m, the maximum-likelihood estimate of Hill (1975, Annals of Statistics
 * 3:1163) on the smallest `share`, of which the smallest {@link CENSORED} are censored. Infinite where they are all equal.
 * @param sorted Ascending, more than 10.
 */
export function hillExponent(sorted: ArrayLike<number>, share: number): number {
  const { k, censored } = tailOf(sorted.length, share);
  const end = Math.max(sorted[k]!, 1e-9);
  const logOf = (i: number) => Math.log(end / Math.max(sorted[i]!, 1e-9));
  let sum = censored * logOf(censored);
  for (let i = censored; i < k; i++) sum += logOf(i);
  return sum > 0 ? (k - censored) / sum : Number.POSITIVE_INFINITY;
}

/**
 * The score below which at most `falseAlarms` of `queries` images are expected when none is a copy. The lower tail of the
 * held-out images' scores is taken as a power law, the form that nearest-neighbour distances have in m dimensions, with the
 * {@link hillExponent} of the smallest {@link TAIL}.
 * @param calibration Scores of held-out images against the training set, the same search as the queries'.
 * @returns null where there are too few
 */
export function copyThreshold(
  calibration: ArrayLike<number>,
  queries: number,
  falseAlarms: number,
): CopyThreshold | null {
  const n = calibration.length;
  if (n < MIN_CALIBRATION) return null;
  const sorted = Float64Array.from(calibration).sort();
  const { k } = tailOf(n, TAIL);
  const end = Math.max(sorted[k]!, 1e-9);
  const exponent = Math.min(STEEPEST, hillExponent(sorted, TAIL));
  const wanted = falseAlarms / queries;
  const reached = k / n;
  const value = wanted >= reached ? end : end * (wanted / reached) ** (1 / exponent);
  return { value, falseAlarms, exponent, n };
}
