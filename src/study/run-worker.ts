import { availableParallelism } from "node:os";
import { formatSeconds } from "../core/format-seconds.ts";
import type { Listeners } from "../core/listeners.ts";
import { silent } from "../core/progress.ts";
import { checkStudyJob } from "./check-job.ts";
import { HANDLERS } from "./handlers-module.ts";
import { openStore } from "./jobs/open-store.ts";
import { checkRedis } from "./queue/connection.ts";
import { openQueueKey } from "./queue/queue-key.ts";
import { openQueueWorker } from "./queue/queue-worker.ts";

/** Lines about refused jobs: whoever floods a queue does not flood the terminal. */
const REFUSED_SHOWN = 20;

export interface RunWorkerOptions {
  /** `redis://` address, with the password where there is one. */
  readonly queue: string;
  /** Store of the study as this machine sees it: a folder, or `s3://BUCKET/PREFIX`. */
  readonly store: string;
  /** File of the key that study and workers share. Defaults to GANGLION_QUEUE_KEY, else `queue.key` in the store. */
  readonly queueKeyFile?: string | undefined;
  /** Threads of each job. Defaults to 1. */
  readonly threads?: number | undefined;
  /** Jobs at a time. Defaults to as many as the cores allow. */
  readonly concurrency?: number | undefined;
  /** Ends after so many minutes without a job. Defaults to never. */
  readonly idleMinutes?: number | undefined;
}

/** What a worker did. */
export interface WorkerResult {
  /** `HOST:PID`. */
  readonly worker: string;
  /** Id of the store. */
  readonly store: string;
  /** Jobs. */
  readonly done: number;
  readonly failed: number;
  /** Given back for want of room. */
  readonly returned: number;
  /** Not done because of what they are. */
  readonly refused: number;
}

/**
 * Does jobs of studies from a queue until the signal is given, or until there have been none for a while. The jobs at hand are finished.
 * @throws GanglionError
 */
export async function runWorker(options: RunWorkerOptions, listeners: Listeners = {}): Promise<WorkerResult> {
  const { queue, queueKeyFile, idleMinutes, threads = 1 } = options;
  const { concurrency = Math.max(1, Math.floor(availableParallelism() / threads)) } = options;
  const { onProgress = silent, onNote = () => undefined, onWarning = () => undefined } = listeners;
  for (const note of await checkRedis(queue)) onNote(note);
  const store = await openStore(options.store, { create: false });
  const key = await openQueueKey(store, { file: queueKeyFile }, onNote);

  const counts = { done: 0, failed: 0, returned: 0, refused: 0 };
  const begun = new Map<string, number>();
  const idle = idleAfter(idleMinutes, listeners);
  const worker = openQueueWorker({
    ...{ address: queue, store, key, concurrency, threads },
    handlers: HANDLERS,
    check: checkStudyJob,
    onRefused(line) {
      counts.refused++;
      if (counts.refused <= REFUSED_SHOWN) onWarning(line);
      if (counts.refused === REFUSED_SHOWN) onWarning("more refused jobs are counted and not listed");
    },
    onNote: onWarning,
    onEvent({ job, state, message, progress }) {
      if (state === "begun") {
        begun.set(job.id, performance.now());
        idle.busy(begun.size);
        return onNote(`started ${job.title}`);
      }
      if (state === "running") return onProgress({ ...progress!, stage: `${job.title}: ${progress!.stage}` });
      const seconds = formatSeconds((performance.now() - (begun.get(job.id) ?? performance.now())) / 1000);
      begun.delete(job.id);
      idle.busy(begun.size);
      counts[state]++;
      if (state === "done") onNote(`done    ${job.title}, ${seconds}`);
      else if (state === "failed") onWarning(`failed  ${job.title}, ${seconds}: ${message}`);
      else onWarning(`disk full: ${job.title} is returned, and no job is taken for a while: ${message}`);
    },
  });
  const atOnce = concurrency === 1 ? "one job" : `${concurrency} jobs`;
  const each = threads === 1 ? "one thread each" : `${threads} threads each`;
  onNote(`worker ${worker.name} on store ${store.id}: ${atOnce} at a time, ${each}; Ctrl-C ends it`);
  await idle.end;
  if (begun.size > 0) onNote(`finishing ${begun.size === 1 ? "one job" : `${begun.size} jobs`}`);
  await worker.close();
  return { worker: worker.name, store: store.id, ...counts };
}

/** Ends with the first Ctrl-C, or after some minutes without a job. */
function idleAfter(minutes: number | undefined, { signal }: Listeners) {
  let finish: () => void = () => undefined;
  const end = new Promise<void>((resolve) => {
    finish = resolve;
  });
  if (signal?.aborted) finish();
  signal?.addEventListener("abort", finish, { once: true });
  let timer: NodeJS.Timeout | undefined;
  const busy = (jobs: number) => {
    clearTimeout(timer);
    if (minutes !== undefined && jobs === 0) timer = setTimeout(finish, minutes * 60_000);
  };
  busy(0);
  return { end, busy };
}
