import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { sha256File } from "../../core/hash.ts";
import { listFiles } from "../../core/list-files.ts";
import { silent } from "../../core/progress.ts";
import { temporaryFolder } from "../../core/testing/fixtures.ts";
import { freePort } from "../../core/testing/free-port.ts";
import { type ArtefactStore, openArtefactStore } from "../jobs/artefact-store.ts";
import { type Job, jobGraph } from "../jobs/job.ts";
import { openStore } from "../jobs/open-store.ts";
import { type JobHandlers, performJob } from "../jobs/perform-job.ts";
import { type JobEvent, type RunJobsResult, runJobs } from "../jobs/run-jobs.ts";
import { openQueueKey, type QueueKey } from "../queue/queue-key.ts";
import { openQueueRunner, type QueueRunner } from "../queue/queue-runner.ts";
import { openQueueWorker, type QueueWorker } from "../queue/queue-worker.ts";
import { startRedis, type TestRedis } from "./redis.ts";
import { checkToyJob, numberJob, sumJob, writeSumHandlers } from "./sums.ts";
import { spawnWorker, type WorkerProcess, type WorkerProcessOptions } from "./worker-process.ts";

/** A wire to a Redis that can be cut. */
interface Wire {
  readonly address: string;
  cut(): void;
  mend(): void;
}

/** A toy study over a Redis of its own: what it takes to run it, disturb it and look at what came out. */
export interface QueueStudy {
  readonly redis: TestRedis;
  readonly store: ArtefactStore;
  readonly runner: QueueRunner;
  /** Of the store. */
  readonly key: QueueKey;
  /** What the runner said of words in the queue that are of none with the key. */
  readonly notes: readonly string[];
  /** What workers in this process refused. */
  readonly refused: readonly string[];
  readonly journal: string;
  /**
   * Begins a worker in this process.
   * @param lockMilliseconds Its sign of life. Defaults to 1,000
   * @param key Defaults to that of the store.
   */
  work(address?: string, lockMilliseconds?: number, key?: QueueKey): QueueWorker;
  /** Begins a worker in a process of its own. */
  spawn(more?: Partial<WorkerProcessOptions>): WorkerProcess;
  wire(): Promise<Wire>;
  /** Six numbers and their sum, 15. */
  tree(wait: number): Job[];
  /** Runs jobs and has something happen when so many are made. */
  run(jobs: readonly Job[], after?: number, happens?: () => unknown): Promise<RunJobsResult>;
  /** Titles of jobs in the order in which somebody began them. */
  begun(): string[];
  numberOf(job: Job): Promise<number>;
  /** Hashes of all files of the store's artefacts, and what they are when nothing disturbs. */
  contents(jobs: readonly Job[]): Promise<{ found: Record<string, string>; undisturbed: Record<string, string> }>;
  close(): Promise<void>;
}

async function hashesOf(store: ArtefactStore): Promise<Record<string, string>> {
  const root = join(store.root, "artefacts");
  const files = await listFiles(root);
  return Object.fromEntries(
    await Promise.all(files.map(async ({ name }) => [name, await sha256File(join(root, name))] as const)),
  );
}

/** @param address Of the store. Defaults to a folder of its own. */
export async function openQueueStudy(address?: string): Promise<QueueStudy> {
  const folder = await temporaryFolder();
  const journal = join(folder, "journal.txt");
  writeFileSync(journal, "");
  const store = await openStore(address ?? join(folder, "store"));
  const redis = await startRedis(folder);
  const key = await openQueueKey(store);
  const notes: string[] = [];
  const refused: string[] = [];
  const onNote = (line: string) => void notes.push(line);
  const runner = openQueueRunner({ address: redis.address, store, key, pollMilliseconds: 300, onNote });
  const handlers = writeSumHandlers(folder);
  const closing: (() => unknown)[] = [];
  return {
    ...{ redis, store, runner, key, notes, refused, journal },
    work(queue = redis.address, lockMilliseconds = 1_000, own = key) {
      const worker = openQueueWorker({
        ...{ address: queue, store, key: own, handlers, concurrency: 1, lockMilliseconds },
        check: checkToyJob,
        onRefused: (line) => void refused.push(line),
      });
      closing.push(() => worker.close(true));
      return worker;
    },
    spawn(more = {}) {
      const worker = spawnWorker({ address: redis.address, store, handlers, ...more });
      closing.push(() => worker.kill());
      return worker;
    },
    async wire() {
      const port = await freePort();
      const ends = new Set<Socket>();
      let cut = false;
      const server = createServer((near) => {
        if (cut) return near.destroy();
        const far = connect(redis.port, "127.0.0.1");
        near.pipe(far).pipe(near);
        for (const end of [near, far]) {
          ends.add(end);
          end.on("error", () => undefined);
          end.on("close", () => ends.delete(end));
        }
      }).listen(port, "127.0.0.1");
      await once(server, "listening");
      closing.push(() => server.close());
      return {
        address: `redis://127.0.0.1:${port}`,
        cut() {
          cut = true;
          for (const end of ends) end.destroy();
        },
        mend() {
          cut = false;
        },
      };
    },
    tree(wait) {
      const numbers = Array.from({ length: 6 }, (_, value) => numberJob(journal, value, { wait }));
      return [...numbers, sumJob(journal, numbers)];
    },
    async run(jobs, after = Number.POSITIVE_INFINITY, happens = () => undefined) {
      let made = 0;
      const onEvent = ({ state }: JobEvent) => {
        if (state === "made" && ++made === after) void happens();
      };
      return runJobs(jobs, { store, runner, onEvent });
    },
    begun: () => readFileSync(journal, "utf8").split("\n").filter(Boolean),
    async numberOf(job) {
      return JSON.parse(readFileSync(join((await store.find(job.id))!, "value.json"), "utf8")) as number;
    },
    async contents(jobs) {
      const { handlers: own } = (await import(handlers)) as { handlers: JobHandlers };
      const quiet = await openArtefactStore(join(folder, "undisturbed"));
      const options = { threads: 1, onProgress: silent, signal: new AbortController().signal };
      const ordered = [...jobGraph(jobs).values()];
      const perform = (wanted: readonly Job[]) =>
        Promise.all(wanted.map((job) => performJob(job, quiet, own, options)));
      await perform(ordered.filter(({ inputs }) => Object.keys(inputs).length === 0));
      for (const job of ordered) await perform([job]);
      return { found: await hashesOf(store), undisturbed: await hashesOf(quiet) };
    },
    async close() {
      await Promise.all(closing.map((end) => end()));
      await runner.close();
      await redis.kill();
    },
  };
}
