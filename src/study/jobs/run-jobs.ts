import { GanglionError, type Problem } from "../../core/errors.ts";
import type { Progress } from "../../core/progress.ts";
import type { ArtefactStore } from "./artefact-store.ts";
import { type Job, jobGraph } from "./job.ts";
import { MissingInputError } from "./perform-job.ts";

/** Where a job stands. `blocked`: a job that it needs has failed. */
export type JobState = "waiting" | "running" | "kept" | "made" | "failed" | "blocked";

/** A change of one job, for whoever watches. */
export interface JobEvent {
  readonly job: Job;
  readonly state: JobState;
  /** Why it failed. */
  readonly message?: string;
  /** How far a running one is. */
  readonly progress?: Progress;
}

/** How a job is handed out. */
export interface HandOut {
  /** Jobs of the longest chain that waits for it: the longer, the sooner it should be done. */
  readonly priority: number;
  readonly onProgress: (progress: Progress) => void;
  /** Gives the job up. */
  readonly signal: AbortSignal;
}

/** Does one job somewhere: in a process of this machine, or through a queue on any. */
export interface JobRunner {
  /** Jobs that it takes at a time. */
  readonly concurrency: number;
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
  readonly signal?: AbortSignal;
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
const MOST_REPAIRS = 3;

/**
 * Does every job whose artefact the store does not have, each after those that it reads. A failure blocks what depends on
 * it and nothing else.
 * @throws GanglionError `training` with every failure; `run` when it was stopped
 */
export async function runJobs(jobs: readonly Job[], options: RunJobsOptions): Promise<RunJobsResult> {
  const { store, runner, onEvent = () => undefined, signal = new AbortController().signal } = options;
  const graph = jobGraph(jobs);
  const priorities = chainLengths(graph);
  const states = new Map<string, JobState>();
  const missing = new Map<string, Set<string>>();
  const readers = new Map<string, string[]>();
  const repairs = new Map<string, number>();
  const problems: Problem[] = [];
  const ready: string[] = [];
  const tell = (id: string, state: JobState, message?: string) => {
    states.set(id, state);
    onEvent({ job: graph.get(id)!, state, ...(message === undefined ? {} : { message }) });
  };
  const isDone = (id: string) => states.get(id) === "kept" || states.get(id) === "made";

  for (const job of graph.values()) {
    for (const id of new Set(Object.values(job.inputs))) {
      readers.set(id, [...(readers.get(id) ?? []), job.id]);
    }
    tell(job.id, (await store.find(job.id)) === null ? "waiting" : "kept");
  }
  /** Puts a waiting job among the ready ones once everything that it reads is there. */
  const consider = (id: string) => {
    const inputs = Object.values(graph.get(id)!.inputs);
    missing.set(id, new Set(inputs.filter((input) => !isDone(input))));
    if (missing.get(id)!.size === 0) ready.push(id);
  };
  const finish = (id: string) => {
    for (const reader of readers.get(id) ?? []) {
      const left = missing.get(reader);
      if (left?.delete(id) && left.size === 0 && states.get(reader) === "waiting") ready.push(reader);
    }
  };
  const block = (id: string, because: string) => {
    for (const reader of readers.get(id) ?? []) {
      if (states.get(reader) !== "waiting") continue;
      tell(reader, "blocked", because);
      block(reader, because);
    }
  };
  const fail = (job: Job, message: string) => {
    problems.push({ code: "job", path: job.title, message });
    tell(job.id, "failed", message);
    block(job.id, `${job.title} failed`);
  };
  for (const id of graph.keys()) if (states.get(id) === "waiting") consider(id);

  const takeFirst = () => {
    const first = ready.reduce((best, id, at) => (priorities.get(id)! > priorities.get(ready[best])! ? at : best), 0);
    return ready.splice(first, 1)[0];
  };
  const running = new Set<Promise<void>>();
  const start = (id: string) => {
    const job = graph.get(id)!;
    tell(id, "running");
    const work = runner
      .run(job, {
        priority: priorities.get(id)!,
        onProgress: (progress) => onEvent({ job, state: "running", progress }),
        signal,
      })
      .then(
        () => {
          tell(id, "made");
          finish(id);
        },
        (cause: unknown) => {
          const repaired = repairs.get(id) ?? 0;
          if (cause instanceof MissingInputError && repaired < MOST_REPAIRS && graph.has(cause.inputId)) {
            repairs.set(id, repaired + 1);
            tell(id, "waiting");
            if (isDone(cause.inputId)) {
              tell(cause.inputId, "waiting");
              consider(cause.inputId);
            }
            consider(id);
            return;
          }
          if (!signal.aborted) fail(job, cause instanceof Error ? cause.message : String(cause));
        },
      )
      .finally(() => running.delete(work));
    running.add(work);
  };
  while (ready.length > 0 || running.size > 0) {
    while (ready.length > 0 && running.size < runner.concurrency && !signal.aborted) start(takeFirst());
    if (running.size === 0) break;
    await Promise.race(running);
  }
  const of = (state: JobState) => [...states.values()].filter((own) => own === state).length;
  if (signal.aborted) {
    const message = `stopped: ${of("kept") + of("made")} of ${graph.size} jobs are done and kept; the same command goes on from there`;
    throw new GanglionError("run", message);
  }
  if (problems.length > 0) {
    const blocked = of("blocked");
    const rest = blocked === 0 ? "" : `, ${blocked} that need their results were not begun`;
    const message = `${problems.length} of ${graph.size} jobs failed${rest}; what is done is kept: put the cause right and give the same command again`;
    throw new GanglionError("training", message, { problems });
  }
  return { kept: of("kept"), made: of("made") };
}
