import { setImmediate } from "node:timers/promises";
import { mean } from "../../math/mean.ts";
import type { StudyConfig } from "../config.ts";
import type { ArtefactStore } from "../jobs/artefact-store.ts";
import type { PlannedTrial, StudyPlan } from "../plan.ts";
import { type MeasuredTrial, measureTrials } from "../statistics/measure-trials.ts";
import { type OutcomeMetric, parseOutcomeMetric } from "../statistics/outcome-metric.ts";
import type { Trial } from "../statistics/outcome-table.ts";
import { pairedDifference } from "../statistics/paired-difference.ts";
import { patientsPerClass, type TestSet } from "../statistics/test-set.ts";
import type { TestSetEstimates } from "./progress-schema.ts";

/** How the artefacts of a study are read. */
export interface OutcomeReaders {
  /** Probabilities [images, classes], row-major, of an artefact of kind `score`. */
  readScores(folder: string): Promise<Float32Array>;
  /** A test set, from the artefact of its images or of their features. */
  readTestSet(name: string, folder: string): Promise<TestSet>;
}

export interface EstimateOptions extends OutcomeReaders {
  readonly config: Pick<StudyConfig, "primary" | "alpha">;
  readonly plan: StudyPlan;
  readonly store: Pick<ArtefactStore, "find">;
}

/** What the trials that are there say of the arms, by the primary metric. */
export interface RunningEstimates {
  /** A trial has its scores. */
  add(trial: PlannedTrial): void;
  /** Trials that were added and are not measured yet. */
  readonly pending: number;
  /**
   * Measures them, little by little so that nothing else waits for long; one whose artefacts cannot be read is left out.
   * @param goOn Asked now and then; when it says no, the rest stays pending.
   */
  update(goOn: () => boolean): Promise<void>;
  /** By test set, in the order of the plan. */
  table(): TestSetEstimates[];
}

/** Resamples of the patients: fewer than a report takes, since nothing is decided from these intervals. */
const RESAMPLES = 100;
/** Milliseconds of work after which others get their turn, about. */
const SLICE = 50;
const MIN_AT_ONCE = 4;
const MAX_AT_ONCE = 32;

interface OpenSet {
  readonly set: TestSet;
  readonly patients: number;
  readonly byArm: Map<string, MeasuredTrial[]>;
  atOnce: number;
}

/** Opens the estimates of a study: none at first. */
export function openRunningEstimates(options: EstimateOptions): RunningEstimates {
  const { config, plan, store, readScores, readTestSet } = options;
  const metric = parseOutcomeMetric(config.primary);
  const names = [...new Set(plan.trials.map(({ testSet }) => testSet))];
  const sets = new Map<string, OpenSet | null>();
  const tables = new Map<string, TestSetEstimates>();
  const known = new Set<string>();
  let waiting: PlannedTrial[] = [];

  /** Null where the metric has no value: it is of a class without images. */
  async function open(name: string, scoreJob: string): Promise<OpenSet | null> {
    const folder = await store.find(plan.jobs.get(scoreJob)!.inputs.images!);
    if (folder === null) return null;
    const set = await readTestSet(name, folder);
    if (!hasClass(metric, set)) return null;
    return { set, patients: new Set(set.patients).size, byArm: new Map(), atOnce: MIN_AT_ONCE };
  }

  async function read({ arm, seed, testSet, job }: PlannedTrial, set: TestSet): Promise<Trial | null> {
    const folder = await store.find(job);
    const scores = folder === null ? null : await readScores(folder);
    return scores?.length === set.labels.length * set.classes.length ? { arm, seed, testSet, scores } : null;
  }

  async function measure(name: string, trials: readonly PlannedTrial[], goOn: () => boolean): Promise<void> {
    if (!sets.has(name)) sets.set(name, await open(name, trials[0]!.job).catch(() => null));
    const opened = sets.get(name);
    if (opened == null) return;
    let at = 0;
    while (at < trials.length) {
      if (!goOn()) {
        waiting.push(...trials.slice(at));
        break;
      }
      const batch = trials.slice(at, at + opened.atOnce);
      at += batch.length;
      const found = await Promise.all(batch.map((trial) => read(trial, opened.set).catch(() => null)));
      const begun = performance.now();
      const usable = found.filter((trial) => trial !== null);
      const [measured] = measureTrials(opened.set, usable, [metric], { resamples: RESAMPLES });
      for (const trial of measured!) {
        if (Number.isFinite(trial.value)) opened.byArm.set(trial.arm, [...(opened.byArm.get(trial.arm) ?? []), trial]);
      }
      const took = performance.now() - begun;
      opened.atOnce = Math.max(
        MIN_AT_ONCE,
        Math.min(MAX_AT_ONCE, Math.floor((batch.length * SLICE) / Math.max(took, 1))),
      );
      await setImmediate();
    }
    tables.set(name, await compare(name, opened));
  }

  async function compare(testSet: string, { byArm, patients }: OpenSet): Promise<TestSetEstimates> {
    const arms: TestSetEstimates["arms"] = [];
    let begun = performance.now();
    for (const { name: arm, controls } of plan.arms) {
      const own = byArm.get(arm) ?? [];
      if (own.length === 0) continue;
      const differences = controls.flatMap((control) => {
        const found = pairedDifference(own, byArm.get(control) ?? [], { alpha: config.alpha, patients });
        if (found.seeds.length === 0) return [];
        const { low = null, high = null } = found.interval ?? {};
        return [{ control, seeds: found.seeds.length, value: found.value, low, high }];
      });
      arms.push({ arm, seeds: own.length, mean: mean(own.map(({ value }) => value)), differences });
      if (performance.now() - begun > SLICE) {
        await setImmediate();
        begun = performance.now();
      }
    }
    return { testSet, arms };
  }

  return {
    add(trial) {
      if (known.has(trial.job)) return;
      known.add(trial.job);
      waiting.push(trial);
    },
    get pending() {
      return waiting.length;
    },
    async update(goOn) {
      const taken = waiting;
      waiting = [];
      for (const name of names) {
        const own = taken.filter(({ testSet }) => testSet === name);
        if (own.length > 0) await measure(name, own, goOn);
      }
    },
    table: () => names.flatMap((name) => tables.get(name) ?? []),
  };
}

function hasClass({ ofClass }: OutcomeMetric, set: TestSet): boolean {
  return ofClass === null || (patientsPerClass(set)[set.classes.indexOf(ofClass)] ?? 0) > 0;
}
