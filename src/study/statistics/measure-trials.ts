import { Rng } from "../../core/rng.ts";
import type { OutcomeMetric } from "./outcome-metric.ts";
import type { Trial } from "./outcome-table.ts";
import { drawPatients } from "./resample-patients.ts";
import type { TestSet } from "./test-set.ts";

/** A metric of one trial, and of the same trial on resampled patients. */
export interface MeasuredTrial {
  readonly arm: string;
  readonly seed: number;
  readonly value: number;
  /** The metric on each resample; number r of every trial is of the same patients. */
  readonly resampled: Float64Array;
}

export interface MeasureOptions {
  /** Resamples of the patients of the test set. Defaults to 1,000. */
  readonly resamples?: number;
  /** Defaults to 0. */
  readonly seed?: number;
}

/** Resamples where none are asked for. */
const PATIENT_RESAMPLES = 1000;

/**
 * Measures trials of one test set, on all patients and on resampled ones: the patients of a resample are the same for
 * every arm, seed and metric, so that differences between arms keep what the arms share.
 * @param trials Of this test set alone.
 * @returns for each metric, in order, one entry a trial, in order
 */
export function measureTrials(
  set: TestSet,
  trials: readonly Trial[],
  metrics: readonly OutcomeMetric[],
  options: MeasureOptions = {},
): MeasuredTrial[][] {
  const { resamples = PATIENT_RESAMPLES, seed = 0 } = options;
  const weights = new Float64Array(set.labels.length).fill(1);
  const prepared = metrics.map((metric) =>
    trials.map(({ arm, seed, scores }) => {
      const weighted = metric.prepare(scores, set);
      return { weighted, measured: { arm, seed, value: weighted(weights), resampled: new Float64Array(resamples) } };
    }),
  );
  const rng = new Rng(seed, "patients", set.name);
  for (let r = 0; r < resamples; r++) {
    drawPatients(set, rng, weights);
    for (const each of prepared) for (const { weighted, measured } of each) measured.resampled[r] = weighted(weights);
  }
  return prepared.map((each) => each.map(({ measured }) => measured));
}
