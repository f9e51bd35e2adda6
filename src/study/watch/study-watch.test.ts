import { readdirSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { writeJson } from "../../core/files.ts";
import { failure, temporaryFolder } from "../../core/testing/fixtures.ts";
import type { Job } from "../jobs/job.ts";
import { compareArms } from "../statistics/compare-arms.ts";
import type { OutcomeTable } from "../statistics/outcome-table.ts";
import { simulateOutcomes } from "../statistics/testing/simulate-outcomes.ts";
import { type PlannedStudy, plannedStudy } from "../testing/planned-study.ts";
import { readStudyProgress } from "./progress-file.ts";
import { PROGRESS_FILE, type StudyProgress } from "./progress-schema.ts";
import { openStudyWatch, type StudyWatch, type StudyWatchOptions } from "./study-watch.ts";

type Estimate = StudyProgress["estimates"][number];

let folder: string;
let study: PlannedStudy;
let outcomes: OutcomeTable;
let watch: StudyWatch;
/** A store that has every artefact, in a folder that is named by its id. */
const store = { root: "/somewhere/store", find: async (id: string) => id };

function open(changes: Partial<StudyWatchOptions> = {}): void {
  const trials = new Map(study.plan.trials.map((trial) => [trial.job, trial]));
  const readScores = async (id: string) => {
    const { arm, seed } = trials.get(id)!;
    return outcomes.trials.find((trial) => trial.arm === arm && trial.seed === seed)!.scores;
  };
  const readTestSet = async (name: string) => ({ ...outcomes.testSets[0]!, name });
  watch = openStudyWatch({ ...study, folder, store, processes: 2, readScores, readTestSet, ...changes });
}

beforeEach(async () => {
  folder = await temporaryFolder();
  study = plannedStudy();
  const world = {
    patients: 60,
    imagesPerPatient: 2,
    prevalence: 0.4,
    seeds: study.config.seeds.length,
    separation: Object.fromEntries(study.plan.arms.map(({ name }, a) => [name, 1 + 0.3 * a])),
    seedDeviation: 0.2,
    failedShare: 0,
    sharedSeed: 0,
    patientDeviation: 0.3,
    armPatientDeviation: 0.2,
    trainingPatientDeviation: 0.2,
  };
  outcomes = simulateOutcomes(world, 1);
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date"] });
});
afterEach(() => vi.useRealTimers());

const make = (...jobs: readonly Job[]) => {
  for (const job of jobs) watch.onEvent({ job, state: "made" });
};
/** Ends the study and reads what is on disk. */
async function closed(state: "done" | "stopped" = "done"): Promise<StudyProgress> {
  await watch.close(state);
  return readStudyProgress(folder);
}

describe("estimates", () => {
  const arm = "real + 0.5 gan random";

  test("are those of the report's statistics, with an interval from three seeds on", async () => {
    const { scored } = study;
    open();
    make(scored(arm, 0), scored("real", 0), scored("real", 1), scored("real", 3), scored("real x1.5", 0));
    watch.onEvent({ job: scored(arm, 1), state: "kept" });
    let [{ testSet, arms }] = (await closed()).estimates as [Estimate];
    expect(testSet).toBe("held-out");
    expect(arms.map((one) => [one.arm, one.seeds])).toEqual([
      ["real", 3],
      ["real x1.5", 1],
      [arm, 2],
    ]);
    expect(arms[2]!.differences).toMatchObject([
      { control: "real", seeds: 2, low: null, high: null },
      { control: "real x1.5", seeds: 1, low: null },
    ]);

    open();
    make(...[0, 1, 3].flatMap((seed) => [scored(arm, seed), scored("real", seed)]));
    [{ arms }] = (await closed()).estimates as [Estimate];
    const testSets = [{ ...outcomes.testSets[0]!, name: "held-out" }];
    const trials = outcomes.trials
      .filter((trial) => [arm, "real"].includes(trial.arm) && trial.seed !== 2)
      .map((trial) => ({ ...trial, testSet: "held-out" }));
    const questions = [{ arm, controls: ["real"] }];
    const [report] = compareArms({ testSets, trials }, { questions, metrics: ["auc"], resamples: 100 });
    const found = arms.find((one) => one.arm === arm)!;
    expect(found.mean).toBe(report!.arm);
    expect(found.differences).toEqual([{ control: "real", seeds: 3, value: report!.value, ...report!.interval }]);
  });

  test("leave out what cannot be read or does not fit, and a test set on which the metric has no value", async () => {
    const { scored } = study;
    const readScores = async (id: string) => {
      if (id === scored("real", 0).id) throw new Error("gone");
      if (id === scored("real", 1).id) return new Float32Array(2);
      return outcomes.trials[0]!.scores;
    };
    open({ readScores });
    make(scored("real", 0), scored("real", 1), scored("real", 2));
    expect((await closed()).estimates[0]!.arms).toMatchObject([{ arm: "real", seeds: 1 }]);
    study = plannedStudy({ metrics: ["auc:positive"], primary: "auc:positive" });
    const labels = new Int32Array(outcomes.testSets[0]!.labels.length);
    open({ readTestSet: async (name) => ({ ...outcomes.testSets[0]!, name, labels }) });
    make(study.scored("real", 0));
    expect((await closed()).estimates).toEqual([]);
  });

  test("are not waited for when the study is stopped", async () => {
    open();
    make(study.scored("real", 0));
    expect(await closed("stopped")).toMatchObject({ state: "stopped", estimates: [] });
  });
});

/** A file has a temporary name until it is whole. */
const isWriting = () => readdirSync(folder).some((name) => name !== PROGRESS_FILE);
/** Lets time pass in steps of 100 ms, does something at each, and returns what was on disk after each change. */
async function pass(milliseconds: number, each: () => void = () => undefined): Promise<StudyProgress[]> {
  const found = new Map<string, StudyProgress>();
  for (let passed = 0; passed < milliseconds; passed += 100) {
    each();
    await vi.advanceTimersByTimeAsync(100);
    // What was begun (reading, writing) ends in true time.
    for (let turn = 0; turn < 20 || isWriting(); turn++) await new Promise((resolve) => setImmediate(resolve));
    const progress = await readStudyProgress(folder).catch(() => null);
    if (progress !== null) found.set(progress.updated, progress);
  }
  return [...found.values()];
}
const gaps = (times: readonly number[]) => times.slice(1).map((time, i) => time - times[i]!);
const timesOf = (found: readonly StudyProgress[]) => found.map(({ updated }) => Date.parse(updated));

describe("the file", () => {
  test("is written at most once a second, every ten where nothing happens, and nothing is left beside it", async () => {
    open();
    const [job] = study.ofKind("train-generator");
    const busy = gaps(timesOf(await pass(5000, () => watch.onEvent({ job: job!, state: "running" }))));
    expect(busy.length).toBeGreaterThan(1);
    expect(Math.min(...busy)).toBeGreaterThanOrEqual(1000);
    expect(Math.max(...busy)).toBeLessThan(3000);
    const quiet = gaps(timesOf(await pass(25_000)));
    expect(quiet.length).toBeGreaterThan(0);
    expect(Math.max(...quiet)).toBeLessThanOrEqual(10_100);
    await watch.close("stopped");
    expect(readdirSync(folder)).toEqual([PROGRESS_FILE]);
  });

  test("has new estimates at most every five seconds", async () => {
    open();
    const left = [...study.ofKind("score")];
    const found = await pass(16_000, () => make(...left.splice(0, 1)));
    const changes = found.filter((one, i) => i > 0 && !equalEstimates(one, found[i - 1]!));
    expect(changes.length).toBeGreaterThan(1);
    // A change is seen with the next writing, up to a second later.
    expect(Math.min(...gaps(timesOf(changes)))).toBeGreaterThanOrEqual(4000);
    await watch.close("stopped");
  });

  test("that cannot be written does not fail the study", async () => {
    open({ folder: "/dev/null/no" });
    make(study.scored("real", 0));
    await expect(watch.close("done")).resolves.toBeUndefined();
  });

  test("of another version is not read", async () => {
    await writeJson(`${folder}/${PROGRESS_FILE}`, { format: "ganglion.study-progress/2" });
    expect((await failure(readStudyProgress(folder))).message).toContain("not the progress of a study of this version");
  });
});

const equalEstimates = (a: StudyProgress, b: StudyProgress) =>
  JSON.stringify(a.estimates) === JSON.stringify(b.estimates);
