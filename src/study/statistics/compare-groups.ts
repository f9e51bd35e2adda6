import { holmAdjusted } from "../../math/holm.ts";
import { mean } from "../../math/mean.ts";
import { ALPHA } from "./compare-arms.ts";
import { type MeasuredTrial, type MeasureOptions, measureTrials } from "./measure-trials.ts";
import { parseOutcomeMetric } from "./outcome-metric.ts";
import type { OutcomeTable } from "./outcome-table.ts";
import { type PairedDifference, pairedDifference } from "./paired-difference.ts";
import { patientsPerClass } from "./test-set.ts";

/** Whether one group of arms is better than another, each taken by the mean of its arms. */
export interface GroupQuestion {
  readonly name: string;
  /** Names of arms, at least one; one that is there twice counts twice. */
  readonly arms: readonly string[];
  readonly others: readonly string[];
}

export interface GroupOptions extends MeasureOptions {
  readonly questions: readonly GroupQuestion[];
  readonly metric: string;
  /** One minus the coverage of intervals. Defaults to 0.05. */
  readonly alpha?: number;
}

/** Mean over arms minus mean over the others, on one test set. */
export interface GroupComparison extends PairedDifference {
  readonly testSet: string;
  readonly name: string;
  /** p after Holm over the questions on this test set. */
  readonly adjustedP: number;
}

/** The mean of the metric over arms, seed by seed, as if they were one; only seeds that all of them have. */
function joined(trials: readonly MeasuredTrial[], arms: readonly string[], name: string): MeasuredTrial[] {
  const bySeed = new Map<number, Map<string, MeasuredTrial>>();
  for (const trial of trials) {
    const ofSeed = bySeed.get(trial.seed) ?? new Map<string, MeasuredTrial>();
    bySeed.set(trial.seed, ofSeed.set(trial.arm, trial));
  }
  return [...bySeed].flatMap(([seed, ofSeed]) => {
    const found = arms.flatMap((arm) => ofSeed.get(arm) ?? []);
    if (found.length < arms.length) return [];
    const resampled = Float64Array.from(found[0]!.resampled, (_, r) => mean(found.map((trial) => trial.resampled[r]!)));
    return [{ arm: name, seed, value: mean(found.map(({ value }) => value)), resampled }];
  });
}

/**
 * Compares groups of arms as `compareArms` compares single ones: the mean of the metric over the arms of a group is one more metric
 * of the same seeds and resampled patients, so that intervals and p-values are those of `pairedDifference`.
 * @param table Checked, as `compareArms` does.
 * @returns by test set, then question; a test set without images of the metric's class is left out
 */
export function compareGroups(table: OutcomeTable, options: GroupOptions): GroupComparison[] {
  const { questions, alpha = ALPHA } = options;
  const metric = parseOutcomeMetric(options.metric);
  const wanted = new Set(questions.flatMap(({ arms, others }) => [...arms, ...others]));
  return table.testSets.flatMap((set) => {
    if (metric.ofClass !== null && !(patientsPerClass(set)[set.classes.indexOf(metric.ofClass)]! > 0)) return [];
    const trials = table.trials.filter((trial) => trial.testSet === set.name && wanted.has(trial.arm));
    const [measured] = measureTrials(set, trials, [metric], options);
    const patients = new Set(set.patients).size;
    const found = questions.map(({ name, arms, others }) => ({
      testSet: set.name,
      name,
      ...pairedDifference(joined(measured!, arms, "arms"), joined(measured!, others, "others"), { alpha, patients }),
    }));
    const adjusted = holmAdjusted(found.map(({ p }) => p));
    return found.map((each, i) => ({ ...each, adjustedP: adjusted[i]! }));
  });
}
