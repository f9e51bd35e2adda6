import { logGamma } from "./log-gamma.ts";

/** Upper tail of the standard normal distribution, P(Z > z) (Abramowitz and Stegun 7.1.26 with a continued fraction beyond 3). */
export function normalUpper(z: number): number {
  if (z < 0) return 1 - normalUpper(-z);
  if (z > 38) return 0;
  // Continued fraction of the Mills ratio (Abramowitz and Stegun 26.2.14), slow near 0: the series 26.2.11 there.
  if (z > 2.5) {
    let fraction = z;
    for (let k = 60; k >= 1; k--) fraction = z + k / fraction;
    return Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI) / fraction;
  }
  let term = z;
  let sum = z;
  for (let k = 1; k < 60; k++) {
    term *= (z * z) / (2 * k + 1);
    sum += term;
  }
  return 0.5 - (sum * Math.exp(-0.5 * z * z)) / Math.sqrt(2 * Math.PI);
}

/** log of n choose k. */
const logChoose = (n: number, k: number): number => logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1);

/** P(K >= k) of a binomial count of n draws with probability p. */
export function binomialUpper(k: number, n: number, p: number): number {
  if (k <= 0) return 1;
  if (p <= 0) return 0;
  if (p >= 1) return 1;
  let sum = 0;
  for (let i = k; i <= n; i++) sum += Math.exp(logChoose(n, i) + i * Math.log(p) + (n - i) * Math.log1p(-p));
  return Math.min(1, sum);
}

/** Exact 95 % interval of a share of k out of n (Clopper and Pearson 1934), by bisection of the binomial tails. */
export function clopperPearson(k: number, n: number): { low: number; high: number } {
  const solve = (tail: (p: number) => number): number => {
    let [low, high] = [0, 1];
    for (let i = 0; i < 50; i++) {
      const middle = (low + high) / 2;
      if (tail(middle) > 0.025) high = middle;
      else low = middle;
    }
    return (low + high) / 2;
  };
  return {
    low: k === 0 ? 0 : solve((p) => binomialUpper(k, n, p)),
    high: k === n ? 1 : 1 - solve((q) => binomialUpper(n - k, n, q)),
  };
}

/**
 * P(K >= k): K of m members lie above the r-th largest of n non-members, when all are exchangeable (negative
 * hypergeometric law).
 */
export function aboveOrderStatistic(k: number, m: number, r: number, n: number): number {
  if (k <= 0) return 1;
  let sum = 0;
  const all = logChoose(m + n, n);
  // K = i: among the i + r - 1 values above the r-th largest non-member are i members.
  for (let i = k; i <= m; i++) sum += Math.exp(logChoose(i + r - 1, i) + logChoose(m - i + n - r, m - i) - all);
  return Math.min(1, sum);
}
