import type { Comparison } from "./compare-arms.ts";
import { studentQuantile } from "./student-t.ts";

/** What a study of this size could have found. */
export interface Power {
  /** The smallest difference that would be shown four times in five, against the control that is hardest to tell apart. */
  readonly smallest: number;
  /** The same with seeds without number and the same patients. */
  readonly smallestWithAnySeeds: number;
  /** A sentence for the report where seeds are fewer than {@link FEW_SEEDS}; null elsewhere. */
  readonly note: string | null;
}

/** Fewer seeds than this are said to be few. */
export const FEW_SEEDS = 10;
/** Chance of showing the stated difference. */
const POWER = 0.8;
/** Degrees of freedom at which Student's t is the normal distribution for our purpose. */
const MANY = 1e6;

/**
 * The smallest difference that such a study finds: (t(1 - alpha / 2 m) + t(0.8)) standard errors, m the arms that Holm's first
 * step divides alpha by; with Student's t in place of the non-central one, which is a little too small at few degrees of freedom.
 * @returns null where a comparison has no interval
 */
export function powerOf(
  comparisons: readonly Comparison[],
  { alpha, arms }: { readonly alpha: number; readonly arms: number },
): Power | null {
  let [smallest, smallestWithAnySeeds, seeds] = [0, 0, Number.POSITIVE_INFINITY];
  for (const { standardError, freedom, patientVariance, patients, seeds: paired } of comparisons) {
    if (standardError === null || freedom === null || patientVariance === null) return null;
    const reach = (error: number, df: number) =>
      error *
      (studentQuantile(alpha / (2 * arms), Math.min(df, MANY)) + studentQuantile(1 - POWER, Math.min(df, MANY)));
    smallest = Math.max(smallest, reach(standardError, freedom));
    smallestWithAnySeeds = Math.max(smallestWithAnySeeds, reach(Math.sqrt(patientVariance), patients - 1));
    seeds = Math.min(seeds, paired.length);
  }
  const note =
    seeds >= FEW_SEEDS
      ? null
      : `with ${seeds} seeds a difference below ${smallest.toFixed(3)} is missed more than once in five; ` +
        `more seeds on the same patients bring that to ${smallestWithAnySeeds.toFixed(3)} at best`;
  return { smallest, smallestWithAnySeeds, note };
}
