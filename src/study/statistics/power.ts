import type { Comparison } from "./compare-arms.ts";
import { type Spread, spreadQuantile } from "./spread.ts";

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
const FEW_SEEDS = 10;
/** Chance of showing the stated difference. */
const POWER = 0.8;

/**
 * The smallest difference that such a study finds: (q(alpha / m) + q(0.4)) standard errors, q(c) the two-sided quantile that the
 * verdict uses and m the arms that Holm's first step divides alpha by; the noise of the standard error itself is left out.
 * @returns null where a comparison has no interval
 */
export function powerOf(
  comparisons: readonly Comparison[],
  { alpha, arms }: { readonly alpha: number; readonly arms: number },
): Power | null {
  let [smallest, smallestWithAnySeeds, seeds] = [0, 0, Number.POSITIVE_INFINITY];
  for (const { standardError, spread, patientVariance, seeds: paired } of comparisons) {
    if (standardError === null || spread === null || patientVariance === null) return null;
    const reach = (error: number, of: Spread) =>
      error * (spreadQuantile(alpha / arms, of) + spreadQuantile(2 * (1 - POWER), of));
    smallest = Math.max(smallest, reach(standardError, spread));
    smallestWithAnySeeds = Math.max(
      smallestWithAnySeeds,
      reach(Math.sqrt(patientVariance), { ...spread, seedShare: 0 }),
    );
    seeds = Math.min(seeds, paired.length);
  }
  const note =
    seeds >= FEW_SEEDS
      ? null
      : `with ${seeds} seeds a difference below ${smallest.toFixed(3)} is missed more than once in five; ` +
        `more seeds on the same patients bring that to ${smallestWithAnySeeds.toFixed(3)} at best`;
  return { smallest, smallestWithAnySeeds, note };
}
