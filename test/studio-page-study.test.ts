import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { temporaryFolder } from "../src/core/testing/fixtures.ts";
import { type StudyMoment, studyProgress } from "../src/studio/testing/study-progress.ts";
import { writeStudyProgress } from "../src/study/watch/progress-file.ts";
import { violations } from "./testing/check-page.ts";
import { leastContrast, missingBrowser } from "./testing/chromium.ts";
import { keepScreenshot, openStudio, type StudioVisits } from "./testing/studio-browser.ts";

const SCREENS = [
  { width: 1280, height: 1700, scheme: "light" },
  { width: 390, height: 2000, scheme: "dark", touch: true },
] as const;
/** What stands on the page at each moment and at no other. */
const MOMENTS: Readonly<Record<StudyMoment, RegExp>> = {
  begun: /Running now.*3 of 324/s,
  half: /Running now.*90 of 324/s,
  failed: /Failed.*120 of 324/s,
  done: /Done.*324 of 324/s,
};
const REPORT = `<!doctype html><html lang="en"><title>report</title><style>h1 { color: rgb(1, 2, 3) }</style>
<h1>Synthetic images help</h1><a href="#below">below</a><p id="below">below</p></html>`;

describe.skipIf(missingBrowser("the page of a study is not opened"))("a study in a browser", () => {
  let folder: string;
  let visits: StudioVisits;
  const write = (moment: StudyMoment, secondsAgo = 0) =>
    writeStudyProgress(folder, studyProgress(moment, new Date(Date.now() - 1000 * secondsAgo).toISOString()));

  beforeAll(async () => {
    folder = join(await temporaryFolder(), "trial");
    await write("half");
    visits = await openStudio(folder);
  });
  afterAll(() => visits?.close());

  test.each(SCREENS)("is followed from moment to moment at $width px, $scheme, without error", async (screen) => {
    await visits.visit("", screen, async (page) => {
      for (const [moment, words] of Object.entries(MOMENTS) as [StudyMoment, RegExp][]) {
        await write(moment);
        await expect.poll(() => page.locator("main").textContent()).toMatch(words);
        if (process.env.GANGLION_SCREENSHOTS !== undefined) await page.waitForTimeout(300);
        expect(await page.evaluate("document.documentElement.scrollWidth"), moment).toBe(screen.width);
        expect(await page.evaluate(leastContrast(":disabled, .visually-hidden")), moment).toBeGreaterThanOrEqual(4.5);
        expect(await violations(page), moment).toEqual([]);
        await keepScreenshot(page, `study-${moment}-${screen.width}-${screen.scheme}`);
      }
    });
  });

  test("says each cell, estimate, job, worker and failure in words", async () => {
    await write("half");
    await visits.visit("", {}, async (page) => {
      const cell = (arm: string, seed: number) =>
        page.getByRole("row", { name: arm }).first().getByRole("cell").nth(seed).textContent();
      await page.locator(".matrix").waitFor();
      expect(await cell("balanced by r3gan random", 1)).toContain("done");
      expect(await cell("balanced by r3gan random", 2)).toContain("running: training the classifier");
      expect(await cell("real + 1 r3gan random", 3)).toContain("waiting, next: training the classifier");
      const estimate = page.locator(".estimates tr", { hasText: "real x1.5" }).first();
      expect(await estimate.textContent()).toMatch(/3 seeds.*to real.* to [+−]\d\.\d{3}\), 3 seeds/s);
      expect(await page.locator(".jobs li").last().textContent()).toContain("4 of 15 epochs");
      expect(await page.locator(".workers").textContent()).toContain("process 4712");
      // The other test set, by keyboard, stays in the address.
      await page.getByLabel("Test set").press("ArrowDown");
      await expect.poll(() => page.url()).toContain("set=ham10000");
      await expect.poll(() => page.getByLabel("Test set").inputValue()).toBe("ham10000");
      await write("failed");
      await expect.poll(() => page.locator(".failures").textContent()).toContain("the learning rate");
      expect(await cell("real x1.5", 3)).toContain("failed: training the classifier");
      expect(await cell("only r3gan random", 0)).toContain("blocked by a failed job: generator");
      expect(await page.locator(".notice").textContent()).toContain("ganglion study trial/study.json --out trial");
    });
  });

  test("whose process has died is said to be interrupted, with the command that goes on", async () => {
    await write("half", 90);
    await visits.visit("", {}, async (page) => {
      const alert = page.getByRole("alert");
      await alert.waitFor();
      expect(await alert.textContent()).toMatch(/Interrupted: .*ganglion study trial\/study\.json --out trial/s);
      expect(await page.locator(".run-facts").textContent()).not.toContain("about");
      await keepScreenshot(page, "study-interrupted");
      await write("half");
      await alert.waitFor({ state: "detached" });
    });
  });

  test("that is done opens its report, which is drawn and can do nothing else", async () => {
    await write("done");
    await writeFile(
      join(folder, "report.html"),
      REPORT.replace("</html>", "<script>document.title = 'run'</script></html>"),
    );
    await writeFile(join(folder, "table.csv"), "arm,auc\n");
    const context = await visits.browser.newContext();
    const page = await context.newPage();
    await page.goto(visits.studio.url);
    const [report] = await Promise.all([
      context.waitForEvent("page"),
      page.getByRole("link", { name: "Open the report" }).click(),
    ]);
    await report.getByRole("heading", { name: "Synthetic images help" }).waitFor();
    expect(await report.evaluate("getComputedStyle(document.querySelector('h1')).color")).toBe("rgb(1, 2, 3)");
    expect(await report.title()).toBe("report");
    expect(await report.evaluate("[origin, opener]")).toEqual(["null", null]);
    await report.getByRole("link", { name: "below" }).click();
    await expect.poll(() => report.url()).toContain("#below");
    await page.bringToFront();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("link", { name: "table.csv" }).click(),
    ]);
    expect(download.suggestedFilename()).toBe("table.csv");
    await context.close();
    await rm(join(folder, "report.html"));
  });
});
