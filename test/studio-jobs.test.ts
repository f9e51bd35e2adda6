// Jobs of a project: real commands of the build, as processes of their own.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, realpath, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { failure, temporaryFolder } from "../src/core/testing/fixtures.ts";
import { writePhantom } from "../src/phantom/write.ts";
import type { FolderListing, JobLog, JobRecord, Project } from "../src/studio/project-api.ts";
import { type Studio, startStudio } from "../src/studio/server/start-studio.ts";
import { ask } from "../src/studio/testing/request.ts";

// Commands of the build start in seconds, on a busy machine in tens of them.
vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });
const worker = fileURLToPath(new URL("../dist/studio/jobs/job-worker.js", import.meta.url));
let root: string;
const open: Studio[] = [];

beforeAll(async () => {
  if (!existsSync(worker)) throw new Error("dist is missing: run `npm run build` first");
  root = await realpath(await temporaryFolder());
  await mkdir(join(root, "home/.private"), { recursive: true });
  await writePhantom(join(root, "home/lesions"), { count: 60, size: 16, seed: 1 });
  await mkdir(join(root, "outside"));
});
afterAll(() => Promise.all(open.map((studio) => studio.close())));

/** A studio over a project of this name, new or not, that may read `home`. */
async function studioOf(name: string): Promise<Studio> {
  const studio = await startStudio({
    path: join(root, name),
    roots: [join(root, "home")],
    port: 0,
    note: () => undefined,
  });
  open.push(studio);
  return studio;
}

const headersOf = ({ port, token }: Studio) => ({
  authorization: `Bearer ${token}`,
  origin: `http://127.0.0.1:${port}`,
  "content-type": "application/json",
});
async function get<T>(studio: Studio, path: string): Promise<T> {
  const { status, text } = await ask(studio.port, path, { headers: headersOf(studio) });
  expect(status, text).toBe(200);
  return JSON.parse(text) as T;
}
const post = (studio: Studio, path: string, body: unknown) =>
  ask(studio.port, path, { method: "POST", headers: headersOf(studio), body: JSON.stringify(body) });

let asked = 0;
const newId = () => (++asked).toString(16).padStart(12, "0");
async function start(studio: Studio, command: string, values: object, id = newId()): Promise<JobRecord> {
  const { status, text } = await post(studio, "/api/jobs", { id, command, values });
  expect(status, text).toBe(201);
  return JSON.parse(text) as JobRecord;
}
const jobOf = (studio: Studio, id: string) => get<JobRecord>(studio, `/api/jobs/${id}`);
/** The job once it is as it should be. */
async function until(studio: Studio, id: string, is: (job: JobRecord) => boolean): Promise<JobRecord> {
  for (;;) {
    const job = await jobOf(studio, id);
    if (is(job)) return job;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
const ended = ({ state }: JobRecord) => state !== "queued" && state !== "running";
const projectOf = (studio: Studio) => get<Project>(studio, "/api/project");
const alive = (pid: number) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};
const importing = (out: string) => ({ source: join(root, "home/lesions"), out });
/** A training that no test waits for. */
const TRAINING = { dataset: "skin", resolution: "16", preset: "tiny", images: 1e9, threads: 1 };

test("a new folder is a project: nothing done, import comes next, and only folders of the roots are listed", async () => {
  const studio = await studioOf("fresh");
  const project = await projectOf(studio);
  expect(project.steps.map(({ name, state }) => [name, state])).toEqual(
    ["data", "model", "images", "evidence", "release"].map((name) => [name, "missing"]),
  );
  expect([project.next, project.jobs, project.roots]).toEqual(["import", [], [join(root, "home")]]);
  const listing = await get<FolderListing>(studio, "/api/project/folders");
  expect(listing.folders).toEqual(["lesions"]);
  expect((await get<FolderListing>(studio, "/api/project/folders?path=lesions/images")).images).toBe(60);
  for (const path of ["..", "../outside", ".private", "lesions/../../outside"]) {
    const { status } = await ask(studio.port, `/api/project/folders?path=${encodeURIComponent(path)}`, {
      headers: headersOf(studio),
    });
    expect(status, path).toBe(400);
  }
  const away = await failure(startStudio({ path: join(root, "no/such"), port: 0, note: () => undefined }));
  expect(away.code).toBe("files");
});

test("starts of the package are told of with their pictures; names that are none lead nowhere", async () => {
  const studio = await studioOf("starts");
  const { starts } = await projectOf(studio);
  expect(starts.map(({ name }) => name)).toContain("phantom-32");
  const picture = (name: string) => ask(studio.port, `/api/project/starts/${name}`, { headers: headersOf(studio) });
  for (const { name, about, resolution, imagesSeen } of starts) {
    expect(
      [about.length, resolution, imagesSeen].every((n) => n > 0),
      name,
    ).toBe(true);
    const { status, headers, bytes } = await picture(`${name}.png`);
    expect([status, headers["content-type"], bytes.subarray(1, 4).toString()], name).toEqual([200, "image/png", "PNG"]);
  }
  for (const name of ["other.png", "..%2fphantom-32.png", "phantom-32", "%2e%2e.png"])
    expect((await picture(name)).status, name).toBe(404);
});

test("a job is the command that a terminal would run, and its record says all of it", async () => {
  const studio = await studioOf("first");
  const { id } = await start(studio, "import", importing("skin"));
  const job = await until(studio, id, ended);
  expect(job).toMatchObject({
    state: "done",
    exitCode: 0,
    words: ["import", join(root, "home/lesions"), "skin"],
    line: `ganglion import ${join(root, "home/lesions")} skin`,
    outputs: { out: join(root, "first/skin") },
    next: expect.stringContaining("ganglion inspect skin"),
    versions: { node: process.version },
  });
  expect(Date.parse(job.ended!)).toBeGreaterThanOrEqual(Date.parse(job.started!));
  expect(await readdir(join(root, "first/skin"))).toContain("metadata.csv");
  const { text } = await get<JobLog>(studio, `/api/jobs/${id}/log`);
  expect(text).toContain(job.line);
  expect(text).toMatch(/done\s+exit code 0\n$/);
  // The secret of the studio is in nothing that a job leaves or is given.
  for (const name of await readdir(join(root, "first/jobs"))) {
    if (name !== "turns") expect(await readFile(join(root, "first/jobs", name), "utf8")).not.toContain(studio.token);
  }
  const project = await projectOf(studio);
  expect([project.steps[0]!.state, project.next]).toEqual(["done", "train"]);
  expect(project.filled.train).toMatchObject({ dataset: "skin", out: "run" });
});

test("what fails says why, with every problem", async () => {
  const studio = await studioOf("failing");
  await writePhantom(join(root, "home/broken"), { count: 20, size: 16, seed: 3 });
  const [damaged] = await readdir(join(root, "home/broken/images"));
  await writeFile(join(root, "home/broken/images", damaged!), "no picture");
  const { id } = await start(studio, "import", { source: join(root, "home/broken"), out: "skin" });
  const job = await until(studio, id, ended);
  expect([job.state, job.exitCode]).toEqual(["failed", 1]);
  expect(job.error?.problems.map(({ path }) => path).join()).toContain(damaged);
  expect(existsSync(join(root, "failing/skin"))).toBe(false);
  expect((await projectOf(studio)).steps[0]!.state).toBe("missing");
});

test("two studios on one project run each job once, one after the other, and a request sent twice is one job", async () => {
  const [one, two] = [await studioOf("shared"), await studioOf("shared")];
  const ids = [newId(), newId(), newId()];
  await Promise.all(
    ids.flatMap((id, i) => [one, two].map((studio) => start(studio, "import", importing(`skin-${i}`), id))),
  );
  const jobs = await Promise.all(ids.map((id, i) => until(i % 2 === 0 ? one : two, id, ended)));
  expect(jobs.map(({ state, error }) => [state, error])).toEqual(ids.map(() => ["done", null]));
  const spans = jobs.map(({ started, ended: end }) => [started!, end!]).sort();
  for (const [i, [from]] of spans.entries()) if (i > 0) expect(from! >= spans[i - 1]![1]!).toBe(true);
  const turns = await readdir(join(root, "shared/jobs/turns"));
  expect(turns).toHaveLength(3);
  expect((await projectOf(one)).jobs.map(({ id }) => id).sort()).toEqual([...ids].sort());
});

describe("a training", () => {
  let studio: Studio;
  beforeAll(async () => {
    studio = await studioOf("training");
    const { id } = await start(studio, "import", importing("skin"));
    await until(studio, id, ended);
  });

  /** A training that is at its steps. */
  const training = async (out: string): Promise<JobRecord> => {
    const { id } = await start(studio, "train", { ...TRAINING, out });
    return until(studio, id, ({ state, progress }) => {
      expect(["queued", "running"]).toContain(state);
      return progress?.stage === "train" && progress.done > 0;
    });
  };

  test("goes on when the studio ends, is found by the next one, ends at a checkpoint with its whole group", async () => {
    const { id, process: found } = await training("run");
    await studio.close();
    expect(alive(found!.pid)).toBe(true);
    studio = await studioOf("training");
    const before = await jobOf(studio, id);
    expect(before).toMatchObject({ state: "running", process: found });
    await until(studio, id, ({ progress }) => progress!.done > before.progress!.done);
    expect((await projectOf(studio)).steps.map(({ state }) => state).slice(0, 3)).toEqual([
      "done",
      "running",
      "missing",
    ]);
    const waiting = await start(studio, "inspect", { source: "skin" });
    expect((await jobOf(studio, waiting.id)).state).toBe("queued");
    // One that waits never begins.
    expect((await post(studio, `/api/jobs/${waiting.id}/end`, { how: "stop" })).status).toBe(200);
    expect((await jobOf(studio, waiting.id)).state).toBe("cancelled");

    expect((await post(studio, `/api/jobs/${id}/end`, { how: "stop" })).status).toBe(200);
    const job = await until(studio, id, ended);
    expect(job.ended).not.toBeNull();
    expect(() => process.kill(-found!.pid, 0)).toThrow("ESRCH");
    expect(await readdir(join(root, "training/run"))).toContain("generator.onnx");
    await until(studio, waiting.id, ended);
    expect(existsSync(join(root, `training/jobs/${waiting.id}.log`))).toBe(false);

    // And goes on from there, as the same command with --resume.
    const next = newId();
    expect((await post(studio, `/api/jobs/${id}/resume`, { id: next })).status).toBe(201);
    const going = await until(studio, next, ({ state, progress }) => {
      expect(["queued", "running"]).toContain(state);
      return progress?.stage === "train";
    });
    expect(going.words).toEqual([...job.words, "--resume"]);
    expect(going.progress!.done).toBeGreaterThanOrEqual(job.progress!.done / 2);

    // Paused with the studio, where a person chose so; what waits begins with the next studio.
    await post(studio, "/api/project/plans/when-stopped", { whenStopped: "pause" });
    const later = await start(studio, "inspect", { source: "skin" });
    await studio.close();
    await expect.poll(() => alive(going.process!.pid), { timeout: 120_000 }).toBe(false);
    await new Promise((resolve) => setTimeout(resolve, 2000));
    expect(existsSync(join(root, `training/jobs/${later.id}.log`))).toBe(false);
    studio = await studioOf("training");
    expect((await until(studio, later.id, ended)).state).toBe("done");
    expect((await jobOf(studio, next)).state).toBe("cancelled");
    await post(studio, "/api/project/plans/when-stopped", { whenStopped: "go-on" });

    // And ended with what it has: the run is judged, without a further step.
    const last = newId();
    expect((await post(studio, `/api/jobs/${next}/finish`, { id: last })).status).toBe(201);
    const finished = await until(studio, last, ended);
    expect([finished.state, finished.words.slice(-3)]).toEqual(["done", ["--images", "1", "--resume"]]);
    expect(await readdir(join(root, "training/run"))).toContain("outcome.json");
  });

  test("whose runner is killed goes on and can be ended; killed itself it is interrupted, and the next job runs", async () => {
    const { id, process: found } = await training("run-2");
    const turns = await readdir(join(root, "training/jobs/turns"));
    const last = JSON.parse(await readFile(join(root, "training/jobs/turns", turns.sort().at(-1)!), "utf8"));
    const runner = Number(/\.(\d+)/.exec(last.owner)![1]);
    process.kill(runner, "SIGKILL");
    await expect.poll(() => alive(runner)).toBe(false);
    expect((await jobOf(studio, id)).state).toBe("running");
    expect(alive(found!.pid)).toBe(true);
    const waiting = await start(studio, "inspect", { source: "skin" });
    expect((await jobOf(studio, waiting.id)).state).toBe("queued");
    expect((await post(studio, `/api/jobs/${id}/end`, { how: "kill" })).status).toBe(200);
    expect((await until(studio, id, ended)).state).toBe("interrupted");
    expect((await until(studio, waiting.id, ended)).state).toBe("done");
  });
});

test("a worker that finds another at work leaves it alone", async () => {
  const project = join(root, "first");
  const before = await readdir(join(project, "jobs/turns"));
  const [a, b] = [1, 2].map(() => spawn(process.execPath, [worker, project], { stdio: "ignore" }));
  await Promise.all([a, b].map((child) => new Promise((resolve) => child!.once("exit", resolve))));
  expect(await readdir(join(project, "jobs/turns"))).toEqual(before);
});

describe("requests", () => {
  let studio: Studio;
  beforeAll(async () => {
    studio = await studioOf("fresh");
  });

  test.each([
    ["a path outside", { command: "inspect", values: { source: "../outside" } }],
    ["a hidden folder", { command: "inspect", values: { source: "../home/.private" } }],
    ["an option that is no field", { command: "train", values: { ...TRAINING, out: "run", config: "x" } }],
    ["an option in place of a value", { command: "import", values: { source: "x", out: "--plan" } }],
    ["another command", { command: "studio", values: {} }],
    ["a shell", { command: "import; id", values: {} }],
    ["an id that is a path", { id: "../../../x", command: "demo", values: { out: "demo" } }],
  ])("%s is refused, and leaves nothing", async (_, body) => {
    const { status } = await post(studio, "/api/jobs", { id: newId(), ...body });
    expect(status).toBe(400);
    expect((await projectOf(studio)).jobs).toEqual([]);
  });

  test("without the token, of another origin, and of a form are refused like all others", async () => {
    const body = JSON.stringify({ id: newId(), command: "demo", values: { out: "demo" } });
    const { authorization, ...others } = headersOf(studio);
    const sent = (headers: Record<string, string>) => ask(studio.port, "/api/jobs", { method: "POST", headers, body });
    expect((await sent(others)).status).toBe(401);
    expect((await sent({ ...headersOf(studio), origin: "http://127.0.0.1:1" })).status).toBe(403);
    expect((await sent({ ...headersOf(studio), "content-type": "text/plain" })).status).toBe(415);
    expect((await projectOf(studio)).jobs).toEqual([]);
  });

  test("of a job that is not there find nothing", async () => {
    for (const id of [newId(), "..%2F..%2Fx", "turns"]) {
      for (const path of [`/api/jobs/${id}`, `/api/jobs/${id}/log`, `/api/jobs/${id}/inspection`]) {
        expect((await ask(studio.port, path, { headers: headersOf(studio) })).status, path).toBe(404);
      }
      expect((await post(studio, `/api/jobs/${id}/end`, { how: "kill" })).status).toBe(404);
    }
  });
});
