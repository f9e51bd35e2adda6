import { setMaxListeners } from "node:events";
import { GanglionError, type Problem } from "../../core/errors.ts";
import type { Progress } from "../../core/progress.ts";
import type { ArtefactStore } from "./artefact-store.ts";
import { type Job, jobGraph } from "./job.ts";
import { MissingInputError } from "./perform-job.ts";
import { ReadyJobs } from "./ready-jobs.ts";
import { removeScratchOf } from "./scratch-folder.ts";

/** Where a job stands. `waiting`: nobody has begun it; `blocked`: a job that it needs has failed. */
export type JobState = "waiting" | "running" | "kept" | "made" | "failed" | "blocked";

/** A change of one job, for whoever watches. */
export interface JobEvent {
  readonly job: Job;
  readonly state: JobState;
  /** Why it failed. */
  readonly message?: string;
  /** How far a running one is. */
  readonly progress?: Progress;
  /** Who does or did it: `process PID` of this machine, or `HOST:PID` of a worker. */
  readonly worker?: string;
}

/** How a job is handed out. */
export interface HandOut {
  /** Jobs of the longest chain that waits for it: the longer, the sooner it should be done. */
  readonly priority: number;
  /** Told who does it, each time that somebody begins. */
  readonly onBegin: (worker: string) => void;
  readonly onProgress: (progress: Progress) => void;
  /** Gives the job up. */
  readonly signal: AbortSignal;
}

/** Does one job somewhere: in a process of this machine, or through a queue on any. */
export interface JobRunner {
  /** Jobs that it takes at a time. */
  readonly concurrency: number;
  /** Kinds of jobs that it does beside the others, one at a time. Defaults to none. */
  readonly beside?: ReadonlySet<string>;
  /**
   * Has the artefact of a job made.
   * @throws MissingInputError when an input is gone; any other error when the job failed for good
   */
  run(job: Job, how: HandOut): Promise<void>;
  close(): Promise<void>;
}

export interface RunJobsOptions {
  readonly store: ArtefactStore;
  readonly runner: JobRunner;
  /** Told of each change. Defaults to nobody. */
  readonly onEvent?: (event: JobEvent) => void;
  /** Ends the work: nothing is handed out any more. Defaults to a signal that never is aborted. */
  readonly signal?: AbortSignal | undefined;
}

/** Counts of the jobs of a graph after it ran. */
export interface RunJobsResult {
  /** Artefacts that were there already. */
  readonly kept: number;
  readonly made: number;
}

/** Jobs of the longest chain of readers behind each job. */
function chainLengths(graph: ReadonlyMap<string, Job>): ReadonlyMap<string, number> {
  const lengths = new Map<string, number>();
  for (const job of [...graph.values()].reverse()) {
    const own = lengths.get(job.id) ?? 0;
    lengths.set(job.id, own);
    for (const id of Object.values(job.inputs)) lengths.set(id, Math.max(lengths.get(id) ?? 0, own + 1));
  }
  return lengths;
}

/** How often an input that is gone is made again before its reader fails. */
const MAX_REPAIRS = 3;

/** Looks at that many artefacts at a time. */
const LOOKS = 16;

/** Ids of the jobs whose artefacts are there. */
async function findKept(graph: ReadonlyMap<string, Job>, store: ArtefactStore): Promise<ReadonlySet<string>> {
  const kept = new Set<string>();
  const ids = graph.keys();
  const look = async () => {
    for (const id of ids) if (await store.has(id)) kept.add(id);
  };
  await Promise.all(Array.from({ length: LOOKS }, look));
  return kept;
}

/**
 * Does every job whose artefact the store does not have, each after those that it reads. A failure blocks what depends on
 * it and nothing else.
 * @throws GanglionError `training` with every failure; `run` when it was stopped
 */
export async function runJobs(jobs: readonly Job[], options: RunJobsOptions): Promise<RunJobsResult> {
  const { store, runner, onEvent = () => undefined, signal = new AbortController().signal } = options;
  // Each job that is handed out listens to it.
  setMaxListeners(0, signal);
  const graph = jobGraph(jobs);
  const priorities = chainLengths(graph);
  const states = new Map<string, JobState>();
  const missing = new Map<string, Set<string>>();
  const readers = new Map<string, string[]>();
  const repairs = new Map<string, number>();
  const workers = new Map<string, string>();
  const problems: Problem[] = [];
  const lanes = {
    main: { ready: new ReadyJobs(), out: new Set<string>(), most: runner.concurrency },
    beside: { ready: new ReadyJobs(), out: new Set<string>(), most: 1 },
  };
  const laneOf = (id: string) => (runner.beside?.has(graph.get(id)!.kind) ? lanes.beside : lanes.main);
  const makeReady = (id: string) => laneOf(id).ready.add(id, priorities.get(id)!);
  const tell = (id: string, state: JobState, more: Partial<JobEvent> = {}) => {
    states.set(id, state);
    const worker = workers.get(id);
    onEvent({ job: graph.get(id)!, state, ...(worker === undefined ? {} : { worker }), ...more });
  };
  const isDone = (id: string) => states.get(id) === "kept" || states.get(id) === "made";

  const kept = await findKept(graph, store);
  removeScratchOf(store.root, kept);
  for (const job of graph.values()) {
    for (const id of new Set(Object.values(job.inputs))) {
      const known = readers.get(id);
      if (known === undefined) readers.set(id, [job.id]);
      else known.push(job.id);
    }
    tell(job.id, kept.has(job.id) ? "kept" : "waiting");
  }
  /** Puts a waiting job among the ready ones once everything that it reads is there. */
  const consider = (id: string) => {
    const inputs = Object.values(graph.get(id)!.inputs);
    missing.set(id, new Set(inputs.filter((input) => !isDone(input))));
    if (missing.get(id)!.size === 0) makeReady(id);
  };
  const finish = (id: string) => {
    for (const reader of readers.get(id) ?? []) {
      const left = missing.get(reader);
      if (left?.delete(id) && left.size === 0 && states.get(reader) === "waiting") makeReady(reader);
    }
  };
  const block = (id: string, because: string) => {
    const failed = [id];
    for (let next = failed.pop(); next !== undefined; next = failed.pop()) {
      for (const reader of readers.get(next) ?? []) {
        if (states.get(reader) !== "waiting" || laneOf(reader).out.has(reader)) continue;
        tell(reader, "blocked", { message: because });
        failed.push(reader);
      }
    }
  };
  const fail = (job: Job, message: string) => {
    problems.push({ code: "job", path: job.title, message });
    tell(job.id, "failed", { message });
    block(job.id, `${job.title} failed`);
  };
  /** Has an input that is gone made again before its reader. @returns false when it cannot be */
  const repair = (id: string, inputId: string): boolean => {
    const repaired = repairs.get(id) ?? 0;
    const state = states.get(inputId);
    if (state === undefined || repaired >= MAX_REPAIRS) return false;
    repairs.set(id, repaired + 1);
    workers.delete(id);
    if (state === "failed" || state === "blocked") {
      tell(id, "blocked", { message: `${graph.get(inputId)!.title} ${state === "failed" ? "failed" : "is blocked"}` });
      block(id, `${graph.get(id)!.title} is blocked`);
      return true;
    }
    tell(id, "waiting");
    if (isDone(inputId)) {
      workers.delete(inputId);
      tell(inputId, "waiting");
      consider(inputId);
    }
    consider(id);
    return true;
  };
  for (const id of graph.keys()) if (states.get(id) === "waiting") consider(id);

  let wake: () => void = () => undefined;
  const start = async (id: string, out: Set<string>) => {
    const job = graph.get(id)!;
    out.add(id);
    try {
      await runner.run(job, {
        priority: priorities.get(id)!,
        onBegin(worker) {
          workers.set(id, worker);
          tell(id, "running");
        },
        onProgress: (progress) => tell(id, "running", { progress }),
        signal,
      });
      out.delete(id);
      tell(id, "made");
      finish(id);
    } catch (cause) {
      out.delete(id);
      if (cause instanceof MissingInputError && repair(id, cause.inputId)) return;
      if (!signal.aborted) fail(job, cause instanceof Error ? cause.message : String(cause));
    } finally {
      wake();
    }
  };
  const both = Object.values(lanes);
  for (;;) {
    const changed = new Promise<void>((resolve) => {
      wake = resolve;
    });
    for (const { ready, out, most } of both) {
      while (ready.size > 0 && out.size < most && !signal.aborted) void start(ready.take()!, out);
    }
    if (both.every(({ out }) => out.size === 0)) break;
    await changed;
  }
  const of = (state: JobState) => [...states.values()].filter((own) => own === state).length;
  if (signal.aborted) {
    const message = `stopped: ${of("kept") + of("made")} of ${graph.size} jobs are done and kept; the same command continues from there`;
    throw new GanglionError("run", message);
  }
  if (problems.length > 0) {
    const blocked = of("blocked");
    const rest = blocked === 0 ? "" : `, ${blocked} that need their results were not started`;
    const message = `${problems.length} of ${graph.size} jobs failed${rest}; finished jobs are kept: fix the cause and repeat the same command`;
    throw new GanglionError("training", message, { problems });
  }
  return { kept: of("kept"), made: of("made") };
}
