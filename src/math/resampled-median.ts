import { quantile } from "./quantile.ts";

/**
 * The median of draws from a list, by counting how often each rank was drawn; the same value as sorting the draw, in time
 * that grows with the list alone.
 * @returns the median of the values of some indices, with repeats, linear between neighbours; NaN of no indices
 */
export function resampledMedian(values: ArrayLike<number>): (indices: Int32Array) => number {
  const order = Int32Array.from({ length: values.length }, (_, i) => i).sort((a, b) => values[a]! - values[b]!);
  const sorted = Float64Array.from(order, (i) => values[i]!);
  const rank = new Int32Array(values.length);
  for (let r = 0; r < order.length; r++) rank[order[r]!] = r;
  const counts = new Int32Array(values.length);
  return (indices) => {
    const n = indices.length;
    if (n === 0) return Number.NaN;
    counts.fill(0);
    for (let i = 0; i < n; i++) counts[rank[indices[i]!]!]!++;
    let r = 0;
    let seen = counts[0]!;
    const at = (place: number): number => {
      while (seen <= place) seen += counts[++r]!;
      return sorted[r]!;
    };
    return quantile([at((n - 1) >> 1), at(n >> 1)], 0.5);
  };
}
