// What goes wrong beside a studio: a disk that is full, a folder that is taken away. Clear words, and nothing lost.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, realpath, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { temporaryFolder } from "../src/core/testing/fixtures.ts";
import { writePhantom } from "../src/phantom/write.ts";
import type { JobRecord, Project, UploadState } from "../src/studio/project-api.ts";
import { type Studio, startStudio } from "../src/studio/server/start-studio.ts";
import { ask } from "../src/studio/testing/request.ts";

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });
let root: string;
const opened: Studio[] = [];

beforeAll(async () => {
  root = await realpath(await temporaryFolder());
  await mkdir(join(root, "home"));
  await writePhantom(join(root, "home/lesions"), { count: 60, size: 64, seed: 1 });
});
afterAll(() => Promise.all(opened.map((studio) => studio.close())));

async function open(path: string): Promise<Studio> {
  const studio = await startStudio({ path, roots: [join(root, "home")], port: 0, note: () => undefined });
  opened.push(studio);
  return studio;
}
const headers = ({ port, token }: Studio, type = "application/json") => ({
  authorization: `Bearer ${token}`,
  origin: `http://127.0.0.1:${port}`,
  "content-type": type,
});
const get = async <T>(studio: Studio, path: string) =>
  JSON.parse((await ask(studio.port, path, { headers: headers(studio) })).text) as T;
const post = (studio: Studio, path: string, body: unknown) =>
  ask(studio.port, path, { method: "POST", headers: headers(studio), body: JSON.stringify(body) });
let ids = 0;
const newId = () => `7b0b${(++ids).toString(16).padStart(12, "0")}`;
async function start(studio: Studio, command: string, values: object): Promise<string> {
  const id = newId();
  const { status, text } = await post(studio, "/api/jobs", { id, command, values });
  expect(status, text).toBe(201);
  return id;
}
async function until(studio: Studio, id: string, is: (job: JobRecord) => boolean): Promise<JobRecord> {
  for (;;) {
    const job = await get<JobRecord>(studio, `/api/jobs/${id}`);
    if (is(job)) return job;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
/** A training that goes on until it is ended. */
const TRAINING = { out: "run", resolution: "16", preset: "tiny", images: 1e9, threads: 1 };
const ended = ({ state }: JobRecord) => state !== "queued" && state !== "running";

describe("a disk that is full", () => {
  let disk: string;
  let mounted = false;
  beforeAll(async () => {
    disk = join(root, "disk");
    await mkdir(disk);
    mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=1536k", "none", disk]).status === 0;
    if (!mounted) console.warn("skipped: no disk can be mounted here (root is needed), so none is filled");
  });
  afterAll(async () => {
    await Promise.all(opened.splice(0).map((studio) => studio.close()));
    if (mounted) spawnSync("umount", ["-l", disk]);
  });

  test("is said by the job and by the upload, nothing is left half, and all goes on when there is room", async ({
    skip,
  }) => {
    if (!mounted) return skip();
    const studio = await open(join(disk, "work"));
    const filler = join(disk, "filler");
    await writeFile(filler, Buffer.alloc(1200 * 1024));
    const values = { source: join(root, "home/lesions"), out: "skin" };
    const job = await until(studio, await start(studio, "import", values), ended);
    expect([job.state, job.error?.message]).toEqual(["failed", expect.stringContaining("the disk is full")]);
    expect((await readdir(join(disk, "work"))).filter((name) => name !== "jobs")).toEqual([]);

    const id = newId();
    // Announced as less than what comes would be refused before; the disk fills up while it comes.
    expect((await post(studio, "/api/uploads", { id, name: "a", files: 1, bytes: 200 * 1024 })).status).toBe(201);
    await writeFile(filler, Buffer.alloc(1350 * 1024)).catch(() => undefined);
    const sent = await ask(studio.port, `/api/uploads/${id}/files?path=a.png`, {
      method: "POST",
      body: Buffer.alloc(200 * 1024),
      headers: headers(studio, "application/octet-stream"),
    });
    expect([sent.status, sent.text]).toEqual([409, expect.stringContaining("the disk of the project is full")]);
    expect(await get<UploadState>(studio, `/api/uploads/${id}`)).toMatchObject({ state: "failed" });
    expect(await readdir(join(disk, "work/uploads"))).toEqual([]);
    const large = await post(studio, "/api/uploads", { id: newId(), name: "a", files: 1, bytes: 2 ** 30 });
    expect([large.status, large.text]).toEqual([409, expect.stringContaining("the disk has")]);

    await rm(filler);
    const again = await until(studio, await start(studio, "import", values), ended);
    expect([again.state, again.error]).toEqual(["done", null]);
    expect((await get<Project>(studio, "/api/project")).jobs.map(({ state }) => state)).toEqual(["done", "failed"]);
  });

  test("stops a training in clear words: it keeps its last checkpoint, and how it ended is written when there is room", async ({
    skip,
  }) => {
    if (!mounted || spawnSync("mount", ["-o", "remount,size=48m", disk]).status !== 0) return skip();
    const studio = await open(join(disk, "training"));
    const values = { source: join(root, "home/lesions"), out: "skin", size: 16 };
    expect((await until(studio, await start(studio, "import", values), ended)).state).toBe("done");
    const id = await start(studio, "train", { ...TRAINING, dataset: "skin" });
    const learns = (job: JobRecord) => ended(job) || (job.progress?.stage === "train" && job.progress.done > 0);
    const stop = (job: string) => post(studio, `/api/jobs/${job}/end`, { how: "stop" });
    await until(studio, id, learns);
    await stop(id);
    await until(studio, id, ended);
    const checkpoints = async () => (await readdir(join(disk, "training/run/checkpoints"))).sort();
    const kept = await checkpoints();
    expect(kept.length).toBeGreaterThan(1);

    const filler = join(disk, "filler");
    const full = newId();
    await post(studio, `/api/jobs/${id}/resume`, { id: full });
    const going = await until(studio, full, learns);
    expect([going.state, going.error]).toEqual(["running", null]);
    await writeFile(filler, Buffer.alloc(64 * 2 ** 20)).catch(() => undefined);
    await stop(full);
    await until(studio, full, ({ process, error }) => error !== null || !existsSync(`/proc/${process!.pid}`));
    expect(await checkpoints()).toEqual(kept);
    await rm(filler);
    // How it ended is written once there is room.
    const failed = await until(studio, full, ended);
    expect([failed.state, failed.error?.message]).toEqual([
      "failed",
      expect.stringMatching(/checkpoints\/.*the disk is full/),
    ]);
  });
});

describe("a folder that is taken away", () => {
  let studio: Studio;
  let project: string;
  beforeAll(async () => {
    project = join(root, "work");
    studio = await open(project);
    const id = await start(studio, "import", { source: join(root, "home/lesions"), out: "skin", size: 16 });
    expect((await until(studio, id, ended)).state).toBe("done");
  });
  test("the images of a training: it goes on or says so, ends with its checkpoint, and goes on when they are back", async () => {
    const id = await start(studio, "train", { ...TRAINING, dataset: "skin" });
    await until(studio, id, (job) => ended(job) || (job.progress?.stage === "train" && job.progress.done > 0));
    await rename(join(project, "skin"), join(root, "skin-away"));
    const before = await get<JobRecord>(studio, `/api/jobs/${id}`);
    const after = await until(studio, id, (job) => ended(job) || job.progress!.done > before.progress!.done);
    if (ended(after)) expect(after.error?.message).toContain("skin");
    else await post(studio, `/api/jobs/${id}/end`, { how: "stop" });
    await until(studio, id, ended);
    expect(await readdir(join(project, "run"))).toContain("generator.onnx");
    // Without its images it cannot go on, and says which are missing.
    const next = newId();
    await post(studio, `/api/jobs/${id}/resume`, { id: next });
    const failed = await until(studio, next, (job) => ended(job) || job.progress?.stage === "train");
    if (ended(failed))
      expect([failed.state, failed.error?.message]).toEqual(["failed", expect.stringContaining("skin")]);
    else await post(studio, `/api/jobs/${next}/end`, { how: "stop" });
    await until(studio, next, ended);
    await rename(join(root, "skin-away"), join(project, "skin"));
    const last = newId();
    await post(studio, `/api/jobs/${id}/resume`, { id: last });
    const going = await until(studio, last, (job) => ended(job) || job.progress?.stage === "train");
    expect(going.state, JSON.stringify(going.error)).toBe("running");
    await post(studio, `/api/jobs/${last}/end`, { how: "stop" });
    await until(studio, last, ended);
  });

  test("the project itself: the studio says so, starts nothing elsewhere, and goes on when it is back", async () => {
    const jobs = (await get<Project>(studio, "/api/project")).jobs.length;
    await rename(project, join(root, "work-away"));
    const asked = async () => (await ask(studio.port, "/api/project", { headers: headers(studio) })).status;
    await expect.poll(asked).toBeGreaterThanOrEqual(400);
    const refused = await post(studio, "/api/jobs", { id: newId(), command: "demo", values: { out: "demo" } });
    expect(refused.status).toBeGreaterThanOrEqual(400);
    // It is not made anew, where the way back would be lost.
    expect(existsSync(project)).toBe(false);
    await rename(join(root, "work-away"), project);
    await expect.poll(asked).toBe(200);
    expect((await get<Project>(studio, "/api/project")).jobs).toHaveLength(jobs);
    expect(await readFile(join(project, "run/config.json"), "utf8")).toContain("ganglion.run/1");
  });
});
