import { hostname } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import { DelayedError, type Job as QueuedJob, UnrecoverableError } from "bullmq";
import type { Progress } from "../../core/progress.ts";
import { redactAddresses } from "../../core/redact.ts";
import { isJobId, type Job } from "../jobs/job.ts";
import { openJobProcesses } from "../jobs/job-processes.ts";
import { MissingInputError, OutOfRoomError } from "../jobs/perform-job.ts";
import { queueName, redisOptions } from "./connection.ts";
import { GuardedWorker } from "./guarded-worker.ts";
import type { QueueKey } from "./queue-key.ts";
import {
  type JobCheck,
  missingReason,
  openJob,
  type QueuedData,
  RefusedJobError,
  sealText,
  type WorkerNews,
} from "./queued-data.ts";

export interface QueueWorkerOptions {
  /** `redis://` address. */
  readonly address: string;
  /** The artefact store, opened, as this machine names it. */
  readonly store: { readonly id: string; readonly address: string };
  /** The key that signs jobs of the store. */
  readonly key: QueueKey;
  /** What is wrong with a job that is signed well: its kind, parameters or roles. */
  readonly check: JobCheck;
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
  /** Told in a line of a job that is not done because of what it is. Defaults to nobody. */
  readonly onRefused?: (line: string) => void;
  /** Told in words that Redis went or is back. Defaults to nobody. */
  readonly onNote?: (message: string) => void;
}

interface WorkerEvent {
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
const MAX_STALLS = 10;
/** Times that a job is given back by workers without room before it counts as failed. */
const MAX_RETURNS = 20;
const RETURN_MILLISECONDS = 1_000;
const REVIVE_MILLISECONDS = 500;
/** Characters that are shown of an error that Redis or BullMQ words. */
const MAX_SHOWN = 200;
/** Longest that a worker which ends waits for Redis. */
const LEAVE_MILLISECONDS = 5_000;

/** Begins to take jobs. Connections are made again by themselves. Close it. */
export function openQueueWorker(options: QueueWorkerOptions): QueueWorker {
  const { address, store, key, check, handlers, concurrency, threads } = options;
  const { lockMilliseconds = 30_000, restMilliseconds = 30_000 } = options;
  const { onEvent = () => undefined, onRefused = () => undefined, onNote = () => undefined } = options;
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

  /** What is left in the queue of a job that failed. */
  const failure = ({ id }: Job, message: string) => sealText(key, "failure", id, message);

  /** The job to do. @throws UnrecoverableError that says so to who runs the study, if that is who put it there */
  function accept(queued: QueuedJob<unknown>): Job {
    try {
      return openJob(queued.data, key, check);
    } catch (cause) {
      if (!(cause instanceof RefusedJobError)) throw cause;
      const named = isJobId(queued.id) ? ` (${queued.id.slice(0, 12)})` : "";
      onRefused(`refused a job from the queue${named}: ${cause.message}`);
      const reason = `a worker refused it: ${cause.message}`;
      throw new UnrecoverableError(cause.job === null ? "refused" : failure(cause.job, reason));
    }
  }

  /** Puts a job back for another worker, of which it costs no try, and takes none itself for a while. */
  async function giveBack(queued: QueuedJob<unknown>, job: Job, token: string, message: string): Promise<Error> {
    const data = queued.data as QueuedData;
    const returned = (data.returned ?? 0) + 1;
    if (returned > MAX_RETURNS) return new UnrecoverableError(failure(job, message));
    rest();
    onEvent({ job, state: "returned", message });
    await queued.updateData({ ...data, returned });
    await queued.moveToDelayed(Date.now() + RETURN_MILLISECONDS, token);
    return new DelayedError();
  }

  const worker: GuardedWorker = new GuardedWorker(
    queueName(store.id),
    async (queued, token) => {
      const job = accept(queued);
      // Lost news is no harm; a lost connection shows elsewhere.
      const tell = (news: WorkerNews) =>
        void queued.updateProgress(sealText(key, "news", job.id, JSON.stringify(news))).catch(() => undefined);
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
        if (cause instanceof OutOfRoomError) throw await giveBack(queued, job, token!, message);
        onEvent({ job, state: "failed", message });
        if (!(cause instanceof MissingInputError)) throw new Error(failure(job, message));
        // To try again does not help before the input has been made again.
        const role = Object.keys(job.inputs).find((key) => job.inputs[key] === cause.inputId)!;
        throw new UnrecoverableError(failure(job, missingReason(role)));
      }
    },
    {
      connection: redisOptions(address),
      name,
      concurrency,
      lockDuration: lockMilliseconds,
      stalledInterval: lockMilliseconds,
      maxStalledCount: MAX_STALLS,
      removeOnComplete: { count: 0 },
    },
  );
  /** The loop of a worker ends with some errors; it begins again after a moment. */
  const revive = () => {
    setTimeout(() => {
      if (worker.isRunning() || worker.isPaused() || worker.closing || stop.signal.aborted) return;
      worker.run().catch((cause: Error) => worker.emit("error", cause));
    }, REVIVE_MILLISECONDS).unref();
  };
  let lost = false;
  worker.on("error", (error) => {
    // What BullMQ cannot read at all; the job is handed out again now and then, at most as often as one may stall.
    if (error instanceof SyntaxError || error instanceof TypeError || error instanceof RangeError) {
      onRefused("refused a job from the queue: it cannot be read");
    } else {
      const message = redactAddresses(error.message).slice(0, MAX_SHOWN);
      if (!lost) onNote(`no connection to Redis (${message}); it is made again by itself`);
      lost = true;
    }
    revive();
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
