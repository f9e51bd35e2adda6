// The whole job in a browser: from a folder of images to a model and its images by clicks alone, from there to a release by the
// keyboard alone, and the commands that it ran.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { temporaryFolder } from "../src/core/testing/fixtures.ts";
import { familyNames } from "../src/model/index.ts";
import { writePhantom } from "../src/phantom/write.ts";
import type { JobRecord } from "../src/studio/project-api.ts";
import { checkPage } from "./testing/check-page.ts";
import { missingBrowser } from "./testing/chromium.ts";
import { openStudio, type StudioVisits } from "./testing/studio-browser.ts";

const main = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));

/** A job of the build may take this long while other tests run, in milliseconds. */
const JOB = 300_000;
/** What has the focus: its name, and whether a person sees that it has it. */
const FOCUS = `(() => {
  const found = document.activeElement;
  // The page itself is no stop: it is given the focus when another page is shown.
  if (found === document.body || found.id === "main") return { name: "", seen: false };
  const shown = found.closest(".choice-card") ?? found;
  const name = found.getAttribute("aria-label") ?? found.labels?.[0]?.textContent ?? found.textContent ?? "";
  return { name: name.trim(), seen: getComputedStyle(shown).outlineStyle !== "none" };
})()`;

/** Goes on by Tab until what has a name has the focus, as somebody does who has no mouse; each stop must be visible. */
async function tabTo(page: Page, name: string | RegExp): Promise<void> {
  const passed: string[] = [];
  for (let i = 0; i < 400; i++) {
    await page.keyboard.press("Tab");
    const focus = (await page.evaluate(FOCUS)) as { name: string; seen: boolean };
    if (focus.name !== "") expect(focus.seen, `the focus on ${focus.name} is not seen`).toBe(true);
    if (typeof name === "string" ? focus.name === name : name.test(focus.name)) return;
    passed.push(focus.name.slice(0, 40));
  }
  throw new Error(`Tab does not reach ${name}; it passes ${[...new Set(passed)].join(", ")}`);
}
const press = async (page: Page, name: string | RegExp, key = "Enter") => {
  await tabTo(page, name);
  await page.keyboard.press(key);
};

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

  test("from a folder to images by clicks alone, and to a release by the keyboard alone", {
    timeout: 1_800_000,
  }, async () => {
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

      // Model: cards with a forecast that the command itself makes.
      await page.getByRole("link", { name: "Next step: Train a model" }).click();
      await page.locator(".forecast", { hasText: "a second" }).waitFor();
      await page.getByRole("radio", { name: /^Another time/ }).check();
      await page.getByLabel("Minutes of training").fill("");
      await page.getByText("More settings", { exact: true }).click();
      await page.getByLabel("End after this many images seen").fill("96");
      // All families of this version, as `train --model` takes them.
      const kinds = page.getByLabel("Kind of network").locator("option:not([value=''])");
      expect(await kinds.allTextContents()).toEqual([...familyNames()]);
      await page.getByLabel("Size of the network").selectOption("tiny");
      await page.getByLabel("Threads").fill("1");
      await checkPage(page, "train");
      await page.getByRole("button", { name: "Start" }).click();
      await page.locator(".job.running .command", { hasText: "ganglion train" }).waitFor();
      await checkPage(page, "running");
      await step(page, "Model").locator(".step-state.done").waitFor();
      // The page knows that there is a generator now, without being loaded anew.
      await step(page, "Model").getByRole("link", { name: "Draw one by one" }).waitFor();
      await step(page, "Model").getByRole("link", { name: "Look at it" }).click();
      await page.locator(".grids img").first().waitFor();
      await page.goBack();

      // Images: a bar for each class follows its slider, and the plan of balancing is the command's.
      await page.evaluate("location.assign('#/project/balance')");
      await page.locator(".class-slider").first().waitFor();
      await page.locator(".command-form p[role=status]", { hasText: " 1 : 1 after" }).waitFor();
      await checkPage(page, "balance");
      await page.evaluate("location.assign('#/project')");
      await page.getByRole("link", { name: "Next step: Draw images" }).click();
      await page.getByLabel("Images of each class", { exact: true }).fill("10");
      await expect.poll(() => page.locator(".class-sum").first().innerText()).toMatch(/ 10 synthetic$/);
      await checkPage(page, "generate");
      await page.getByRole("button", { name: "Start" }).click();
      await step(page, "Images").locator(".step-state.done").waitFor();

      // From here on without a mouse.
      await page.locator("body").focus();
      for (const [name, line] of [
        ["Compare with real images", "ganglion evaluate"],
        ["Search for copies and leaks", "ganglion audit"],
      ] as const) {
        await press(page, `Next step: ${name}`);
        await page.getByRole("heading", { name }).waitFor();
        await press(page, "Start");
        await page.locator(".job.done .command", { hasText: line }).waitFor({ state: "attached" });
      }
      await step(page, "Evidence").locator(".step-state.done").waitFor();
      await press(page, "Report");
      const frame = page.frameLocator("iframe");
      await frame.getByText("synthetic").first().waitFor();
      await checkPage(page, "report");
      await press(page, "Back to the project");

      // Each image beside its nearest training image; one is left out, taken back and left out again.
      await step(page, "Images").getByRole("link", { name: "Look at it" }).waitFor();
      await page.evaluate("document.querySelectorAll('.step')[2].querySelector('.links a').focus()");
      await page.keyboard.press("Enter");
      await page.locator(".pair img").nth(3).waitFor();
      expect(await page.locator(".pair").first().locator("img").count()).toBe(2);
      await press(page, /^Leave image 1 out/, "Space");
      await page.getByText("1 of 70 images").waitFor();
      await page.locator("body").focus();
      await press(page, /^Undo: image 1 was left out/);
      await page.getByText("1 of 70 images").waitFor({ state: "detached" });
      await checkPage(page, "images");
      await page.locator(".pair-pictures").nth(1).focus();
      await page.keyboard.press("Enter");
      await page.locator("dialog[open] dl").waitFor();
      expect(await page.locator("dialog[open]").innerText()).toMatch(/random/);
      await page.keyboard.press("ArrowRight");
      await page.locator("dialog[open] h2", { hasText: "Image 3" }).waitFor();
      await checkPage(page, "lightbox");
      await press(page, "Leave this one out");
      await page.locator("dialog[open] button[aria-pressed=true]").waitFor();
      await page.keyboard.press("Escape");
      expect(readFileSync(join(root, "work/synthetic.left-out.txt"), "utf8").trim().split("\n")).toHaveLength(1);
      await page.locator("body").focus();
      await press(page, "Back to the project");

      // The gate refuses what 96 images taught; a person accepts what is only missing.
      await press(page, "Next step: Release");
      await page.getByRole("heading", { name: "Release", exact: true }).waitFor();
      await press(page, "Start");
      await page.locator(".job.refused .problems li").first().waitFor();
      expect(await readdir(join(root, "work"))).not.toContain("shared");
      await checkPage(page, "refused");
      await press(page, /^Accept and release/);
      await page.getByLabel("Name of the release").waitFor();
      await tabTo(page, "Name of the release");
      await page.keyboard.type("lesions-1");
      await press(page, "Ask the gate now");
      await page.locator(".checklist .met", { hasText: "69 images" }).waitFor();
      await checkPage(page, "release");
      await press(page, "Start");
      await page.getByText("Everything is done").waitFor();
      await page.locator(".released dd").nth(2).waitFor();
      await checkPage(page, "released");
      const [zip] = await Promise.all([page.waitForEvent("download"), press(page, "Download as a zip")]);
      expect(
        readFileSync((await zip.path())!)
          .subarray(0, 2)
          .toString(),
      ).toBe("PK");
      await page.evaluate("location.assign('#/project/study')");
      await page.getByRole("button", { name: "Plan it" }).waitFor();
      await checkPage(page, "study");
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
      ["done", "ganglion train skin --out run --resolution 32 --images 96 --preset tiny --threads 1"],
      ["done", "ganglion generate run --per-class 10 --out synthetic"],
      ["done", "ganglion evaluate --real skin --synthetic synthetic --run run --out report"],
      ["done", "ganglion audit --train skin --holdout skin --synthetic synthetic --run run --out audit"],
      [
        "refused",
        expect.stringMatching(
          /^ganglion release synthetic --audit audit --metrics report --run run --train skin --out shared --license CC-BY-4\.0 --leave-out synthetic\.left-out\.txt$/,
        ),
      ],
      [
        "done",
        expect.stringMatching(/ --name lesions-1 --leave-out synthetic\.left-out\.txt( --accept (grade|few-images))+$/),
      ],
    ]);
    const verified = spawnSync(process.execPath, [main, "verify", join(root, "work/shared")], { encoding: "utf8" });
    expect(verified.status, verified.stderr).toBe(0);
  });

  test("a page that has nothing to show yet shows it as soon as it is made", async () => {
    const project = join(root, "another");
    const other = await openStudio(project);
    try {
      await other.visit("#/dataset", {}, async (page) => {
        // Each page of an empty project says what is missing, and leads to what makes it.
        for (const [name, title, way] of [
          ["study", "Study", "Study whether they help"],
          ["run", "Training", "Train a model"],
          ["draw", "Draw", "Train a model"],
          ["dataset", "Dataset", "Import images"],
        ] as const) {
          await page.evaluate(`location.assign("#/${name}")`);
          await page.getByRole("heading", { level: 1, name: title }).waitFor();
          await page.locator("main").getByRole("link", { name: way }).waitFor();
        }
        await writePhantom(join(project, "lesions"), { count: 20, size: 16, seed: 1 });
        await page.locator(".image-grid img").first().waitFor();
      });
    } finally {
      await other.close();
    }
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
