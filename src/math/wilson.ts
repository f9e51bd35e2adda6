/** A share with its 95 % Wilson interval (Wilson 1927, doi 10.1080/01621459.1927.10502953). */
export interface Share {
  readonly hits: number;
  readonly n: number;
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

/** 0.975 quantile of the standard normal distribution. */
const Z = 1.959963984540054;

/**
 * The share hits / n with its 95 % interval (Wilson 1927, doi 10.1080/01621459.1927.10502953, without continuity
 * correction): (p + z^2/2n +- z sqrt(p(1-p)/n + z^2/4n^2)) / (1 + z^2/n). Nulls where n is 0.
 */
export function wilsonShare(hits: number, n: number): Share {
  if (n === 0) return { hits, n, value: null, low: null, high: null };
  const p = hits / n;
  const scale = 1 + (Z * Z) / n;
  const centre = (p + (Z * Z) / (2 * n)) / scale;
  const reach = (Z / scale) * Math.sqrt((p * (1 - p)) / n + (Z * Z) / (4 * n * n));
  // At the ends of the scale the formula gives exactly 0 or 1, but for rounding.
  const low = hits === 0 ? 0 : centre - reach;
  const high = hits === n ? 1 : centre + reach;
  return { hits, n, value: p, low, high };
}
