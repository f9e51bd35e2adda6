// The whole job in a browser, by clicks alone: from a folder of images to a release, and the commands that it ran.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { temporaryFolder } from "../src/core/testing/fixtures.ts";
import { writePhantom } from "../src/phantom/write.ts";
import type { JobRecord } from "../src/studio/project-api.ts";
import { leastContrast, missingBrowser } from "./testing/chromium.ts";
import { keepScreenshot, openStudio, type StudioVisits } from "./testing/studio-browser.ts";

const require = createRequire(import.meta.url);
const main = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const FINDINGS = `axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) =>
  violations.map(({ id, nodes }) => id + ": " + nodes.map(({ html }) => html).join(" | ")))`;

/** A job of the build may take this long while other tests run, in milliseconds. */
const JOB = 300_000;
/** Screens of every page: a phone, a desk, a wall; light and dark. */
const SCREENS = [
  { width: 360, height: 780, colorScheme: "light" },
  { width: 1280, height: 860, colorScheme: "dark" },
  { width: 2560, height: 1400, colorScheme: "light" },
] as const;

/** Checks a page as it stands on every screen: axe, contrast, no sideways scrolling; in both languages. */
async function checkPage(page: Page, name: string): Promise<void> {
  await page.evaluate(axe);
  for (const { width, height, colorScheme } of SCREENS) {
    await page.setViewportSize({ width, height });
    await page.emulateMedia({ colorScheme });
    expect(await page.evaluate(FINDINGS), `${name}, ${width} px, ${colorScheme}`).toEqual([]);
    expect(await page.evaluate(leastContrast(":disabled, .visually-hidden, .skip"))).toBeGreaterThanOrEqual(4.5);
    expect(await page.evaluate("document.documentElement.scrollWidth"), `${name}, ${width} px`).toBe(width);
    await keepScreenshot(page, `project-${name}-${width}-${colorScheme}`);
  }
  const language = page.getByRole("combobox").first();
  await language.selectOption("zh-CN");
  await keepScreenshot(page, `project-${name}-zh`);
  expect(await page.locator(".project").getAttribute("lang")).toBe("zh-CN");
  expect(await page.evaluate(FINDINGS), `${name}, Chinese`).toEqual([]);
  await language.selectOption("en");
  await page.setViewportSize({ width: 1280, height: 860 });
}

describe.skipIf(missingBrowser("the project's page is not opened"))("the project in a browser", () => {
  let root: string;
  let visits: StudioVisits;

  beforeAll(async () => {
    root = await temporaryFolder();
    await writePhantom(join(root, "home/clinic/lesions"), { count: 150, size: 16, seed: 1 });
    visits = await openStudio(join(root, "work"), [join(root, "home")]);
  });
  afterAll(() => visits?.close());

  const step = (page: Page, name: string) => page.locator(".step").filter({ has: page.getByRole("heading", { name }) });

  test("from a folder to a release by clicks alone", { timeout: 1_800_000 }, async () => {
    await visits.visit("", {}, async (page) => {
      page.setDefaultTimeout(JOB);
      await page.getByRole("link", { name: /Use my images/ }).waitFor();
      await checkPage(page, "empty");

      // Data: chosen, looked at, imported.
      await page.getByRole("link", { name: /Use my images/ }).click();
      await page.getByRole("button", { name: "clinic/" }).click();
      await page.getByRole("button", { name: "lesions/" }).click();
      await expect.poll(() => page.locator(".folder-browser .path").innerText()).toMatch(/lesions$/);
      await checkPage(page, "folders");
      await page.getByRole("button", { name: "Use this folder" }).click();
      await page.locator(".few-pictures img").nth(9).waitFor();
      await page.getByRole("button", { name: "Look at the images" }).click();
      await page.locator(".found").waitFor();
      expect(await page.locator(".found").innerText()).toMatch(/Images\s+150/);
      // Nothing is written before it is asked for.
      expect(await readdir(join(root, "work"))).toEqual(["jobs"]);
      expect(await page.locator(".found-columns").innerText()).toMatch(/patient_id[\s\S]*150 of 150/);
      await checkPage(page, "found");
      await page.getByLabel("Name of the new folder").fill("skin");
      await page.getByRole("button", { name: "Start" }).click();
      await step(page, "Data").locator(".step-state.done").waitFor();
      // The other pages have it without being loaded anew.
      await step(page, "Data").getByRole("link", { name: "Look at it" }).click();
      await page.locator(".image-grid img").first().waitFor();
      await page.goBack();

      // Model.
      await page.getByRole("link", { name: "Next step: Train a model" }).click();
      await page.getByLabel("Width and height in pixels").selectOption("16");
      await page.getByLabel("Minutes of training").fill("");
      await page.getByText("More settings").click();
      await page.getByLabel("End after this many images seen").fill("96");
      await page.getByLabel("Size of the network").selectOption("tiny");
      await page.getByLabel("Threads").fill("1");
      await checkPage(page, "train");
      await page.getByRole("button", { name: "Start" }).click();
      await page.locator(".job.running .command", { hasText: "ganglion train" }).waitFor();
      await checkPage(page, "running");
      await step(page, "Model").locator(".step-state.done").waitFor();

      // Images and evidence, as the page proposes them.
      await page.getByRole("link", { name: "Next step: Draw images" }).click();
      await page.getByLabel("Images of each class").fill("15");
      await page.getByRole("button", { name: "Start" }).click();
      await step(page, "Images").locator(".step-state.done").waitFor();
      for (const name of ["Compare with real images", "Search for copies and leaks"]) {
        await page.getByRole("link", { name: `Next step: ${name}` }).click();
        await page.getByRole("heading", { name }).waitFor();
        await page.getByRole("button", { name: "Start" }).click();
        await page.locator(".job.running").waitFor();
        await page.locator(".job.running").waitFor({ state: "detached" });
      }
      await step(page, "Evidence").locator(".step-state.done").waitFor();
      const [report] = await Promise.all([
        page.context().waitForEvent("page"),
        step(page, "Evidence").getByRole("link", { name: "Report", exact: true }).click(),
      ]);
      await report.waitForLoadState();
      expect(await report.locator("body").innerText()).toContain("synthetic");
      await report.close();

      // The gate refuses what 96 images taught; a person accepts what is only missing.
      await page.getByRole("link", { name: "Next step: Release" }).click();
      await page.getByRole("button", { name: "Start" }).click();
      await page.locator(".job.refused .problems li").first().waitFor();
      expect(await readdir(join(root, "work"))).not.toContain("shared");
      await checkPage(page, "refused");
      await page.getByRole("link", { name: /Accept and release/ }).click();
      await page.getByRole("button", { name: "Start" }).click();
      await page.getByText("Everything is done").waitFor();
      await checkPage(page, "released");
    });
    const jobs = await Promise.all(
      (await readdir(join(root, "work/jobs")))
        .filter((name) => /^[0-9a-f]+\.json$/.test(name))
        .map((name) => JSON.parse(readFileSync(join(root, "work/jobs", name), "utf8")) as JobRecord),
    );
    const lines = jobs.sort((a, b) => (a.created < b.created ? -1 : 1)).map(({ line, state }) => [state, line]);
    const lesions = join(root, "home/clinic/lesions");
    expect(lines).toEqual([
      // What is damaged is listed with all else.
      ["done", `ganglion inspect ${lesions} --skip-damaged`],
      ["done", `ganglion import ${lesions} skin`],
      ["done", "ganglion train skin --out run --resolution 16 --images 96 --preset tiny --threads 1"],
      ["done", "ganglion generate run --per-class 15 --out synthetic"],
      ["done", "ganglion evaluate --real skin --synthetic synthetic --run run --out report"],
      ["done", "ganglion audit --train skin --holdout skin --synthetic synthetic --run run --out audit"],
      [
        "refused",
        expect.stringMatching(
          /^ganglion release synthetic --audit audit --metrics report --run run --train skin --out shared --license CC-BY-4\.0$/,
        ),
      ],
      ["done", expect.stringMatching(/--out shared --license CC-BY-4\.0( --accept (grade|few-images))+$/)],
    ]);
    const verified = spawnSync(process.execPath, [main, "verify", join(root, "work/shared")], { encoding: "utf8" });
    expect(verified.status, verified.stderr).toBe(0);
  });

  test("a single dataset is no project, and the page says how to begin one", async () => {
    const other = await openStudio(join(root, "home/clinic/lesions"));
    try {
      await other.visit("#/project", {}, async (page) => {
        await page.getByText("ganglion studio FOLDER").waitFor();
        expect(await page.locator(".chain").count()).toBe(0);
      });
    } finally {
      await other.close();
    }
  });
});
