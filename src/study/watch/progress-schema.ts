import { z } from "zod";

/** Name of the file in the folder of a study. */
export const PROGRESS_FILE = "progress.json";

/** Where the jobs of one kind stand. */
export const JOB_STATES = ["waiting", "running", "kept", "made", "failed", "blocked"] as const;

/** What a training of an arm goes through, in this order. */
export const STAGES = ["images", "generator", "drawing", "training", "scoring"] as const;
export type Stage = (typeof STAGES)[number];

const count = z.int().nonnegative();
const seconds = z.number().nonnegative();
const time = z.iso.datetime();

const cellSchema = z.object({
  /** `failed`: a job of this training has; `blocked`: one that others need too, e.g. the generator. */
  state: z.enum(["waiting", "running", "done", "failed", "blocked"]),
  /** The stage that runs, comes next or went wrong; null when done. */
  stage: z.enum(STAGES).nullable(),
});

const differenceSchema = z.object({
  control: z.string(),
  /** Seeds that the arm and its control both have by now. */
  seeds: count,
  /** Mean over those seeds, arm minus control. */
  value: z.number(),
  /** Interval of coverage 1 - alpha, corrected for nothing; null below three seeds. */
  low: z.number().nullable(),
  high: z.number().nullable(),
});

const armEstimateSchema = z.object({
  arm: z.string(),
  seeds: count,
  /** Mean of the primary metric over those seeds. */
  mean: z.number(),
  differences: z.array(differenceSchema),
});

/**
 * Where a study stands, for whoever looks at it while it runs. Holds names that its configuration gives, and figures: no image, no
 * patient, no path.
 */
export const studyProgressSchema = z.object({
  format: z.literal("ganglion.study-progress/1"),
  state: z.enum(["running", "done", "stopped", "failed"]),
  started: time,
  /** When the file was written; while a study runs at least every {@link HEARTBEAT_SECONDS}. */
  updated: time,
  /** Estimated from the jobs that are done; null until one of every kind is, and at the end. */
  secondsLeft: seconds.nullable(),
  /** Jobs that this machine does at a time; null where workers take them from a queue. */
  processes: count.nullable(),
  seeds: z.array(z.int()),
  testSets: z.array(z.object({ name: z.string(), distribution: z.enum(["in", "out"]) })),
  /** The primary metric. */
  metric: z.object({ name: z.string(), better: z.enum(["higher", "lower"]) }),
  alpha: z.number(),
  /** Counts by kind, in the order in which the kinds are first needed. */
  jobs: z.array(
    z.object({
      kind: z.string(),
      waiting: count,
      running: count,
      kept: count,
      made: count,
      failed: count,
      blocked: count,
    }),
  ),
  /** One cell a seed, in the order of `seeds`. */
  arms: z.array(z.object({ name: z.string(), controls: z.array(z.string()), cells: z.array(cellSchema) })),
  /** Arms that have a training scored, in the order of `arms`; test sets on which the metric has no value are left out. */
  estimates: z.array(z.object({ testSet: z.string(), arms: z.array(armEstimateSchema) })),
  /** The first {@link MAX_LISTED} of those that run. */
  running: z.array(
    z.object({
      title: z.string(),
      since: time,
      worker: z.string().nullable(),
      progress: z
        .object({ stage: z.string(), done: z.number(), total: z.number().nullable(), unit: z.string() })
        .nullable(),
    }),
  ),
  /** Workers that were heard of since `started`. */
  workers: z.array(z.object({ name: z.string(), jobs: count, seen: time })),
  /** The first {@link MAX_LISTED}. */
  failures: z.array(z.object({ title: z.string(), message: z.string() })),
});

export type StudyProgress = z.infer<typeof studyProgressSchema>;
export type StudyCell = z.infer<typeof cellSchema>;
export type TestSetEstimates = StudyProgress["estimates"][number];

/** A study that runs says so at least this often. */
export const HEARTBEAT_SECONDS = 10;
/** Running jobs and failures that are listed. */
export const MAX_LISTED = 50;
