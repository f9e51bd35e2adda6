import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compareSets, type EvaluationResult, evaluate } from "../src/evaluate/index.ts";
import { writeExtractor, writeLesions } from "../src/features/testing/lesions.ts";
import { CHROMIUM_ARGUMENTS, leastContrast, missingBrowser } from "./testing/chromium.ts";

const executablePath = process.env.GANGLION_CHROMIUM ?? "";
const missing = missingBrowser("the report is not opened in a browser");
const SECTIONS = {
  report: ["data", "images", "metrics", "groups", "nearest", "warnings", "methods"],
  comparison: ["sets", "metrics", "images", "warnings"],
};
type Kind = keyof typeof SECTIONS;

describe.skipIf(missing)("the report in a browser", () => {
  let folder: string;
  let evaluation: EvaluationResult;
  let paths: Record<Kind, string>;
  let browser: Browser;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "ganglion-report-"));
    const sexes = (_: string, i: number) => ({ sex: i % 2 === 0 ? "f" : "m" });
    const real = await writeLesions(join(folder, "real <set> & co"), { dark: 30, red: 12, pale: 8 }, 1, 0, sexes);
    const synthetic = await writeLesions(join(folder, "synthetic"), { red: 18, pale: 22 }, 2, 20);
    const other = await writeLesions(join(folder, "other <set>"), { red: 18, pale: 22 }, 3, 90);
    const features = [`onnx:${await writeExtractor(folder)}`];
    evaluation = await evaluate({ real, synthetic, features, out: join(folder, "out") });
    const both = await compareSets({ real, synthetic: [synthetic, other], features, out: join(folder, "both") });
    paths = { report: evaluation.reportPath, comparison: both.reportPath };
    browser = await chromium.launch({ executablePath, args: CHROMIUM_ARGUMENTS });
  });
  afterAll(async () => {
    await browser?.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function opened(
    kind: Kind,
    width: number,
    colorScheme: "light" | "dark",
    visit: (page: Page) => Promise<void>,
  ) {
    const page = await browser.newPage({ viewport: { width, height: 800 }, colorScheme });
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

  test.each([
    ["report", 1280, "light"],
    ["report", 1280, "dark"],
    ["report", 390, "light"],
    ["comparison", 1280, "light"],
    ["comparison", 390, "dark"],
  ] as const)(
    "the %s at %i px, %s: no error, no request, all sections, all pictures, no sideways scrolling",
    async (kind, width, scheme) => {
      await opened(kind, width, scheme, async (page) => {
        for (const id of SECTIONS[kind]) expect(await page.locator(`section#${id} h2`).isVisible(), id).toBe(true);
        const pictures = await page.locator("img").evaluateAll((list) =>
          list.map((img) => {
            const { naturalWidth, alt, clientWidth } = img as unknown as Record<string, unknown>;
            return { naturalWidth, alt, clientWidth };
          }),
        );
        expect(pictures.length).toBeGreaterThan(kind === "report" ? 10 : 6);
        for (const { naturalWidth, alt, clientWidth } of pictures) {
          expect(naturalWidth).toBeGreaterThan(0);
          expect(clientWidth).toBeGreaterThan(0);
          expect(alt).toMatch(/image/i);
        }
        const wide = await page.evaluate("document.documentElement.scrollWidth");
        expect(wide).toBe(width);
      });
    },
  );

  test("text has a contrast of at least 4.5 to its background, light and dark", async () => {
    for (const kind of ["report", "comparison"] as const) {
      for (const scheme of ["light", "dark"] as const) {
        await opened(kind, 1280, scheme, async (page) => {
          const worst = await page.evaluate(leastContrast("style"));
          expect(worst).toBeGreaterThanOrEqual(4.5);
        });
      }
    }
  });

  test("drawings and tables speak: every chart says its numbers, every table names its columns and rows", async () => {
    await opened("report", 1280, "light", async (page) => {
      const labels = await page
        .locator("svg[role=img]")
        .evaluateAll((list) => list.map((svg) => svg.getAttribute("aria-label")));
      const measured = Object.values(evaluation.metrics.features["onnx:small.onnx"]!.overall);
      // One a metric, two of classes, one of sexes, three of groups.
      expect(labels.length).toBe(measured.filter((cell) => cell !== null).length + 2 + 1 + 3);
      for (const label of labels) expect(label).toMatch(/\d/);
      const tables = await page.locator("table").count();
      expect(tables).toBeGreaterThanOrEqual(4);
      expect(await page.locator("table:has(thead th[scope=col]):has(tbody th[scope=row])").count()).toBe(tables);
    });
  });

  test("names from outside are shown as text, never as markup", async () => {
    await opened("report", 1280, "light", async (page) => {
      expect(await page.locator("h1").textContent()).toContain("real <set> & co");
      expect(await page.locator("set").count()).toBe(0);
    });
    for (const path of Object.values(paths)) {
      expect(await readFile(path, "utf8")).not.toMatch(/<script|https?:\/\/(?!www\.w3\.org)/i);
    }
  });

  test("the comparison leads to the report of each set", async () => {
    await opened("comparison", 1280, "light", async (page) => {
      expect(await page.locator("set").count()).toBe(0);
      expect(await page.locator("td.best").count()).toBeGreaterThan(0);
    });
    const page = await browser.newPage();
    try {
      await page.goto(pathToFileURL(paths.comparison).href);
      await page.locator("#sets a").nth(1).click();
      expect(await page.locator("h1").textContent()).toMatch(/evaluation/);
    } finally {
      await page.close();
    }
  });
});
