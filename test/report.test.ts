import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { audit } from "../src/audit/index.ts";
import { silent } from "../src/core/progress.ts";
import { ablationFile } from "../src/evaluate/ablation/ablation-file.ts";
import { ablationPage } from "../src/evaluate/ablation/ablation-report.ts";
import { measureAblation } from "../src/evaluate/ablation/measure-ablation.ts";
import { compareSets, type EvaluationResult, evaluate } from "../src/evaluate/index.ts";
import { writeExtractor, writeLesions } from "../src/features/testing/lesions.ts";
import { writeReport } from "../src/report/figures.ts";
import { drawnOutcome } from "../src/study/report/testing/study-outcome.ts";
import { writeStudyReport } from "../src/study/report/write-study-report.ts";
import { CHROMIUM_ARGUMENTS, leastContrast, missingBrowser } from "./testing/chromium.ts";
import { PAGE_PROBLEMS, UNFOLD } from "./testing/page-problems.ts";
import { keepScreenshot } from "./testing/studio-browser.ts";

const executablePath = process.env.GANGLION_CHROMIUM ?? "";
const missing = missingBrowser("the reports are not opened in a browser");
const SECTIONS = {
  evaluation: ["ladder", "images", "metrics", "groups", "nearest", "data", "warnings", "methods"],
  comparison: ["sets", "images", "metrics", "warnings"],
  audit: ["findings", "pairs", "tests", "warnings", "methods"],
  study: ["verdicts", "differences", "ratio", "distribution", "classes", "seeds", "roc", "cost", "power", "tables"],
  ablation: ["table"],
};
type Kind = keyof typeof SECTIONS;
const KINDS = Object.keys(SECTIONS) as Kind[];
const WIDTHS = [390, 820, 1280];

const require = createRequire(import.meta.url);

/** The rules of axe-core, as a script; the page itself allows none. */
const axe = () => readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

/** What axe objects to, with the places; without rules all of them. */
const findings = (
  rules: readonly string[] = [],
) => `axe.run(document, { resultTypes: ["violations"], ...(${rules.length} ? { runOnly: ${JSON.stringify(rules)} } : {}) }).then(({ violations }) =>
  violations.map(({ id, nodes }) => id + ": " + nodes.slice(0, 3).map(({ html }) => html.slice(0, 120)).join(" | ")))`;

describe.skipIf(missing)("the reports in a browser", () => {
  let folder: string;
  let evaluation: EvaluationResult;
  let paths: Record<Kind, string>;
  let browser: Browser;

  async function writeAblation(real: string, features: string): Promise<string> {
    const path = (name: string) => join(folder, name);
    const near = await writeLesions(path("near"), { dark: 15, red: 20, pale: 20 }, 4);
    const far = await writeLesions(path("far"), { dark: 15, red: 20, pale: 20 }, 5, 50);
    const sets = [
      { variant: "full", seed: 0, path: near },
      { variant: "no-box-l1", seed: 0, path: far },
    ];
    const options = { real, features, seed: 0, threads: 1, cache: folder, onProgress: silent };
    const measured = await measureAblation({ ...options, sets });
    const trained = { imagesSeen: 64, seconds: 30, generatorImagesSeen: 32, ended: "64 images seen" };
    const trainings = sets.map(({ variant, seed }) => ({ variant, seed, ...trained }));
    const file = ablationFile({ dataset: "lesions", images: 64, trainings }, measured);
    await writeReport(path("ablation"), "report.html", await ablationPage(file, measured));
    return path("ablation/report.html");
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "ganglion-report-"));
    const path = (name: string) => join(folder, name);
    const sexes = (_: string, i: number) => ({ sex: i % 2 === 0 ? "f" : "m" });
    const real = await writeLesions(path("real <set> & co"), { dark: 30, red: 40, pale: 40 }, 1, 0, sexes);
    const synthetic = await writeLesions(path("synthetic"), { red: 18, pale: 22 }, 2, 20);
    const other = await writeLesions(path("other <set>"), { red: 18, pale: 22 }, 3, 90);
    const holdout = await writeLesions(path("held"), { dark: 24, red: 12, pale: 8 }, 6, 0, sexes);
    const copies = await writeLesions(path("copies"), { dark: 6, pale: 4 }, 1);
    const features = [`onnx:${await writeExtractor(folder)}`];
    evaluation = await evaluate({ real, synthetic, features, out: path("out") });
    const both = await compareSets({ real, synthetic: [synthetic, other], features, out: path("both") });
    const audited = await audit({ train: real, holdout, synthetic: copies, features, out: path("audit") });
    const classes = ["melanoma", "benign keratosis-like lesions", "nevus"];
    const outcome = drawnOutcome({ classes, skill: (arm) => (arm.startsWith("balanced") ? 1.8 : 1) });
    await writeStudyReport(outcome, path("study"));
    paths = {
      evaluation: evaluation.reportPath,
      comparison: both.reportPath,
      audit: audited.reportPath,
      study: path("study/report.html"),
      ablation: await writeAblation(real, features[0]!),
    };
    browser = await chromium.launch({ executablePath, args: CHROMIUM_ARGUMENTS });
  });
  afterAll(async () => {
    await browser?.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** Opens a report; fails when it said something or asked for another file. */
  async function opened(kind: Kind, visit: (page: Page) => Promise<void>) {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    const said: string[] = [];
    const asked: string[] = [];
    page.on("console", (message) => said.push(message.text()));
    page.on("pageerror", (error) => said.push(String(error)));
    page.on("request", (request) => asked.push(request.url()));
    try {
      await page.goto(pathToFileURL(paths[kind]).href, { waitUntil: "load" });
      await visit(page);
      expect(said).toEqual([]);
      expect(asked.filter((url) => !url.startsWith("data:"))).toEqual([pathToFileURL(paths[kind]).href]);
    } finally {
      await page.close();
    }
  }

  test.each(KINDS)("the %s: readable at 390, 820 and 1280 px, folded and unfolded", async (kind) => {
    await opened(kind, async (page) => {
      for (const unfolded of [false, true]) {
        if (unfolded) await page.evaluate(UNFOLD);
        for (const width of WIDTHS) {
          await page.setViewportSize({ width, height: 900 });
          expect(await page.evaluate(PAGE_PROBLEMS), `${width} px`).toEqual([]);
        }
      }
      for (const id of SECTIONS[kind]) expect(await page.locator(`section#${id} h2`).isVisible(), id).toBe(true);
    });
  });

  test.each(KINDS)("the %s, light and dark: axe finds nothing, and text has a contrast of 4.5", async (kind) => {
    await opened(kind, async (page) => {
      await page.evaluate(axe());
      expect(await page.evaluate(findings()), "folded").toEqual([]);
      await page.evaluate(UNFOLD);
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        expect(await page.evaluate(leastContrast("style, title")), colorScheme).toBeGreaterThanOrEqual(4.5);
        const rules = colorScheme === "light" ? [] : ["color-contrast"];
        expect(await page.evaluate(findings(rules)), colorScheme).toEqual([]);
        await keepScreenshot(page, `${kind}-${colorScheme}`);
      }
    });
  });

  test.each(KINDS)(
    "the %s: the answer is above the pictures, all else below and folded; keys open it, paper shows it",
    async (kind) => {
      await opened(kind, async (page) => {
        const tops = await page.evaluate(
          "['.headline', 'main img', 'ol.reasons, .note', 'section.folded'].map((part) => document.querySelector(part)?.getBoundingClientRect().top ?? null)",
        );
        const known = (tops as (number | null)[]).filter((top) => top !== null);
        expect(known).toEqual([...known].sort((a, b) => a - b));
        expect(await page.evaluate("document.querySelectorAll('details[open]').length")).toBe(0);
        const summary = page.locator("section.folded summary").first();
        const inside = page.locator("section.folded .inside").first();
        expect(await inside.isVisible()).toBe(false);
        await page.emulateMedia({ media: "print" });
        const onPaper =
          "document.querySelector('section.folded .inside').checkVisibility({ contentVisibilityAuto: true })";
        await expect.poll(() => page.evaluate(onPaper)).toBe(true);
        await page.emulateMedia({ media: "screen" });
        await summary.focus();
        await page.keyboard.press("Enter");
        expect(await inside.isVisible()).toBe(true);
      });
    },
  );

  test("every figure is an SVG and a CSV beside the page, named in it, and the SVG is a picture by itself", async () => {
    for (const kind of KINDS) {
      const out = dirname(paths[kind]);
      const html = await readFile(paths[kind], "utf8");
      const linked = [...html.matchAll(/href="(figures\/[^"]+)"/g)].map((match) => match[1]!);
      if (kind === "audit") {
        expect(linked).toEqual([]);
        continue;
      }
      const files = readdirSync(join(out, "figures")).map((name) => `figures/${name}`);
      expect(linked.sort()).toEqual(files.sort());
      expect(new Set(files.map((name) => name.replace(/\.(svg|csv)$/, ""))).size).toBe(files.length / 2);
      expect(html.match(/<figure class="chart">/g)).toHaveLength(files.length / 2);
      for (const name of files.filter((each) => each.endsWith(".csv"))) {
        expect((await readFile(join(out, name), "utf8")).split("\n").length, name).toBeGreaterThan(2);
      }
      for (const name of files.filter((each) => each.endsWith(".svg"))) {
        const svg = await readFile(join(out, name));
        expect(svg.toString("utf8"), name).not.toMatch(/var\(--|currentColor|&nbsp;/);
        expect((await sharp(svg).metadata()).width, name).toBeGreaterThan(300);
      }
    }
    const { overall } = evaluation.metrics.features["onnx:small.onnx"]!;
    const csv = await readFile(join(dirname(paths.evaluation), "figures/coverage-onnx-small-onnx.csv"), "utf8");
    const { value, low, high, floor } = overall.coverage!;
    expect(csv.split("\n").slice(0, 2)).toEqual(["row,value,low,high,floor", `all,${value},${low},${high},${floor}`]);
  });

  test("drawings and tables speak: every chart says its numbers, every table names its columns and rows", async () => {
    await opened("evaluation", async (page) => {
      const labels = await page
        .locator("svg[role=img]")
        .evaluateAll((list) => list.map((svg) => svg.getAttribute("aria-label")));
      const measured = Object.values(evaluation.metrics.features["onnx:small.onnx"]!.overall);
      // One a metric, two of classes, one of sexes; three of groups and the ladder, which are drawn for phones too.
      expect(labels.length).toBe(measured.filter((cell) => cell !== null).length + 2 + 1 + 4 * 2);
      for (const label of labels) expect(label).toMatch(/\d/);
      const tables = await page.locator("table").count();
      expect(tables).toBeGreaterThanOrEqual(4);
      expect(await page.locator("table:has(thead th[scope=col]):has(tbody th[scope=row])").count()).toBe(tables);
    });
  });

  test("names from outside are shown as text, never as markup", async () => {
    await opened("evaluation", async (page) => {
      expect(await page.locator("h1").textContent()).toContain("real <set> & co");
      expect(await page.locator("set").count()).toBe(0);
    });
    for (const path of Object.values(paths)) {
      expect(await readFile(path, "utf8")).not.toMatch(/<script|https?:\/\/(?!www\.w3\.org)/i);
    }
  });

  test("the comparison leads to the report of each set", async () => {
    await opened("comparison", async (page) => {
      expect(await page.locator("set").count()).toBe(0);
      expect(await page.locator("td.best").count()).toBeGreaterThan(0);
    });
    const page = await browser.newPage();
    try {
      await page.goto(pathToFileURL(paths.comparison).href);
      await page.locator("ol.reasons a").nth(1).click();
      expect(await page.locator("h1").textContent()).toMatch(/evaluation/);
    } finally {
      await page.close();
    }
  });
});
