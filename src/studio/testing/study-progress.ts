import { Rng } from "../../core/rng.ts";
import type { StudyCell, StudyProgress } from "../../study/watch/progress-schema.ts";

const REAL = "real";
/** Arms with what they are held against. */
const ARMS: readonly (readonly [string, readonly string[]])[] = [
  [REAL, []],
  ["oversampled", [REAL]],
  ["real x1.5", [REAL]],
  ["real x2", [REAL]],
  ["real + 0.5 r3gan random", [REAL, "real x1.5"]],
  ["real + 1 r3gan random", [REAL, "real x2"]],
  ["real + 1 r3gan best:4 minority", [REAL, "real x2"]],
  ["balanced by r3gan random", [REAL, "oversampled"]],
  ["only r3gan random", [REAL]],
];
const SEEDS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
const TRAININGS = ARMS.length * SEEDS.length;
/** Trainings with synthetic images. */
const DRAWN = 5 * SEEDS.length;
const TEST_SETS = [
  { name: "held-out", distribution: "in" },
  { name: "ham10000", distribution: "out" },
] as const;

/** How far a made-up study is. */
export type StudyMoment = "begun" | "half" | "failed" | "done";

const CELLS: Readonly<Record<StudyMoment, (arm: number, seed: number) => StudyCell>> = {
  begun: (arm) => ({ state: arm < 4 ? "waiting" : "running", stage: arm < 4 ? "training" : "generator" }),
  half(arm, seed) {
    const place = seed * ARMS.length + arm;
    if (place < 24) return { state: "done", stage: null };
    if (place < 26) return { state: "running", stage: place === 24 ? "scoring" : "training" };
    return place === 26 ? { state: "running", stage: "drawing" } : { state: "waiting", stage: "training" };
  },
  failed(arm, seed) {
    if (arm === 2 && seed === 3) return { state: "failed", stage: "training" };
    return arm < 4 ? { state: "done", stage: null } : { state: "blocked", stage: "generator" };
  },
  done: () => ({ state: "done", stage: null }),
};

function estimates(cells: readonly (readonly StudyCell[])[]): StudyProgress["estimates"] {
  const rng = new Rng(1, "made-up estimates");
  return TEST_SETS.map(({ name: testSet }, set) => {
    const values = ARMS.map((_, a) => SEEDS.map(() => 0.78 - 0.1 * set + 0.008 * a * set + 0.02 * rng.normal()));
    const has = (a: number) => SEEDS.flatMap((_, s) => (cells[a]![s]!.state === "done" ? [s] : []));
    const mean = (of: readonly number[]) => of.reduce((sum, value) => sum + value, 0) / of.length;
    const arms = ARMS.flatMap(([arm, controls], a) => {
      if (has(a).length === 0) return [];
      const differences = controls.flatMap((control) => {
        const c = ARMS.findIndex(([name]) => name === control);
        const common = has(a).filter((s) => has(c).includes(s));
        if (common.length === 0) return [];
        const value = mean(common.map((s) => values[a]![s]! - values[c]![s]!));
        const reach = 0.06 / Math.sqrt(common.length);
        const known = common.length >= 3;
        return [
          {
            control,
            seeds: common.length,
            value,
            low: known ? value - reach : null,
            high: known ? value + reach : null,
          },
        ];
      });
      return [{ arm, seeds: has(a).length, mean: mean(has(a).map((s) => values[a]![s]!)), differences }];
    });
    return { testSet, arms };
  }).filter(({ arms }) => arms.length > 0);
}

function jobs(kind: string, all: number, done: number, more: Partial<StudyProgress["jobs"][number]> = {}) {
  const { running = 0, failed = 0, blocked = 0 } = more;
  const waiting = all - done - running - failed - blocked;
  return { kind, waiting, running, kept: 0, made: done, failed, blocked };
}

/** Where a made-up study of nine arms, ten seeds and two test sets stands. @param updated ISO time. */
export function studyProgress(moment: StudyMoment, updated: string): StudyProgress {
  const cells = ARMS.map((_, a) => SEEDS.map((_, s) => CELLS[moment](a, s)));
  const count = (...states: readonly string[]) => cells.flat().filter(({ state }) => states.includes(state)).length;
  const [done, blocked, failed] = [count("done"), count("blocked"), count("failed")];
  const at = (secondsAgo: number) => new Date(Date.parse(updated) - 1000 * secondsAgo).toISOString();
  const isRunning = moment === "begun" || moment === "half";
  const job = (
    title: string,
    since: number,
    worker: string,
    progress: StudyProgress["running"][number]["progress"],
  ) => ({
    title,
    since: at(since),
    worker,
    progress,
  });
  const running =
    moment === "begun"
      ? [
          job("train generator r3gan", 312, "process 4711", {
            stage: "train",
            done: 6200,
            total: 20_000,
            unit: "images",
          }),
        ]
      : [
          job("score only r3gan random, seed 1, on ham10000", 3, "process 4711", null),
          job("train oversampled, seed 2", 41, "process 4712", { stage: "train", done: 4, total: 15, unit: "epochs" }),
        ];
  return {
    format: "ganglion.study-progress/1",
    state: moment === "failed" ? "failed" : moment === "done" ? "done" : "running",
    started: at({ begun: 320, half: 5460, failed: 900, done: 11_200 }[moment]),
    updated,
    secondsLeft: moment === "half" ? 4310 : null,
    processes: 2,
    seeds: SEEDS,
    testSets: [...TEST_SETS],
    metric: { name: "auc", better: "higher" },
    alpha: 0.05,
    jobs: [
      jobs("pack-images", 3, 3),
      moment === "failed"
        ? jobs("train-generator", 1, 0, { failed: 1 })
        : jobs("train-generator", 1, moment === "begun" ? 0 : 1, { running: moment === "begun" ? 1 : 0 }),
      jobs("sample", DRAWN, { begun: 0, half: 14, failed: 0, done: DRAWN }[moment], {
        blocked: moment === "failed" ? DRAWN : 0,
      }),
      jobs("train-classifier", TRAININGS, done, { failed, blocked, running: moment === "half" ? 1 : 0 }),
      jobs("score", 2 * TRAININGS, 2 * done, { blocked: 2 * (blocked + failed), running: moment === "half" ? 1 : 0 }),
    ],
    arms: ARMS.map(([name, controls], a) => ({ name, controls: [...controls], cells: cells[a]! })),
    estimates: estimates(cells),
    running: isRunning ? running : [],
    workers: [
      { name: "process 4711", jobs: 37, seen: at(1) },
      { name: "process 4712", jobs: 31, seen: at(0) },
    ],
    failures:
      moment === "failed"
        ? [
            {
              title: "train generator r3gan",
              message: "the loss of the discriminator is not a number after 1,200 images; lower the learning rate",
            },
            {
              title: "train real x1.5, seed 3",
              message: "its process ended (signal SIGKILL), which a lack of memory may cause",
            },
          ]
        : [],
  };
}
