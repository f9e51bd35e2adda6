import { mean, variance } from "../../math/mean.ts";
import type { MeasuredTrial } from "./measure-trials.ts";
import { type Spread, spreadQuantile, spreadTwoSided } from "./spread.ts";

/** How an arm differs from its control on one test set by one metric: arm minus control. */
export interface PairedDifference {
  /** Seeds that both have. */
  readonly seeds: readonly number[];
  /** Mean over seeds of the metric of the arm and of the control; NaN without a common seed. */
  readonly arm: number;
  readonly control: number;
  /** Mean difference over seeds. */
  readonly value: number;
  /** Interval that covers the difference over seeds and patients like these with chance 1 - alpha; null with fewer than {@link MIN_SEEDS} seeds. */
  readonly interval: { readonly low: number; readonly high: number } | null;
  /** Two-sided p-value of no difference; 1 where there is no interval. */
  readonly p: number;
  /** Null without an interval. */
  readonly standardError: number | null;
  /** Where the variance comes from. Null without an interval. */
  readonly spread: Spread | null;
  /** Variance of the difference between seeds on these patients: what more seeds divide. Null without an interval. */
  readonly seedVariance: number | null;
  /** Variance from the choice of patients, shared by all seeds: what only more patients lower. Null without an interval. */
  readonly patientVariance: number | null;
}

/** Fewer seeds than this have no interval: one degree of freedom tells nothing (its 95 % quantile is 12.7). */
export const MIN_SEEDS = 3;
/** A variance below this is rounding: metrics are of the order of 1. */
const ROUNDING = 1e-24;

/** Trials of both sides with the same seed, by rising seed. */
function pairs(arm: readonly MeasuredTrial[], control: readonly MeasuredTrial[]) {
  const bySeed = new Map(control.map((trial) => [trial.seed, trial]));
  return arm
    .flatMap((trial) => {
      const other = bySeed.get(trial.seed);
      return other === undefined ? [] : [{ seed: trial.seed, arm: trial, control: other }];
    })
    .sort((a, b) => a.seed - b.seed);
}

/**
 * The difference between two arms, each trained with several seeds, on the same patients.
 *
 * Seeds are to trainings what readers are to radiology, so this is the analysis of multi-reader multi-case studies (Obuchowski
 * and Rockette 1995, Communications in Statistics B 24:285-308), its covariances taken from resampled patients: with
 * d_s the difference of seed s and S seeds, the variance of their mean is
 *
 *     var_s(d_s) / S  +  max(0, mean over s != t of cov(d_s, d_t) over resamples)
 *
 * (the first term holds what patients add to each seed for itself, so nothing is counted twice). Interval and p-value weight
 * Student's distributions of both parts, see `spread.ts`.
 * Why not the percentiles of a bootstrap over seeds and patients: docs/study.md.
 * @param options.alpha One minus the coverage of the interval, in (0, 1).
 * @param options.patients Patients of the test set.
 */
export function pairedDifference(
  arm: readonly MeasuredTrial[],
  control: readonly MeasuredTrial[],
  options: { readonly alpha: number; readonly patients: number },
): PairedDifference {
  const paired = pairs(arm, control);
  const S = paired.length;
  const differences = paired.map((pair) => pair.arm.value - pair.control.value);
  const known = {
    seeds: paired.map((pair) => pair.seed),
    arm: mean(paired.map((pair) => pair.arm.value)),
    control: mean(paired.map((pair) => pair.control.value)),
    value: mean(differences),
  };
  if (S < MIN_SEEDS) {
    const none = { standardError: null, spread: null, seedVariance: null, patientVariance: null };
    return { ...known, interval: null, p: 1, ...none };
  }
  const seedVariance = variance(differences);
  const patientVariance = sharedVariance(paired, options.patients);
  const total = seedVariance / S + patientVariance;
  const standardError = Math.sqrt(total);
  if (total < ROUNDING) {
    // Nothing varies: the same scores, or a metric at the end of its scale. Equal is equal; else nothing is known.
    const interval = known.value ** 2 < ROUNDING ? { low: 0, high: 0 } : null;
    return { ...known, interval, p: 1, standardError, spread: null, seedVariance, patientVariance };
  }
  const spread = { seedShare: seedVariance / S / total, seedFreedom: S - 1, patientFreedom: options.patients - 1 };
  const reach = spreadQuantile(options.alpha, spread) * standardError;
  return {
    ...known,
    interval: { low: known.value - reach, high: known.value + reach },
    p: spreadTwoSided(known.value / standardError, spread),
    standardError,
    spread,
    seedVariance,
    patientVariance,
  };
}

/**
 * Mean covariance over resamples of the differences of two different seeds, not below 0; resampling P patients gives
 * (P - 1) / P of a variance, which is put right.
 */
function sharedVariance(paired: ReturnType<typeof pairs>, patients: number): number {
  const S = paired.length;
  const resamples = paired[0]!.arm.resampled.length;
  const means = new Float64Array(resamples);
  let each = 0;
  for (const pair of paired) {
    const differences = Float64Array.from(pair.arm.resampled, (value, r) => value - pair.control.resampled[r]!);
    each += variance(differences) / S;
    for (let r = 0; r < resamples; r++) means[r]! += differences[r]! / S;
  }
  const covariance = (S * variance(means) - each) / (S - 1);
  return (Math.max(0, covariance) * patients) / (patients - 1);
}
