// What goes wrong while a study runs over a queue: nothing is lost, nothing counted twice, and the store holds in the end what it
// holds after a run that nothing disturbed.
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Job } from "../jobs/job.ts";
import { openQueueStudy, type QueueStudy } from "../testing/queue-study.ts";
import { missingRedis } from "../testing/redis.ts";
import { numberJob, sumJob } from "../testing/sums.ts";
import { missingLimits } from "../testing/worker-process.ts";

describe.skipIf(missingRedis("no study over a queue is disturbed"))("a study over a queue", () => {
  let study: QueueStudy;
  beforeEach(async () => {
    study = await openQueueStudy();
  });
  afterEach(() => study.close());

  const ALL = { kept: 0, made: 7 };
  /** The sum is right, and every artefact is what it is without a disturbance. */
  async function isWhole(jobs: readonly Job[]): Promise<void> {
    expect(await study.numberOf(jobs[6]!)).toBe(15);
    const { found, undisturbed } = await study.contents(jobs);
    expect(found).toEqual(undisturbed);
  }

  test("undisturbed, each job is begun once", async () => {
    study.work(study.redis.address, 30_000);
    const jobs = study.tree(150);
    expect(await study.run(jobs)).toEqual(ALL);
    expect(study.begun().sort()).toEqual(jobs.map(({ title }) => title).sort());
    await isWhole(jobs);
  });

  test("a worker that is killed in the middle of a job leaves it to another", async () => {
    const first = study.spawn({ lockMilliseconds: 1_000 });
    const jobs = study.tree(300);
    const takeOver = async () => {
      await pause(150);
      await first.kill();
      study.work();
    };
    expect(await study.run(jobs, 2, takeOver)).toEqual(ALL);
    expect(study.begun().length).toBeGreaterThan(7);
    await isWhole(jobs);
  });

  test("a restart of Redis loses nothing", async () => {
    study.work();
    const jobs = study.tree(150);
    const restart = async () => {
      await study.redis.kill();
      await pause(500);
      await study.redis.start();
    };
    expect(await study.run(jobs, 2, restart)).toEqual(ALL);
    await isWhole(jobs);
  });

  test("a Redis that forgot everything is filled again", async () => {
    study.work();
    const jobs = study.tree(150);
    const wipe = async () => {
      const socket = connect(study.redis.port, "127.0.0.1");
      socket.end("FLUSHALL\r\n");
      await once(socket, "close");
    };
    expect(await study.run(jobs, 2, wipe)).toEqual(ALL);
    await isWhole(jobs);
  });

  test("a worker that is cut off from the network for a while does no harm", async () => {
    const wire = await study.wire();
    study.work(wire.address);
    const jobs = study.tree(150);
    const outage = async () => {
      wire.cut();
      await pause(2_500);
      wire.mend();
    };
    expect(await study.run(jobs, 2, outage)).toEqual(ALL);
    await isWhole(jobs);
  });

  test("two workers that do the same job make one artefact, which counts once", async () => {
    const wire = await study.wire();
    study.work(wire.address);
    const jobs = study.tree(5_000).slice(0, 6);
    const [long, ...others] = jobs;
    const begun = study.run([long!]);
    while (study.begun().length === 0) await pause(20);
    // The queue hears nothing of the first worker and hands the job on; the first goes on with it all the same.
    wire.cut();
    study.work();
    expect(await begun).toEqual({ kept: 0, made: 1 });
    expect(study.begun()).toEqual([long!.title, long!.title]);
    wire.mend();
    const rest = others.map(({ parameters }) => numberJob(study.journal, (parameters as { value: number }).value));
    const sum = sumJob(study.journal, [long!, ...rest]);
    expect(await study.run([long!, ...rest, sum])).toEqual({ kept: 1, made: 6 });
    await isWhole([long!, ...rest, sum]);
  });

  test.skipIf(missingLimits())(
    "a worker whose disk is full gives its job back and rests; another does it",
    async () => {
      const jobs = study.tree(0);
      const full = study.spawn({ mostBytes: 200 });
      const running = study.run(jobs);
      await full.says("returned");
      study.work();
      expect(await running).toEqual(ALL);
      expect(full.said.filter((line) => line.startsWith("returned"))).toHaveLength(1);
      expect(full.said.join()).not.toMatch(/done|failed/);
      await isWhole(jobs);
    },
  );

  test.skipIf(missingLimits())("a worker whose disk was full, alone, goes on once there is room", async () => {
    const jobs = study.tree(0);
    const full = study.spawn({ mostBytes: 200, restMilliseconds: 500 });
    const running = study.run(jobs);
    await full.says("returned");
    full.makeRoom();
    expect(await running).toEqual(ALL);
    await isWhole(jobs);
  });

  test("an artefact that is damaged while its readers wait is made again", async () => {
    const jobs = study.tree(50);
    const first = study.work(study.redis.address, 30_000);
    expect(await study.run(jobs.slice(0, 6))).toEqual({ kept: 0, made: 6 });
    await first.close();
    const [damaged, lost] = jobs;
    writeFileSync(join((await study.store.find(damaged!.id))!, "value.json"), "999");
    await study.store.remove(lost!.id);
    // Whoever runs the study has seen the first whole; the process that reads it looks with fresh eyes.
    study.work(study.redis.address, 30_000);
    expect(await study.run(jobs)).toEqual({ kept: 4, made: 3 });
    await isWhole(jobs);
  });
});
