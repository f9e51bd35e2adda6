import { setTimeout as pause } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type JobEvent, runJobs } from "../jobs/run-jobs.ts";
import { openQueueStudy, type QueueStudy } from "../testing/queue-study.ts";
import { missingRedis } from "../testing/redis.ts";
import { numberJob } from "../testing/sums.ts";
import { redisOptions } from "./connection.ts";

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
  let study: QueueStudy;
  beforeEach(async () => {
    study = await openQueueStudy();
  });
  afterEach(() => study.close());

  test("are done by two workers, each job once, and it is said by whom", async () => {
    const names = [1, 2].map(() => study.work(study.redis.address, 30_000).name);
    const jobs = study.tree(50);
    const doers = new Set<string | undefined>();
    const onEvent = ({ state, worker }: JobEvent) => {
      if (state === "made") doers.add(worker);
    };
    expect(await runJobs(jobs, { store: study.store, runner: study.runner, onEvent })).toEqual({ kept: 0, made: 7 });
    expect(await study.numberOf(jobs[6]!)).toBe(15);
    expect(study.begun().sort()).toEqual(jobs.map(({ title }) => title).sort());
    expect([...doers]).toContain(names[0]);
    expect(await study.runner.workers()).toEqual([names[0]]);
  });

  test("one that fails is tried again, then given up with its message", async () => {
    study.work(study.redis.address, 30_000);
    const jobs = [numberJob(study.journal, 1, { failTimes: 1 }), numberJob(study.journal, 2, { failTimes: 99 })];
    const failure = await study.run(jobs).catch((error: unknown) => error);
    expect(failure).toMatchObject({ problems: [{ path: "number 2", message: "failed on purpose, try 3" }] });
    expect(study.begun().filter((title) => title === "number 1")).toHaveLength(2);
    expect(await study.numberOf(jobs[0]!)).toBe(1);
  });

  test("stopped, waiting jobs are taken out of the queue", async () => {
    const { store, runner } = study;
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 200);
    const stopped = await runJobs(study.tree(0), { store, runner, signal: stop.signal }).catch(
      (error: unknown) => error,
    );
    expect(String(stopped)).toContain("stopped: 0 of 7 jobs");
    study.work();
    await pause(700);
    expect(study.begun()).toEqual([]);
  });

  test("a worker ends though its Redis has gone", async () => {
    const worker = study.work(study.redis.address, 30_000);
    await pause(300);
    await study.redis.kill();
    await pause(300);
    const begun = performance.now();
    await worker.close();
    expect(performance.now() - begun).toBeLessThan(20_000);
    await study.redis.start();
  });
});
