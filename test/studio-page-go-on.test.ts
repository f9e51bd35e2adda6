// A study that is begun, interrupted and gone on with in a browser.
import { existsSync } from "node:fs";
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { temporaryFolder } from "../src/core/testing/fixtures.ts";
import { writePhantom } from "../src/phantom/write.ts";
import type { JobRecord } from "../src/studio/project-api.ts";
import { ask } from "../src/studio/testing/request.ts";
import { checkPage } from "./testing/check-page.ts";
import { missingBrowser } from "./testing/chromium.ts";
import { openStudio, type StudioVisits } from "./testing/studio-browser.ts";

const WAIT = { timeout: 120_000, interval: 20 };
const ID = "5eed5eed5eed5eed";
/** Real images alone, a dozen short trainings: none needs a generator. */
const PLAN = {
  format: "ganglion.study/1",
  preset: "quick",
  data: { dataset: "skin", positive: "nevus", resolution: 16, heldOut: 0.25 },
  testSets: [{ name: "held-out", distribution: "in" }],
  generators: {},
  arms: { synthetic: [] },
  classifier: { kind: "network", epochs: 1, patience: 1, views: 1 },
  seeds: Array.from({ length: 12 }, (_, i) => i),
};

describe.skipIf(missingBrowser("a study is not gone on with"))("an interrupted study, in a browser", () => {
  let project: string;
  let visits: StudioVisits;

  beforeAll(async () => {
    project = join(await temporaryFolder(), "work");
    await writePhantom(join(project, "skin"), { count: 120, size: 16, seed: 1 });
    await writeFile(join(project, "plan.json"), JSON.stringify(PLAN));
    visits = await openStudio(project);
  });
  afterAll(() => visits?.close());

  const record = async (id: string): Promise<JobRecord> =>
    JSON.parse(await readFile(join(project, "jobs", `${id}.json`), "utf8"));
  /** Time at which each result of a job of the study was written. */
  async function results(): Promise<Map<string, number>> {
    const store = join(project, "study/store/artefacts");
    const names = await readdir(store, { recursive: true }).catch(() => [] as string[]);
    const whole = names.filter((name) => name.endsWith("artefact.json"));
    return new Map(
      await Promise.all(whole.map(async (name) => [name, (await stat(join(store, name))).mtimeMs] as const)),
    );
  }
  /** Ends the process that runs the jobs and the command that it runs, as a machine that goes down does. */
  async function killJob(): Promise<void> {
    const turns = (await readdir(join(project, "jobs/turns"))).sort();
    const { owner } = JSON.parse(await readFile(join(project, "jobs/turns", turns.at(-1)!), "utf8"));
    process.kill(Number(/\.(\d+)/.exec(owner)![1]), "SIGKILL");
    process.kill((await record(ID)).process!.pid, "SIGKILL");
  }

  test("shows itself as it begins, and goes on from where it was when its button is pressed", {
    timeout: 300_000,
  }, async () => {
    await visits.visit("#/study", {}, async (page) => {
      page.setDefaultTimeout(WAIT.timeout);
      await page.getByText("There is no study yet.").waitFor();
      const { status, text } = await ask(visits.studio.port, "/api/jobs", {
        method: "POST",
        headers: {
          authorization: `Bearer ${visits.studio.token}`,
          origin: `http://127.0.0.1:${visits.studio.port}`,
          "content-type": "application/json",
        },
        body: JSON.stringify({ id: ID, command: "study", values: { config: "plan.json", out: "study", workers: 1 } }),
      });
      expect(status, text).toBe(201);
      // A study that begins while its page is open is shown there.
      await page.locator(".matrix").waitFor();
      await expect.poll(async () => (await results()).size, WAIT).toBeGreaterThan(1);
      await killJob();
      const kept = await results();
      expect(existsSync(join(project, "study/report.html"))).toBe(false);

      await page.evaluate("void (location.hash = '#/project')");
      const job = page.locator(".job.interrupted");
      await job.waitFor();
      expect(await job.locator(".job-state").innerText()).toMatch(/interrupted/);
      await checkPage(page, "interrupted-study");
      if ((await job.getAttribute("open")) === null) await job.locator("summary").first().press("Enter");
      await job.getByRole("button", { name: "Go on with it" }).press("Enter");
      const next = page.locator(".job.running, .job.done", { hasText: "ganglion study plan.json --out study" });
      await next.first().waitFor();
      await page.locator(".job.done", { hasText: "ganglion study plan.json --out study" }).first().waitFor();

      expect(existsSync(join(project, "study/report.html"))).toBe(true);
      const after = await results();
      for (const [name, written] of kept) expect(after.get(name), name).toBe(written);
      expect(after.size).toBeGreaterThan(kept.size);
      // One job more, of the same words; the one that was killed stays as it was.
      const ids = (await readdir(join(project, "jobs"))).flatMap((name) => /^([0-9a-f]+)\.json$/.exec(name)?.[1] ?? []);
      expect(ids).toHaveLength(2);
      const going = await record(ids.find((id) => id !== ID)!);
      expect([going.state, going.words]).toEqual(["done", (await record(ID)).words]);
    });
  });
});
