import { UnrecoverableError, Worker } from "bullmq";
import type { Progress } from "../../core/progress.ts";
import type { Job } from "../jobs/job.ts";
import { openJobProcesses } from "../jobs/job-processes.ts";
import { MissingInputError } from "../jobs/perform-job.ts";
import { QUEUE, redisOptions } from "./connection.ts";
import { missingReason, type QueuedData } from "./queued-data.ts";

export interface QueueWorkerOptions {
  /** `redis://` address. */
  readonly address: string;
  /** Folder of the artefact store, as this machine sees it. */
  readonly store: string;
  /** URL of a module that exports `handlers`, compiled. */
  readonly handlers: string;
  /** Jobs at a time. */
  readonly concurrency: number;
  /** Threads inside one operator. Defaults to 1. */
  readonly threads?: number;
  /** Milliseconds without a sign of life after which another worker takes a job. Defaults to 30,000. */
  readonly lockMilliseconds?: number;
  /** Told of each job that begins, ends or fails. Defaults to nobody. */
  readonly onEvent?: (event: WorkerEvent) => void;
}

export interface WorkerEvent {
  readonly job: Job;
  readonly state: "begun" | "done" | "failed";
  readonly message?: string;
  readonly progress?: Progress;
}

/** A worker that takes jobs from the queue. */
export interface QueueWorker {
  /** Ends after the jobs at hand, or at once with `force`: others take them over. */
  close(force?: boolean): Promise<void>;
}

/** Times that a job may be found without a living worker before it counts as failed: the machine may be the cause. */
const MOST_STALLS = 10;

/** Begins to take jobs. Connections are made again by themselves. Close it. */
export function openQueueWorker(options: QueueWorkerOptions): QueueWorker {
  const { address, store, handlers, concurrency, threads, lockMilliseconds = 30_000 } = options;
  const { onEvent = () => undefined } = options;
  const processes = openJobProcesses({ store, handlers, count: concurrency, threads });
  const stop = new AbortController();
  const worker = new Worker<QueuedData>(
    QUEUE,
    async (queued) => {
      const { job } = queued.data;
      onEvent({ job, state: "begun" });
      const onProgress = (progress: Progress) => {
        // Lost progress is no harm; a lost connection shows elsewhere.
        queued.updateProgress(progress as object).catch(() => undefined);
      };
      try {
        await processes.run(job, { priority: 0, onBegin: () => undefined, onProgress, signal: stop.signal });
        onEvent({ job, state: "done" });
      } catch (cause) {
        const message = cause instanceof Error ? cause.message : String(cause);
        onEvent({ job, state: "failed", message });
        if (!(cause instanceof MissingInputError)) throw cause;
        // To try again does not help before the input has been made again.
        const role = Object.keys(job.inputs).find((name) => job.inputs[name] === cause.inputId)!;
        throw new UnrecoverableError(missingReason(role));
      }
    },
    {
      connection: redisOptions(address),
      concurrency,
      lockDuration: lockMilliseconds,
      stalledInterval: lockMilliseconds,
      maxStalledCount: MOST_STALLS,
      removeOnComplete: { count: 0 },
    },
  );
  worker.on("error", () => undefined);
  return {
    async close(force = false) {
      if (force) stop.abort();
      await worker.close(force).catch(() => undefined);
      await processes.close();
    },
  };
}
