import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { temporaryFolder } from "../../core/testing/fixtures.ts";
import { freePort } from "../../core/testing/free-port.ts";
import { type ArtefactStore, openArtefactStore } from "../jobs/artefact-store.ts";
import type { Job } from "../jobs/job.ts";
import { type JobEvent, type JobRunner, runJobs } from "../jobs/run-jobs.ts";
import { missingRedis, startRedis, type TestRedis } from "../testing/redis.ts";
import { numberJob, sumJob, writeSumHandlers } from "../testing/sums.ts";
import { redisOptions } from "./connection.ts";
import { openQueueRunner } from "./queue-runner.ts";
import { openQueueWorker, type QueueWorker } from "./queue-worker.ts";

test("an address that is none is refused, its password kept quiet", () => {
  expect(redisOptions("redis://:se%2Fcret@box:7000/2")).toMatchObject({
    host: "box",
    port: 7000,
    password: "se/cret",
    db: 2,
  });
  expect(redisOptions("rediss://box")).toMatchObject({ host: "box", port: 6379, tls: {} });
  for (const wrong of ["http://:secret@box", "box:6379", "redis://", "redis://box/x"]) {
    expect(() => redisOptions(wrong), wrong).toThrow("is not the address of a Redis");
    expect(() => redisOptions(wrong), wrong).not.toThrow("secret");
  }
});

describe.skipIf(missingRedis("no study runs over a queue"))("jobs over a queue in Redis", () => {
  let folder: string;
  let journal: string;
  let store: ArtefactStore;
  let redis: TestRedis;
  let runner: JobRunner;
  let workers: QueueWorker[];

  beforeEach(async () => {
    folder = await temporaryFolder();
    journal = join(folder, "journal.txt");
    writeFileSync(journal, "");
    store = await openArtefactStore(join(folder, "store"));
    redis = await startRedis(folder);
    runner = openQueueRunner({ address: redis.address, store, pollMilliseconds: 300 });
    workers = [];
  });
  afterEach(async () => {
    await Promise.all([...workers.map((worker) => worker.close(true)), runner.close()]);
    await redis.kill();
  });

  const work = (address = redis.address) => {
    const worker = openQueueWorker({
      address,
      store,
      handlers: writeSumHandlers(folder),
      concurrency: 1,
      lockMilliseconds: 1_000,
    });
    workers.push(worker);
    return worker;
  };
  const done = () => readFileSync(journal, "utf8").split("\n").filter(Boolean);
  const numberOf = async (job: Job) =>
    JSON.parse(readFileSync(join((await store.find(job.id))!, "value.json"), "utf8")) as number;
  const tree = (wait: number) => {
    const numbers = Array.from({ length: 6 }, (_, value) => numberJob(journal, value, { wait }));
    return [...numbers, sumJob(journal, numbers)];
  };
  /** Runs a tree of jobs and has something happen when so many are made. */
  async function runWith(jobs: readonly Job[], after: number, happens: () => unknown) {
    let made = 0;
    const onEvent = ({ state }: JobEvent) => {
      if (state === "made" && ++made === after) void happens();
    };
    return runJobs(jobs, { store, runner, onEvent });
  }

  test("are done by two workers, each job once", async () => {
    work();
    work();
    const jobs = tree(50);
    expect(await runJobs(jobs, { store, runner })).toEqual({ kept: 0, made: 7 });
    expect(await numberOf(jobs[6])).toBe(15);
    expect(done().sort()).toEqual(jobs.map(({ title }) => title).sort());
  });

  test("one that fails is tried again, then given up with its message", async () => {
    work();
    const jobs = [numberJob(journal, 1, { failTimes: 1 }), numberJob(journal, 2, { failTimes: 99 })];
    const failure = await runJobs(jobs, { store, runner }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ problems: [{ path: "number 2", message: "failed on purpose, try 3" }] });
    expect(done().filter((title) => title === "number 1")).toHaveLength(2);
    expect(await numberOf(jobs[0])).toBe(1);
  });

  test("a worker that goes in the middle of a job leaves it to another", async () => {
    const first = work();
    const jobs = tree(300);
    const begun = runWith(jobs, 2, () => first.close(true).then(() => work()));
    expect(await begun).toEqual({ kept: 0, made: 7 });
    expect(await numberOf(jobs[6])).toBe(15);
  });

  test("a restart of Redis loses nothing", async () => {
    work();
    const jobs = tree(150);
    const restart = async () => {
      await redis.kill();
      await new Promise((resolve) => setTimeout(resolve, 500));
      await redis.start();
    };
    expect(await runWith(jobs, 2, restart)).toEqual({ kept: 0, made: 7 });
    expect(await numberOf(jobs[6])).toBe(15);
  });

  test("a Redis that forgot everything is filled again", async () => {
    work();
    const jobs = tree(150);
    const wipe = async () => {
      const socket = connect(redis.port, "127.0.0.1");
      socket.end("FLUSHALL\r\n");
      await once(socket, "close");
    };
    expect(await runWith(jobs, 2, wipe)).toEqual({ kept: 0, made: 7 });
    expect(await numberOf(jobs[6])).toBe(15);
  });

  test("a worker that is cut off from the network for a while does no harm", async () => {
    // Between it and Redis stands a wire that can be cut.
    const port = await freePort();
    const wires = new Set<Socket>();
    let cut = false;
    const server = createServer((near) => {
      if (cut) return near.destroy();
      const far = connect(redis.port, "127.0.0.1");
      near.pipe(far).pipe(near);
      for (const wire of [near, far]) {
        wires.add(wire);
        wire.on("error", () => undefined);
        wire.on("close", () => wires.delete(wire));
      }
    }).listen(port, "127.0.0.1");
    await once(server, "listening");
    work(`redis://127.0.0.1:${port}`);
    const jobs = tree(150);
    const outage = async () => {
      cut = true;
      for (const wire of wires) wire.destroy();
      await new Promise((resolve) => setTimeout(resolve, 2_500));
      cut = false;
    };
    expect(await runWith(jobs, 2, outage)).toEqual({ kept: 0, made: 7 });
    expect(await numberOf(jobs[6])).toBe(15);
    await Promise.all(workers.splice(0).map((worker) => worker.close(true)));
    server.close();
  });

  test("an input that is gone when its reader runs is made again", async () => {
    const numbers = [1, 2].map((value) => numberJob(journal, value));
    const [sum] = [sumJob(journal, numbers, { wait: 50 })];
    await Promise.all([runJobs(numbers, { store, runner }), work()]);
    const file = join((await store.find(numbers[1].id))!, "value.json");
    // The coordinator has seen it whole; the worker looks with fresh eyes.
    writeFileSync(file, "999");
    workers.splice(0).map((worker) => worker.close(true));
    work();
    expect(await runJobs([...numbers, sum], { store, runner })).toEqual({ kept: 1, made: 2 });
    expect(await numberOf(sum)).toBe(3);
  });

  test("stopped, waiting jobs are taken out of the queue", async () => {
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 200);
    const stopped = await runJobs(tree(0), { store, runner, signal: stop.signal }).catch((error: unknown) => error);
    expect(String(stopped)).toContain("stopped: 0 of 7 jobs");
    work();
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(done()).toEqual([]);
  });
});
