import { hostname } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import { DelayedError, type Job as QueuedJob, UnrecoverableError, Worker } from "bullmq";
import type { Progress } from "../../core/progress.ts";
import type { Job } from "../jobs/job.ts";
import { openJobProcesses } from "../jobs/job-processes.ts";
import { MissingInputError, OutOfRoomError } from "../jobs/perform-job.ts";
import { queueName, redisOptions } from "./connection.ts";
import { missingReason, type QueuedData, type WorkerNews } from "./queued-data.ts";

export interface QueueWorkerOptions {
  /** `redis://` address. */
  readonly address: string;
  /** The artefact store, opened, as this machine names it. */
  readonly store: { readonly id: string; readonly address: string };
  /** URL of a module that exports `handlers`, compiled. */
  readonly handlers: string;
  /** Jobs at a time. */
  readonly concurrency: number;
  /** Threads inside one operator. Defaults to 1. */
  readonly threads?: number;
  /** Milliseconds without a sign of life after which another worker takes a job. Defaults to 30,000. */
  readonly lockMilliseconds?: number;
  /** Milliseconds for which no job is taken once the disk was full. Defaults to 30,000. */
  readonly restMilliseconds?: number;
  /** Told of each job that begins, goes on, ends, fails or is given back. Defaults to nobody. */
  readonly onEvent?: (event: WorkerEvent) => void;
  /** Told in words that Redis went or is back. Defaults to nobody. */
  readonly onNote?: (message: string) => void;
}

export interface WorkerEvent {
  readonly job: Job;
  readonly state: "begun" | "running" | "done" | "failed" | "returned";
  readonly message?: string;
  readonly progress?: Progress;
}

/** A worker that takes jobs from the queue. */
export interface QueueWorker {
  /** `HOST:PID`, by which whoever runs the study sees it. */
  readonly name: string;
  /** Ends after the jobs at hand, or at once with `force`: others take them over. */
  close(force?: boolean): Promise<void>;
}

/** Times that a job may be found without a living worker before it counts as failed: the machine may be the cause. */
const MOST_STALLS = 10;
/** Times that a job is given back by workers without room before it counts as failed. */
const MOST_RETURNS = 20;
const RETURN_MILLISECONDS = 1_000;
/** Longest that a worker which ends waits for Redis. */
const LEAVE_MILLISECONDS = 5_000;

/** Begins to take jobs. Connections are made again by themselves. Close it. */
export function openQueueWorker(options: QueueWorkerOptions): QueueWorker {
  const { address, store, handlers, concurrency, threads } = options;
  const { lockMilliseconds = 30_000, restMilliseconds = 30_000 } = options;
  const { onEvent = () => undefined, onNote = () => undefined } = options;
  const name = `${hostname()}:${process.pid}`;
  const processes = openJobProcesses({ store: store.address, handlers, count: concurrency, threads });
  const stop = new AbortController();
  const atHand = new Set<Promise<void>>();
  let resting: NodeJS.Timeout | undefined;

  /** Takes no job for a while. */
  const rest = () => {
    if (resting !== undefined) return;
    void worker.pause(true).catch(() => undefined);
    resting = setTimeout(() => {
      resting = undefined;
      if (!stop.signal.aborted && !worker.closing) worker.resume();
    }, restMilliseconds);
  };

  /** Puts a job back for another worker, of which it costs no try, and takes none itself for a while. */
  async function giveBack(queued: QueuedJob<QueuedData>, token: string, message: string): Promise<Error> {
    const returned = (queued.data.returned ?? 0) + 1;
    if (returned > MOST_RETURNS) return new UnrecoverableError(message);
    rest();
    onEvent({ job: queued.data.job, state: "returned", message });
    await queued.updateData({ ...queued.data, returned });
    await queued.moveToDelayed(Date.now() + RETURN_MILLISECONDS, token);
    return new DelayedError();
  }

  const worker: Worker<QueuedData> = new Worker<QueuedData>(
    queueName(store.id),
    async (queued, token) => {
      const { job } = queued.data;
      // Lost news is no harm; a lost connection shows elsewhere.
      const tell = (news: WorkerNews) => void queued.updateProgress(news).catch(() => undefined);
      const onBegin = () => {
        onEvent({ job, state: "begun" });
        tell({ worker: name });
      };
      const onProgress = (progress: Progress) => {
        onEvent({ job, state: "running", progress });
        tell({ worker: name, progress });
      };
      try {
        const work = processes.run(job, { priority: 0, onBegin, onProgress, signal: stop.signal });
        atHand.add(work);
        await work.finally(() => atHand.delete(work));
        onEvent({ job, state: "done" });
      } catch (cause) {
        const message = cause instanceof Error ? cause.message : String(cause);
        if (cause instanceof OutOfRoomError) throw await giveBack(queued, token!, message);
        onEvent({ job, state: "failed", message });
        if (!(cause instanceof MissingInputError)) throw cause;
        // To try again does not help before the input has been made again.
        const role = Object.keys(job.inputs).find((key) => job.inputs[key] === cause.inputId)!;
        throw new UnrecoverableError(missingReason(role));
      }
    },
    {
      connection: redisOptions(address),
      name,
      concurrency,
      lockDuration: lockMilliseconds,
      stalledInterval: lockMilliseconds,
      maxStalledCount: MOST_STALLS,
      removeOnComplete: { count: 0 },
    },
  );
  let lost = false;
  worker.on("error", ({ message }) => {
    if (!lost) onNote(`no connection to Redis (${message}); it is made again by itself`);
    lost = true;
  });
  worker.on("ready", () => {
    if (lost) onNote("Redis is back");
    lost = false;
  });
  return {
    name,
    async close(force = false) {
      clearTimeout(resting);
      if (force) stop.abort();
      const leave = new AbortController();
      const closed = worker.close(force).catch(() => undefined);
      await Promise.allSettled([...atHand]);
      // Without Redis there is nobody to take leave of.
      const patience = pause(LEAVE_MILLISECONDS, undefined, { signal: leave.signal }).catch(() => undefined);
      await Promise.race([closed, patience]);
      leave.abort();
      await processes.close();
    },
  };
}
