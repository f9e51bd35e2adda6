import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { mkdir, readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { MACHINE, OWNER } from "../../core/process-owner.ts";
import { temporaryFolder } from "../../core/testing/fixtures.ts";
import { climbJob, numberJob, sumJob, writeSumHandlers } from "../testing/sums.ts";
import { type ArtefactStore, openArtefactStore } from "./artefact-store.ts";
import { canonicalJson, defineJob, type Job, jobGraph } from "./job.ts";
import { openJobProcesses } from "./job-processes.ts";
import { localFirst } from "./local-jobs.ts";
import type { JobHandlers } from "./perform-job.ts";
import { type JobEvent, type JobRunner, runJobs } from "./run-jobs.ts";

let folder: string;
let journal: string;
let store: ArtefactStore;
let runner: JobRunner;

beforeEach(async () => {
  folder = await temporaryFolder();
  journal = join(folder, "journal.txt");
  writeFileSync(journal, "");
  store = await openArtefactStore(join(folder, "store"));
  runner = openJobProcesses({ store: store.root, handlers: writeSumHandlers(folder), count: 2 });
});
afterEach(() => runner.close());

const done = () => readFileSync(journal, "utf8").split("\n").filter(Boolean);
async function numberOf(job: Job): Promise<unknown> {
  return JSON.parse(readFileSync(join((await store.find(job.id))!, "value.json"), "utf8"));
}

describe("a job", () => {
  test("is named by what it is made from, however that is written down", () => {
    expect(canonicalJson({ b: [1, null], a: "x" })).toBe('{"a":"x","b":[1,null]}');
    expect(defineJob("k", "one", { a: 1, b: 2 }).id).toBe(defineJob("k", "other title", { b: 2, a: 1 }).id);
    expect(defineJob("k", "one", { a: 1 }).id).not.toBe(defineJob("k", "one", { a: 2 }).id);
    const [one, two] = [numberJob(journal, 1), numberJob(journal, 2)];
    expect(sumJob(journal, [one, two]).id).not.toBe(sumJob(journal, [two, one]).id);
    expect(() => canonicalJson(Number.NaN)).toThrow("internal");
  });

  test("comes after those that it reads, once", () => {
    const [one, two] = [numberJob(journal, 1), numberJob(journal, 2)];
    const [sum, same] = [sumJob(journal, [one, two]), sumJob(journal, [one, two])];
    expect([...jobGraph([sum, two, same, one]).keys()]).toEqual([one.id, two.id, sum.id]);
    expect(() => jobGraph([sum, one])).toThrow("reads the artefact of a job that is not there");
  });
});

describe("jobs in processes of this machine", () => {
  test("are done once each, and what is there is kept", async () => {
    const numbers = [1, 2, 3].map((value) => numberJob(journal, value));
    const jobs = [...numbers, sumJob(journal, numbers.slice(0, 2)), sumJob(journal, numbers)];
    expect(await runJobs(jobs, { store, runner })).toEqual({ kept: 0, made: 5 });
    expect(await numberOf(jobs[3]!)).toBe(3);
    expect(await numberOf(jobs[4]!)).toBe(6);
    expect(done().sort()).toEqual(jobs.map(({ title }) => title).sort());
    const events: JobEvent[] = [];
    expect(await runJobs(jobs, { store, runner, onEvent: (event) => events.push(event) })).toEqual({
      kept: 5,
      made: 0,
    });
    expect(events.map(({ state }) => state)).toEqual(jobs.map(() => "kept"));
    expect(done()).toHaveLength(5);
  });

  test("a failure blocks what needs it and nothing else; the next run goes on from there", async () => {
    const flag = join(folder, "flag");
    const [good, bad] = [numberJob(journal, 1), numberJob(journal, 2, { flag })];
    const jobs = [bad, good, sumJob(journal, [good, bad]), sumJob(journal, [good])];
    const states = new Map<string, string>();
    const onEvent = ({ job, state }: JobEvent) => states.set(job.title, state);
    const failure = await runJobs(jobs, { store, runner, onEvent }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "training", problems: [{ path: "number 2" }] });
    expect(String(failure)).toContain("1 of 4 jobs failed, 1 that need their results were not started");
    expect([...states.values()].sort()).toEqual(["blocked", "failed", "made", "made"]);
    writeFileSync(flag, "");
    expect(await runJobs(jobs, { store, runner })).toEqual({ kept: 2, made: 2 });
    expect(await numberOf(jobs[2]!)).toBe(3);
  });

  test("a process that dies fails its job with words on the cause, and others go on", async () => {
    const jobs = [numberJob(journal, 1, { dieTimes: 1 }), numberJob(journal, 2)];
    const failure = await runJobs(jobs, { store, runner }).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      problems: [{ path: "number 1", message: expect.stringContaining("signal SIGKILL") }],
    });
    expect(await numberOf(jobs[1]!)).toBe(2);
    expect(await runJobs(jobs, { store, runner })).toEqual({ kept: 1, made: 1 });
    // What it left was removed when it died.
    const making = () => readdir(join(store.root, "making"));
    expect(await making()).toEqual([]);
    // What nobody knows of any more is removed by the next who opens the store.
    const left = join(store.root, "making", `0123456789abcdef-0123.${MACHINE}.${spawnSync("true").pid}`);
    const other = join(store.root, "making", `0123456789abcdef-4567.${OWNER}`);
    for (const folder of [left, other]) await mkdir(folder);
    await openArtefactStore(store.root);
    expect(await making()).toEqual([basename(other)]);
  });

  test("a job whose process died goes on from what it had kept", async () => {
    const job = climbJob(journal, 4, 3);
    await expect(runJobs([job], { store, runner })).rejects.toThrow("1 of 1 jobs failed");
    expect(await runJobs([job], { store, runner })).toEqual({ kept: 0, made: 1 });
    expect(done()).toEqual([1, 2, 3, 4].map((step) => `climb to 4, step ${step}`));
    expect(await numberOf(job)).toBe(4);
    expect(await readdir(join(store.root, "scratch"))).toEqual([]);
  });

  test("some kinds are done in this process beside the others, one at a time", async () => {
    const { handlers } = (await import(writeSumHandlers(folder))) as { handlers: JobHandlers };
    const numbers = [1, 2, 3].map((value) => numberJob(journal, value, { wait: 20 }));
    const jobs = [...numbers, sumJob(journal, numbers)];
    const here = localFirst(runner, store, handlers, ["number"]);
    const workers = new Map<string, string | undefined>();
    let atOnce = 0;
    let most = 0;
    const onEvent = ({ job, state, worker }: JobEvent) => {
      if (job.kind === "number" && state === "running") most = Math.max(most, ++atOnce);
      if (job.kind === "number" && state === "made") atOnce--;
      if (state === "made") workers.set(job.title, worker);
    };
    expect(await runJobs(jobs, { store, runner: here, onEvent })).toEqual({ kept: 0, made: 4 });
    expect(most).toBe(1);
    for (const { title } of numbers) expect(workers.get(title)).toBe(`process ${process.pid}`);
    expect(workers.get(jobs[3]!.title)).toMatch(/^process \d+$/);
    expect(workers.get(jobs[3]!.title)).not.toBe(`process ${process.pid}`);
  });

  test("a damaged artefact is made again, and so is one that goes while the study runs", async () => {
    const numbers = [1, 2].map((value) => numberJob(journal, value));
    await runJobs(numbers, { store, runner });
    writeFileSync(join((await store.find(numbers[0]!.id))!, "value.json"), "7");
    // Another process looks with fresh eyes; this store has seen the artefact whole.
    const fresh = await openArtefactStore(store.root);
    expect(await fresh.find(numbers[0]!.id)).toBeNull();
    const jobs = [...numbers, sumJob(journal, numbers)];
    expect(await runJobs(jobs, { store, runner })).toEqual({ kept: 1, made: 2 });
    expect(await numberOf(jobs[2]!)).toBe(3);

    const more = sumJob(journal, [jobs[2]!, numbers[0]!]);
    const events: string[] = [];
    let gone = false;
    const onEvent = ({ job, state }: JobEvent) => {
      events.push(`${job.title} ${state}`);
      // After it was counted as there.
      if (job.id === more.id && state === "waiting" && !gone) rmSync(`${store.root}/artefacts`, { recursive: true });
      gone ||= job.id === more.id;
    };
    await runJobs([...jobs, more], { store, runner, onEvent });
    expect(await numberOf(more)).toBe(4);
    expect(events).toContain("number 1 made");
  });

  test("stopped, they leave no half artefact, and go on when started again", async () => {
    const jobs = [1, 2, 3, 4].map((value) => numberJob(journal, value, { wait: value < 3 ? 0 : 60_000 }));
    const stop = new AbortController();
    let made = 0;
    const onEvent = ({ state }: JobEvent) => {
      if (state === "made" && ++made === 2) setTimeout(() => stop.abort(), 50);
    };
    const stopped = await runJobs(jobs, { store, runner, onEvent, signal: stop.signal }).catch(
      (error: unknown) => error,
    );
    expect(String(stopped)).toContain("stopped: 2 of 4 jobs are done and kept");
    expect(existsSync(join(store.root, "artefacts"))).toBe(true);
    expect(await store.find(jobs[2]!.id)).toBeNull();
    expect(await store.find(jobs[0]!.id)).not.toBeNull();
  });
});
