import { z } from "zod";

/** Where a job stands as its record says it. `interrupted` is never written: it is what a dead process left behind. */
export const JOB_STATES = ["queued", "running", "done", "failed", "refused", "cancelled", "interrupted"] as const;

const problem = z.object({ code: z.string(), path: z.string(), message: z.string() });

/** The last event of progress that a command said (docs/progress.schema.json). */
const progress = z.object({
  stage: z.string(),
  done: z.number(),
  total: z.number().nullable(),
  unit: z.string(),
  secondsLeft: z.number().nullable(),
});

/** Content of `jobs/ID.json`. */
export const jobRecordSchema = z.object({
  format: z.literal("ganglion.job/1"),
  id: z.string(),
  /** Name of the command. */
  command: z.string(),
  /** Words after `ganglion`, as they are given to the process; paths are seen from the project's folder. */
  words: z.array(z.string()),
  /** The same, quoted for a shell. */
  line: z.string(),
  versions: z.object({ ganglion: z.string(), node: z.string() }),
  /** Times are ISO 8601 in UTC. */
  created: z.string(),
  started: z.string().nullable(),
  ended: z.string().nullable(),
  state: z.enum(JOB_STATES),
  /** Process of the command, head of a process group of its own; `start` as `processStart` in `core/process-owner.ts`. */
  process: z.object({ machine: z.string(), pid: z.int().positive(), start: z.string() }).nullable(),
  /** Null where a signal ended it, and before the end. */
  exitCode: z.int().nullable(),
  signal: z.string().nullable(),
  progress: progress.nullable(),
  error: z.object({ code: z.string(), message: z.string(), problems: z.array(problem) }).nullable(),
  /** Absolute paths that were written, by option. */
  outputs: z.record(z.string(), z.string()),
  /** What the command warned of, oldest first, the last twenty; absent in records of earlier versions. */
  warnings: z.array(z.string()).default([]),
  /** Command that comes next, as the command itself says it. */
  next: z.string().nullable(),
});
export type JobRecord = z.infer<typeof jobRecordSchema>;

/** Identity of a job: chosen by who asks for it, so that a request that is sent twice makes one job. */
export const JOB_ID = /^[0-9a-f]{12,32}$/;

/** What becomes of jobs when the studio is stopped: they go on without it, or a training saves its state and what waits waits. */
export const WHEN_STOPPED = ["go-on", "pause"] as const;
export type WhenStopped = (typeof WHEN_STOPPED)[number];

/** Content of `jobs/settings.json`. */
export const jobSettingsSchema = z.object({ whenStopped: z.enum(WHEN_STOPPED) });

/** Folder of a project that its jobs are kept in. */
export const JOBS_FOLDER = "jobs";

export const hasEnded = ({ state }: Pick<JobRecord, "state">): boolean => state !== "queued" && state !== "running";
