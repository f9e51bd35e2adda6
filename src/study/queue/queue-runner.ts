import { Queue, type Job as QueuedJob, QueueEvents } from "bullmq";
import { GanglionError } from "../../core/errors.ts";
import type { ArtefactStore } from "../jobs/artefact-store.ts";
import type { Job } from "../jobs/job.ts";
import { MissingInputError } from "../jobs/perform-job.ts";
import type { HandOut, JobRunner } from "../jobs/run-jobs.ts";
import { queueName, redisOptions } from "./connection.ts";
import { queueOptions } from "./guarded-worker.ts";
import type { QueueKey } from "./queue-key.ts";
import { missingRole, openJob, openText, type QueuedData, sealJob, type WorkerNews } from "./queued-data.ts";

export interface QueueRunnerOptions {
  /** `redis://` address. */
  readonly address: string;
  readonly store: ArtefactStore;
  /** The key that signs jobs of the store. */
  readonly key: QueueKey;
  /** Jobs that are in the queue at a time. Defaults to 1,000. */
  readonly concurrency?: number;
  /** Milliseconds between two looks at jobs of which nothing was heard. Defaults to 5,000. */
  readonly pollMilliseconds?: number;
  /** Times that a job is tried before it counts as failed. Defaults to 3. */
  readonly attempts?: number;
  /** Told in a line of what lies in the queue and is of none who has the key. Defaults to nobody. */
  readonly onNote?: (line: string) => void;
}

/** A runner that also knows who could take its jobs. */
export interface QueueRunner extends JobRunner {
  /** Names (`HOST:PID`) of the workers that are connected, busy or not. @throws when Redis cannot be reached */
  workers(): Promise<string[]>;
}

/** Priorities of BullMQ: 1 is first. */
const LAST_PRIORITY = 1_000;
/** Jobs that are looked at at a time. */
const LOOKS = 16;
/** Times that a job is put in the queue anew because what lay there was no word of ours. */
const MAX_FORGED = 5;
const REVIVE_MILLISECONDS = 500;
/** What a worker calls itself. */
const WORKER_NAME = /^[\w.-]{1,255}:\d{1,10}$/;
/** What BullMQ says of a job whose workers died; it cannot sign. */
const STALLED = /^job stalled more than allowable limit/;

interface Awaited {
  readonly job: Job;
  /** The job, signed. */
  readonly data: QueuedData;
  readonly how: HandOut;
  /** When something was last heard of it or it was looked at. */
  heardAt: number;
  /** It was in neither queue nor store at the last look. */
  gone: boolean;
  /** Times that what lay in the queue in its name was not of one who has the key. */
  forged: number;
  /** It is being looked at; `again` when something was heard meanwhile. */
  looking: "no" | "yes" | "again";
  settle(cause?: unknown): void;
}

/**
 * Hands jobs to whoever takes them from a queue in Redis. The store is what counts: the queue's word that a job is done is
 * a hint to look there, and a job that is in neither is put in the queue again. Close it.
 */
export function openQueueRunner(options: QueueRunnerOptions): QueueRunner {
  const { address, store, key, concurrency = 1_000, pollMilliseconds = 5_000, attempts = 3 } = options;
  const { onNote = () => undefined } = options;
  const connection = redisOptions(address);
  const name = queueName(store.id);
  const queue = new Queue<QueuedData>(name, { connection });
  const events = new QueueEvents(name, { connection });
  // Both reconnect by themselves; what an outage means is found out by looking again.
  queue.on("error", () => undefined);
  events.on("error", () => {
    // What is no JSON ends the loop that hears of jobs; it begins again, and what it missed a look finds out.
    setTimeout(() => {
      if (!events.closing) events.run().catch(() => undefined);
    }, REVIVE_MILLISECONDS).unref();
  });
  const awaited = new Map<string, Awaited>();

  const add = ({ job, data, how }: Awaited) =>
    queue.add("job", data, {
      ...queueOptions(attempts),
      jobId: job.id,
      priority: Math.max(1, LAST_PRIORITY - how.priority),
    });

  /** Whether what lies in the queue in the name of a job is the job: no one without the key can make one of another text. */
  function isOurs({ id }: Job, queued: QueuedJob<unknown>): boolean {
    try {
      return openJob(queued.data, key, () => null).id === id;
    } catch {
      return false;
    }
  }

  /** What lies in the queue in the name of a job; `forged` where it cannot be read or is not the job. */
  async function lookUp(job: Job): Promise<QueuedJob<unknown> | "forged" | undefined> {
    try {
      const queued = await queue.getJob(job.id);
      return queued === undefined || isOurs(job, queued) ? queued : "forged";
    } catch (cause) {
      if (cause instanceof SyntaxError || cause instanceof TypeError || cause instanceof RangeError) return "forged";
      throw cause;
    }
  }

  /** Takes out of the queue what is no word of ours and puts the job there anew, a few times. */
  async function replace(entry: Awaited, what: string): Promise<void> {
    const { job } = entry;
    // While a worker holds it, it stays; the next look comes to it again.
    if ((await queue.remove(job.id)) === 0) return;
    entry.forged++;
    const cause = `${what}; either somebody else writes to this Redis, or a worker has another key (--queue-key-file)`;
    if (entry.forged > MAX_FORGED) return entry.settle(new GanglionError("run", `${cause}; given up`));
    onNote(`${job.title}: ${cause}; it is queued again`);
    await add(entry);
  }

  async function failed(entry: Awaited, queued: QueuedJob<unknown>): Promise<void> {
    const reason = openText(key, "failure", entry.job.id, queued.failedReason);
    if (reason === null) {
      const stalled = STALLED.test(queued.failedReason ?? "");
      const what = stalled
        ? "the queue says that its workers died or lost touch too often, which nobody can sign"
        : "the queue says that it failed, without the signature of a worker";
      return replace(entry, what);
    }
    await queued.remove().catch(() => undefined);
    const role = missingRole(reason);
    entry.settle(
      role !== null && Object.hasOwn(entry.job.inputs, role)
        ? new MissingInputError(entry.job, role)
        : new GanglionError("training", reason),
    );
  }

  /** Settles a job that is done or has failed, and puts one back that is lost. */
  async function lookOnce(entry: Awaited): Promise<void> {
    const { id } = entry.job;
    entry.heardAt = Date.now();
    if (await store.has(id)) return entry.settle();
    const queued = await lookUp(entry.job);
    if (queued === "forged") return replace(entry, "what lay in the queue in its name is not the job");
    if (queued !== undefined) {
      entry.gone = false;
      if (await queued.isFailed()) await failed(entry, queued);
      return;
    }
    // A common folder may show a new artefact late: once more before it is made again.
    if (entry.gone) await add(entry);
    entry.gone = !entry.gone;
  }

  /** One look at a time: a second one at a failure would take the job, handed out anew by then, for the failed one. */
  async function look(id: string): Promise<void> {
    const entry = awaited.get(id);
    if (entry === undefined) return;
    if (entry.looking !== "no") {
      entry.looking = "again";
      return;
    }
    try {
      do {
        entry.looking = "yes";
        await lookOnce(entry);
        // Settled entries are no longer awaited; the id may be, anew.
      } while ((entry.looking as Awaited["looking"]) === "again" && awaited.get(id) === entry);
    } finally {
      entry.looking = "no";
    }
  }

  const hear = (id: string) => void look(id).catch(() => undefined);
  events.on("completed", ({ jobId }) => hear(jobId));
  events.on("failed", ({ jobId }) => hear(jobId));
  events.on("progress", ({ jobId, data }) => {
    const entry = awaited.get(jobId);
    if (entry === undefined) return;
    // Others than workers with the key are not heard.
    const news = openText(key, "news", jobId, data);
    if (news === null) return;
    entry.heardAt = Date.now();
    const { worker, progress } = JSON.parse(news) as WorkerNews;
    if (progress === undefined) entry.how.onBegin(worker);
    else entry.how.onProgress(progress);
  });
  let looking = false;
  const timer = setInterval(async () => {
    if (looking) return;
    looking = true;
    const since = Date.now() - pollMilliseconds;
    const silent = [...awaited.values()].filter(({ heardAt }) => heardAt <= since).values();
    const lookAtAll = async () => {
      for (const { job } of silent) await look(job.id).catch(() => undefined);
    };
    await Promise.all(Array.from({ length: LOOKS }, lookAtAll));
    looking = false;
  }, pollMilliseconds);

  return {
    concurrency,
    async run(job, how) {
      how.signal.throwIfAborted();
      const data = sealJob(job, key);
      const done = new Promise<void>((resolve, reject) => {
        const stop = () => {
          awaited.delete(job.id);
          // One that runs is let go: its artefact is of use to whoever goes on.
          queue.remove(job.id).catch(() => undefined);
          reject(how.signal.reason);
        };
        how.signal.addEventListener("abort", stop, { once: true });
        awaited.set(job.id, {
          ...{ job, data, how },
          heardAt: Date.now(),
          gone: false,
          forged: 0,
          looking: "no",
          settle(cause) {
            how.signal.removeEventListener("abort", stop);
            awaited.delete(job.id);
            if (cause === undefined) resolve();
            else reject(cause);
          },
        });
      });
      // It may be given up while it is still being put in the queue; whoever waits for it hears of that below.
      done.catch(() => undefined);
      const entry = awaited.get(job.id)!;
      const earlier = await lookUp(job);
      if (earlier === "forged") await queue.remove(job.id);
      else if (earlier !== undefined && (await earlier.isFailed())) await earlier.remove();
      await add(entry);
      return done;
    },
    async workers() {
      // Each has several connections, which end in its name.
      const names = (await queue.getWorkers()).map(
        ({ rawname, name }) =>
          String(rawname ?? name)
            .split(":w:")
            .pop()!,
      );
      return [...new Set(names)].filter((worker) => WORKER_NAME.test(worker)).sort();
    },
    async close() {
      clearInterval(timer);
      await Promise.allSettled([queue.close(), events.close()]);
    },
  };
}
