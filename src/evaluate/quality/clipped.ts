import { logGamma } from "../../math/log-gamma.ts";
import type { Neighbourhoods } from "./neighbourhood.ts";

/** Per sample the number of balls around it over k, at most 1. */
const clipped = (counts: Int32Array, k: number): Float64Array => Float64Array.from(counts, (n) => Math.min(n / k, 1));

/**
 * Clipped density (Salvy, Talbot and Thirion 2025, arXiv 2507.01761, section 4): per synthetic sample the number of real
 * balls around it over k, no ball wider than the median one and no sample above 1; the mean is divided by the same of the
 * real samples among each other, and 1 at most ({@link clippedDensity}).
 * @returns one part a synthetic sample, divided already
 */
export function clippedDensityParts({ clippedBallsAround, realClippedBallsAround, k }: Neighbourhoods): Float64Array {
  const own = clipped(realClippedBallsAround, k);
  const ideal = own.reduce((sum, value) => sum + value, 0) / own.length;
  return clipped(clippedBallsAround, k).map((value) => (ideal > 0 ? value / ideal : 0));
}

export const clippedDensity = (meanOfParts: number): number => Math.min(1, meanOfParts);

/** Per real sample the number of synthetic samples in its ball over k, at most 1. */
export const clippedCoverageParts = ({ syntheticInBall, k }: Neighbourhoods): Float64Array =>
  clipped(syntheticInBall, k);

/**
 * Mean of {@link clippedCoverageParts} that m further samples of the real distribution would give: the share of the
 * distribution in a ball is distributed as Beta(k, n - k), the number of samples in it then beta-binomially.
 */
function expectedCoverage(m: number, n: number, k: number): number {
  const logBeta = (a: number, b: number) => logGamma(a) + logGamma(b) - logGamma(a + b);
  let lacking = 0;
  for (let j = 0; j < k; j++) {
    const choose = logGamma(m + 1) - logGamma(j + 1) - logGamma(m - j + 1);
    lacking += (k - j) * Math.exp(choose + logBeta(k + j, n - k + m - j) - logBeta(k, n - k));
  }
  return 1 - lacking / k;
}

/**
 * Clipped coverage (the same, section 5): the share of good samples, among as many others that cover nothing, that would
 * give this mean. As in the authors' code a mean
 * above 0 counts as k good samples at least, and the share has the divisor m + 1.
 * @param mean of {@link clippedCoverageParts}
 */
export function clippedCoverage(mean: number, { k, nearestSynthetic2, nearestReal2 }: Neighbourhoods): number {
  const [n, m] = [nearestSynthetic2.length, nearestReal2.length];
  if (mean <= 0) return 0;
  let [low, high] = [k, m + 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (expectedCoverage(middle, n, k) >= mean) high = middle;
    else low = middle + 1;
  }
  return low / (m + 1);
}
