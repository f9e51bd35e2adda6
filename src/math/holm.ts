/**
 * Adjusted p-values of Holm 1979 (Scandinavian Journal of Statistics 6:65-70): rejecting where the adjusted value is at
 * most alpha keeps the chance of any false rejection at alpha, however the tests depend on each other.
 * @param p Values in [0, 1], in any order.
 * @returns values in the same order: max over the smaller ones of (m - rank + 1) p, at most 1
 */
export function holmAdjusted(p: readonly number[]): number[] {
  const order = p.map((_, i) => i).sort((a, b) => p[a]! - p[b]!);
  const adjusted = new Array<number>(p.length);
  let greatest = 0;
  order.forEach((index, rank) => {
    greatest = Math.max(greatest, Math.min(1, (p.length - rank) * p[index]!));
    adjusted[index] = greatest;
  });
  return adjusted;
}
