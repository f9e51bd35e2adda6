/**
 * Rényi differential privacy of the Poisson-subsampled Gaussian mechanism (Mironov, Talwar and Zhang 2019,
 * arXiv 1908.10530, section 3.3): sensitivity 1, standard deviation sigma, each record taken with probability q,
 * neighbours differ by one record added or removed.
 */

/** Orders that a guarantee is sought at: fine where the optimum lies at large epsilon, whole numbers above. */
export const ORDERS: readonly number[] = [
  ...Array.from({ length: 99 }, (_, i) => 1 + (i + 1) / 10),
  ...Array.from({ length: 52 }, (_, i) => 12 + i),
  ...[72, 80, 96, 128, 192, 256, 384, 512, 1024],
];

/** Standard deviations beyond which the integrand is nothing. */
const REACH = 12;
/** Points of the trapezoidal rule in the shorter of sigma and sigma^2. */
const POINTS = 8;

/**
 * Rényi divergence of one step at an order above 1.
 * @returns Infinity where noise 0 protects nothing.
 */
export function renyiDivergence(sigma: number, q: number, order: number): number {
  if (q === 0) return 0;
  if (sigma === 0) return Number.POSITIVE_INFINITY;
  if (q === 1) return order / (2 * sigma * sigma);
  const logMoment = Number.isInteger(order) ? binomialMoment(sigma, q, order) : integratedMoment(sigma, q, order);
  // A moment is at least 1; rounding may leave it below.
  return Math.max(0, logMoment) / (order - 1);
}

const logSumExp = (terms: readonly number[]): number => {
  const most = terms.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  return most + Math.log(terms.reduce((sum, term) => sum + Math.exp(term - most), 0));
};

/** log A at a whole order, the finite sum of their equation 4. */
function binomialMoment(sigma: number, q: number, order: number): number {
  const terms: number[] = [];
  let logBinomial = 0;
  for (let k = 0; k <= order; k++) {
    if (k > 0) logBinomial += Math.log(order - k + 1) - Math.log(k);
    terms.push(logBinomial + (order - k) * Math.log1p(-q) + k * Math.log(q) + (k * (k - 1)) / (2 * sigma * sigma));
  }
  return logSumExp(terms);
}

/**
 * log A at any order: their equation 2, E over z ~ N(0, sigma^2) of ((1 - q) + q exp((2 z - 1) / (2 sigma^2)))^order, by
 * the trapezoidal rule, whose error falls exponentially in the number of points for this analytic integrand.
 */
function integratedMoment(sigma: number, q: number, order: number): number {
  const variance = sigma * sigma;
  const step = Math.min(sigma, variance) / POINTS;
  const [from, to] = [-REACH * sigma, order + REACH * sigma];
  const count = Math.ceil((to - from) / step);
  const [logStay, logJoin] = [Math.log1p(-q), Math.log(q)];
  const terms = new Array<number>(count + 1);
  for (let i = 0; i <= count; i++) {
    const z = from + i * step;
    const joined = logJoin + (2 * z - 1) / (2 * variance);
    const most = Math.max(logStay, joined);
    const ratio = most + Math.log1p(Math.exp(-Math.abs(joined - logStay)));
    terms[i] = order * ratio - (z * z) / (2 * variance);
  }
  return logSumExp(terms) + Math.log(step) - Math.log(sigma) - 0.5 * Math.log(2 * Math.PI);
}
