// The studio, a job, its runner and the browser are killed at drawn moments of each step: nothing is lost or doubled, and
// what happened is said. GANGLION_KILLS=30 makes the whole of it (docs/studio.md), GANGLION_KILLS_SEED draws other moments,
// GANGLION_KILLS_STEPS=study,train only of these steps, GANGLION_KILLS_REPORT names a file to which each kill is added as a
// line of JSON.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, existsSync } from "node:fs";
import { mkdir, readdir, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { type BrowserServer, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Rng } from "../src/core/rng.ts";
import { temporaryFolder } from "../src/core/testing/fixtures.ts";
import { writePhantom } from "../src/phantom/write.ts";
import type { JobRecord, Project, UploadState } from "../src/studio/project-api.ts";
import { ask } from "../src/studio/testing/request.ts";
import { CHROMIUM_ARGUMENTS, missingBrowser } from "./testing/chromium.ts";

const main = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));
const KILLS = Number(process.env.GANGLION_KILLS ?? 6);
const SEED = Number(process.env.GANGLION_KILLS_SEED ?? 1);
const REPORT = process.env.GANGLION_KILLS_REPORT;
const IMAGES = 40;
/** What is missing where so few images were drawn by so short a training. */
const ACCEPTED = ["no-patients", "few-images", "missing-test", "grade"];
const CLASSES = 7;
const STUDY = "short.json";
/** Two arms and their extra ones, one seed, one epoch. */
const SHORT_STUDY = {
  format: "ganglion.study/1",
  preset: "quick",
  data: { dataset: "skin", positive: "nevus", resolution: 16 },
  testSets: [{ name: "held-out", distribution: "in" }],
  generators: { model: { from: "run", run: "run" } },
  arms: { synthetic: [{ generators: ["model"], ratios: [1], only: false }] },
  classifier: { kind: "network", epochs: 1, patience: 1, views: 4 },
  seeds: [0],
};

const ALL_STEPS = [
  "import",
  "upload",
  "train",
  "generate",
  "balance",
  "inspect",
  "evaluate",
  "audit",
  "study",
  "release",
] as const;
type StepName = (typeof ALL_STEPS)[number];
type JobStep = Exclude<StepName, "upload">;
const STEPS = ALL_STEPS.filter((step) => process.env.GANGLION_KILLS_STEPS?.split(",").includes(step) ?? true);
const VICTIMS = ["studio", "job", "browser", "runner"] as const;
type Victim = (typeof VICTIMS)[number];
/** How long each step takes when nobody is killed, in milliseconds: moments are drawn over all of it. */
const lasts = new Map<StepName, number>([["upload", 600]]);

interface Running {
  readonly child: ChildProcess;
  readonly port: number;
  readonly token: string;
}

let root: string;
let project: string;
let studio: Running;
const skipsBrowser = missingBrowser("the browser is not killed");

/** The studio as a process of its own, which is what is killed. */
async function open(): Promise<Running> {
  const child = spawn(process.execPath, [main, "studio", project, "--port", "0", "--root", join(root, "home")], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  for await (const line of createInterface({ input: child.stderr! })) {
    const [, port, token] = /^studio: http:\/\/127\.0\.0\.1:(\d+)\/\?token=(\S+)$/.exec(line) ?? [];
    if (port === undefined) continue;
    child.stderr!.resume();
    return { child, port: Number(port), token: token! };
  }
  throw new Error("the studio ended before it said where it is");
}
async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGKILL");
  await gone;
}

const headers = (type = "application/json") => ({
  authorization: `Bearer ${studio.token}`,
  origin: `http://127.0.0.1:${studio.port}`,
  "content-type": type,
});
async function get<T>(path: string): Promise<T> {
  const { status, text } = await ask(studio.port, path, { headers: headers() });
  expect(status, text).toBe(200);
  return JSON.parse(text) as T;
}
const post = (path: string, body: unknown) =>
  ask(studio.port, path, { method: "POST", headers: headers(), body: JSON.stringify(body) });
const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const ended = ({ state }: JobRecord) => state !== "queued" && state !== "running";
let ids = 0;
const newId = () => `5eed${(++ids).toString(16).padStart(12, "0")}`;

async function untilEnded(id: string): Promise<JobRecord> {
  for (;;) {
    const job = await get<JobRecord>(`/api/jobs/${id}`);
    if (ended(job)) return job;
    await sleep(100);
  }
}
async function untilBegun(id: string): Promise<void> {
  for (;;) {
    const job = await get<JobRecord>(`/api/jobs/${id}`);
    if (job.process !== null || ended(job)) return;
    await sleep(20);
  }
}
async function run(command: string, values: object): Promise<JobRecord> {
  const id = newId();
  const { status, text } = await post("/api/jobs", { id, command, values });
  expect(status, text).toBe(201);
  return untilEnded(id);
}

/** What is asked for at a step; `k` names what it writes. */
function valuesOf(step: JobStep, k: number): Record<string, unknown> {
  const lesions = join(root, "home/lesions");
  return {
    inspect: { source: lesions },
    import: { source: lesions, out: `images-${k}` },
    train: { dataset: "skin", out: `run-${k}`, resolution: "16", preset: "tiny", images: 192, threads: 1 },
    generate: { run: "run", perClass: 4, out: `set-${k}`, threads: 1 },
    balance: { dataset: "skin", run: "run", out: `balanced-${k}`, maxRatio: 2, threads: 1 },
    study: { config: STUDY, out: `study-${k}`, workers: 1 },
    evaluate: { dataset: "skin", set: "set", out: `report-${k}`, threads: 1, features: ["multiscale"] },
    audit: { dataset: "skin", holdout: "skin", set: "set", run: "run", out: `audit-${k}`, threads: 1 },
    release: {
      set: "set",
      audit: "audit",
      run: "run",
      dataset: "skin",
      out: `shared-${k}`,
      license: "CC0-1.0",
      accept: ACCEPTED,
    },
  }[step];
}

beforeAll(async () => {
  root = await realpath(await temporaryFolder());
  project = join(root, "work");
  await mkdir(join(root, "home"));
  await writePhantom(join(root, "home/lesions"), { count: IMAGES, size: 16, seed: 1 });
  studio = await open();
  await writeFile(join(project, STUDY), JSON.stringify(SHORT_STUDY));
  const planned = new Set<StepName>(plan.map(({ step }) => step));
  if (planned.has("release")) planned.add("audit");
  for (const [step, out] of [
    ["import", "skin"],
    ["train", "run"],
    ["generate", "set"],
    ["balance", "balanced"],
    ["inspect", undefined],
    ["evaluate", "report"],
    ["audit", "audit"],
    ["study", "study"],
    ["release", "shared"],
  ] as const) {
    if (!planned.has(step) && !["import", "train", "generate"].includes(step)) continue;
    const { state, started, ended: end, error } = await run(step, { ...valuesOf(step, 0), ...(out && { out }) });
    expect([step, state, error]).toEqual([step, "done", null]);
    lasts.set(step, Date.parse(end!) - Date.parse(started!));
  }
}, 600_000);
afterAll(() => kill(studio.child));

/** A browser of its own with the project's page in it. */
async function visit(): Promise<{ server: BrowserServer; page: Page }> {
  const server = await chromium.launchServer({
    executablePath: process.env.GANGLION_CHROMIUM ?? "",
    args: CHROMIUM_ARGUMENTS,
  });
  const browser = await chromium.connect(server.wsEndpoint());
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${studio.port}/?token=${studio.token}`);
  await page.locator(".chain").waitFor();
  return { server, page };
}

/** Twenty files of 64 KiB, so that there is a middle to be killed in. */
const FILES = Array.from({ length: 20 }, (_, i) => ({ name: `f${i}.png`, data: Buffer.alloc(64 * 1024, i) }));

/** Sends an upload as the page does; whatever fails is what a killed studio or browser leaves. */
async function sendUpload(id: string): Promise<void> {
  const bytes = FILES.reduce((sum, { data }) => sum + data.length, 0);
  await post("/api/uploads", { id, name: "pictures", files: FILES.length, bytes });
  for (const { name, data } of FILES) {
    await ask(studio.port, `/api/uploads/${id}/files?path=${name}`, {
      method: "POST",
      body: data,
      headers: headers("application/octet-stream"),
    });
    await sleep(20);
  }
  await post(`/api/uploads/${id}/finish`, {});
}

/** Kills whoever is to be killed. @returns whether there was somebody left to kill */
async function strike(victim: Victim, id: string, server: BrowserServer | null): Promise<boolean> {
  if (victim === "browser") {
    server!.process().kill("SIGKILL");
    return true;
  }
  if (victim === "studio") {
    await kill(studio.child);
    studio = await open();
    return true;
  }
  let pid: number | undefined;
  if (victim === "job") pid = (await get<JobRecord>(`/api/jobs/${id}`)).process?.pid;
  else {
    for (const name of await readdir(join(project, "jobs/turns"))) {
      const turn = JSON.parse(await readFile(join(project, "jobs/turns", name), "utf8"));
      if (turn.job === id) pid = Number(/\.(\d+)/.exec(turn.owner)![1]);
    }
  }
  if (pid === undefined) return false;
  try {
    process.kill(pid, "SIGKILL");
    return true;
  } catch {
    return false;
  }
}

/** Images of a folder that was written whole: as many files as rows, none twice. */
async function countImages(folder: string): Promise<number> {
  const [, ...rows] = (await readFile(join(folder, "metadata.csv"), "utf8")).trim().split(/\r?\n/);
  const names = rows.map((row) => row.split(",")[0]!);
  expect(new Set(names).size).toBe(names.length);
  for (const name of names) expect(existsSync(join(folder, name)), name).toBe(true);
  const files = (await readdir(join(folder, "images"), { recursive: true })).filter((name) => name.endsWith(".png"));
  expect(files).toHaveLength(names.length);
  return names.length;
}

async function checkUpload(id: string, victim: Victim): Promise<string> {
  const folder = join(project, "uploads");
  const { status, text } = await ask(studio.port, `/api/uploads/${id}`, { headers: headers() });
  let state = status === 404 ? null : (JSON.parse(text) as UploadState);
  // A browser that is gone is noticed with its connection or by silence; the whole came, or nothing is kept.
  while (state !== null && state.state !== "done" && state.state !== "failed") {
    if (victim === "browser" && state.state === "receiving") await post(`/api/uploads/${id}/cancel`, {});
    await sleep(100);
    state = await get<UploadState>(`/api/uploads/${id}`);
    if (state.state === "cancelled") break;
  }
  const there = await readdir(folder).catch(() => [] as string[]);
  expect(there.filter((name) => name.startsWith("."))).toEqual([]);
  expect(there.length).toBeLessThanOrEqual(1);
  for (const name of there) {
    expect((await readdir(join(folder, name))).sort()).toEqual(FILES.map((file) => file.name).sort());
  }
  await rm(folder, { recursive: true, force: true });
  return state?.state ?? "the studio knows nothing of it";
}

/** What says that a step's folder is whole; null for a step that writes none. */
const LAST_FILE: Readonly<Record<JobStep, string | null>> = {
  inspect: null,
  import: "metadata.csv",
  train: "generator.onnx",
  generate: "metadata.csv",
  balance: "metadata.csv",
  evaluate: "report.html",
  audit: "audit.json",
  study: "results.json",
  release: "SHA256SUMS",
};
/** Steps that go on where they were, so that their folder may be there before its end. */
const GOES_ON: ReadonlySet<JobStep> = new Set(["train", "study"]);

/** What a step wrote is whole; a job that did not end well is run again, a training from its checkpoint. */
async function checkJob(step: JobStep, k: number, id: string, victim: Victim): Promise<string> {
  const job = await untilEnded(id);
  const allowed = { studio: ["done"], browser: ["done"], runner: ["done", "interrupted"], job: ["done", "failed"] }[
    victim
  ];
  expect(allowed, `${victim} killed: ${JSON.stringify(job)}`).toContain(job.state);
  const out = valuesOf(step, k).out as string | undefined;
  const folder = join(project, out ?? "");
  const last = LAST_FILE[step];
  const whole = () => last !== null && existsSync(join(folder, last));
  if (job.state !== "done") {
    // It says how it ended, and half of an output is not there.
    expect(job.state === "interrupted" || job.signal === "SIGKILL" || job.exitCode !== 0).toBe(true);
    if (out !== undefined && !GOES_ON.has(step)) expect(existsSync(folder)).toBe(whole());
    const next = newId();
    const resumes = GOES_ON.has(step) && existsSync(join(folder, step === "train" ? "config.json" : ""));
    if (resumes) expect((await post(`/api/jobs/${id}/resume`, { id: next })).status).toBe(201);
    else if (!whole()) await post("/api/jobs", { id: next, command: step, values: valuesOf(step, k) });
    if (resumes || !whole()) {
      const again = await untilEnded(next);
      expect([again.state, again.error], `again: ${again.line}`).toEqual(["done", null]);
    }
  }
  if (last !== null) expect(whole(), `${out}/${last}`).toBe(true);
  if (step === "import") expect(await countImages(folder)).toBe(IMAGES);
  if (step === "generate") expect(await countImages(folder)).toBe(4 * CLASSES);
  // The files of the one that nobody disturbed.
  if (step === "balance") expect(await filesOf(folder)).toEqual(await filesOf(join(project, "balanced")));
  if (step === "study") expect(await figuresOf(folder)).toEqual(await figuresOf(join(project, "study")));
  if (step === "release") expect((await run("verify", { release: out })).state).toBe("done");
  return job.state;
}

const filesOf = async (folder: string): Promise<string[]> => (await readdir(folder, { recursive: true })).sort();
/** Figures of a study, which are the same however often it was stopped. */
const figuresOf = (folder: string): Promise<string> => readFile(join(folder, "table.csv"), "utf8");

/** Each job has one record, each turn one job, and no job two turns. */
async function checkRecords(): Promise<void> {
  const turns = await Promise.all(
    (await readdir(join(project, "jobs/turns"))).map(async (name) =>
      JSON.parse(await readFile(join(project, "jobs/turns", name), "utf8")),
    ),
  );
  const jobs = turns.map(({ job }) => job as string);
  expect(new Set(jobs).size).toBe(jobs.length);
  const { jobs: shown } = await get<Project>("/api/project");
  expect(new Set(shown.map(({ id }) => id)).size).toBe(shown.length);
}

const drawn = new Rng(SEED, "kills");
/** Steps and victims in turn, so that few kills meet many of both; the moment is drawn. */
const plan = Array.from({ length: KILLS }, (_, k) => {
  const step = STEPS[k % STEPS.length]!;
  const victims = VICTIMS.filter(
    (victim) =>
      (step !== "upload" || victim === "studio" || victim === "browser") && !(victim === "browser" && skipsBrowser),
  );
  const victim = victims[(k + Math.floor(k / STEPS.length)) % victims.length]!;
  return { k: k + 1, step, victim, percent: Math.round(drawn.between(0, 100)) };
});

test.each(plan)(
  "kill $k: the $victim, $percent % into $step",
  { timeout: 300_000 },
  async ({ k, step, victim, percent }) => {
    const after = Math.round((lasts.get(step)! * percent) / 100);
    const id = newId();
    const browser = victim === "browser" ? await visit() : null;
    const values = step === "upload" ? null : valuesOf(step, k);
    let sending: Promise<unknown> = Promise.resolve();
    if (browser !== null) {
      // What the page would send, sent by the page.
      const script =
        values === null
          ? `document.querySelector("a[href='#/project/import']") !== null, location.assign("#/project/import")`
          : `fetch("/api/jobs", { method: "POST", headers: { "content-type": "application/json" }, body: ${JSON.stringify(JSON.stringify({ id, command: step, values }))} })`;
      await browser.page.evaluate(script);
      if (values === null) {
        const files = FILES.map(({ name, data }) => ({ name, mimeType: "image/png", buffer: data }));
        sending = browser.page
          .locator("input[type=file]")
          .first()
          .setInputFiles(files)
          .catch(() => undefined);
      }
    } else if (values === null) sending = sendUpload(id).catch(() => undefined);
    else expect((await post("/api/jobs", { id, command: step, values })).status).toBe(201);
    // Its process is there a while after it was asked for; before that there is nobody to kill.
    if (victim === "job" || victim === "runner") await untilBegun(id);
    await sleep(after);
    const hit = await strike(victim, id, browser?.server ?? null);
    await sending;
    const state =
      step !== "upload"
        ? await checkJob(step, k, id, victim)
        : browser === null
          ? await checkUpload(id, victim)
          : await checkBrowserUpload();
    await checkRecords();
    const names = await readdir(project);
    expect(names.filter((name) => name.startsWith("."))).toEqual([]);
    if (REPORT !== undefined)
      appendFileSync(REPORT, `${JSON.stringify({ k, step, victim, after, percent, hit, state })}\n`);
  },
);

/** The page chose the upload's id; all that counts is what is on disk once the studio has noticed. */
async function checkBrowserUpload(): Promise<string> {
  const folder = join(project, "uploads");
  const there = async () => readdir(folder).catch(() => [] as string[]);
  await expect
    .poll(async () => (await there()).filter((name) => name.startsWith(".")), { timeout: 90_000 })
    .toEqual([]);
  const kept = await there();
  for (const name of kept) expect(await readdir(join(folder, name))).toHaveLength(FILES.length);
  await rm(folder, { recursive: true, force: true });
  return kept.length === 0 ? "nothing kept" : "done";
}

test.skipIf(skipsBrowser)("the page shows each job once, with what became of it", { timeout: 120_000 }, async () => {
  const { jobs } = await get<Project>("/api/project");
  const { server, page } = await visit();
  try {
    await expect.poll(() => page.locator(".job").count()).toBe(jobs.length);
    for (const state of new Set(jobs.map((job) => job.state))) {
      const cards = page.locator(`.job.${state}`);
      expect(await cards.count()).toBe(jobs.filter((job) => job.state === state).length);
      expect((await cards.first().locator(".job-state").innerText()).length).toBeGreaterThan(3);
    }
  } finally {
    await server.close();
  }
});
