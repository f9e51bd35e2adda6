/** Value at a quantile of a sorted list, linear between neighbours (type 7 of Hyndman and Fan 1996). */
export function quantile(sorted: ArrayLike<number>, q: number): number {
  const at = q * (sorted.length - 1);
  const low = Math.floor(at);
  const high = Math.min(sorted.length - 1, low + 1);
  return sorted[low]! + (sorted[high]! - sorted[low]!) * (at - low);
}

/** Middle of a list, linear between neighbours; NaN of an empty list. */
export function median(values: ArrayLike<number>): number {
  return values.length === 0 ? Number.NaN : quantile(Float64Array.from(values).sort(), 0.5);
}

/** The 2.5 and 97.5 % quantiles of a list in any order. */
export function percentiles(values: ArrayLike<number>): { low: number; high: number } {
  const sorted = Float64Array.from(values).sort();
  return { low: quantile(sorted, 0.025), high: quantile(sorted, 0.975) };
}
