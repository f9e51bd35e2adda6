import { invariant } from "../../core/errors.ts";

/**
 * Agreement of several raters beyond chance (Fleiss 1971, doi 10.1037/h0031619, eq. 1 to 7).
 * @param counts Raters who put each subject in each category, [subjects][categories]; every row has the same sum, 2 or more.
 * @returns at most 1, 0 at chance; null without subjects, and where all answers are one category, so that chance alone agrees
 */
export function fleissKappa(counts: readonly (readonly number[])[]): number | null {
  if (counts.length === 0) return null;
  const raters = counts[0]!.reduce((sum, n) => sum + n, 0);
  invariant(raters > 1, `kappa takes two raters or more, got ${raters}`);
  const totals = counts[0]!.map(() => 0);
  let agreement = 0;
  for (const row of counts) {
    invariant(
      row.reduce((sum, n) => sum + n, 0) === raters && row.length === totals.length,
      "kappa takes the same raters and categories for every subject",
    );
    let pairs = 0;
    for (const [category, n] of row.entries()) {
      totals[category]! += n;
      pairs += n * (n - 1);
    }
    agreement += pairs / (raters * (raters - 1));
  }
  if (totals.filter((total) => total > 0).length < 2) return null;
  const observed = agreement / counts.length;
  const chance = totals.reduce((sum, total) => sum + (total / (counts.length * raters)) ** 2, 0);
  return (observed - chance) / (1 - chance);
}
