import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { evaluate } from "../src/evaluate/index.ts";
import { writeExtractor, writeLesions } from "../src/evaluate/testing/evaluation.ts";
import { CHROMIUM_ARGUMENTS, leastContrast, missingBrowser } from "./testing/chromium.ts";

const executablePath = process.env.GANGLION_CHROMIUM ?? "";
const missing = missingBrowser("the report is not opened in a browser");
const SECTIONS = ["data", "images", "metrics", "nearest", "warnings", "methods"];

describe.skipIf(missing)("the report in a browser", () => {
  let folder: string;
  let report: string;
  let browser: Browser;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "ganglion-report-"));
    const real = await writeLesions(join(folder, "real <set> & co"), { dark: 30, red: 12, pale: 8 }, 1);
    const synthetic = await writeLesions(join(folder, "synthetic"), { red: 18, pale: 22 }, 2, 20);
    const features = [`onnx:${await writeExtractor(folder)}`];
    ({ reportPath: report } = await evaluate({ real, synthetic, features, out: join(folder, "out") }));
    browser = await chromium.launch({ executablePath, args: CHROMIUM_ARGUMENTS });
  });
  afterAll(async () => {
    await browser?.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function opened(width: number, colorScheme: "light" | "dark", visit: (page: Page) => Promise<void>) {
    const page = await browser.newPage({ viewport: { width, height: 800 }, colorScheme });
    const said: string[] = [];
    const asked: string[] = [];
    page.on("console", (message) => said.push(message.text()));
    page.on("pageerror", (error) => said.push(String(error)));
    page.on("request", (request) => asked.push(request.url()));
    try {
      await page.goto(pathToFileURL(report).href, { waitUntil: "load" });
      await visit(page);
      expect(said).toEqual([]);
      expect(asked.filter((url) => !url.startsWith("data:"))).toEqual([pathToFileURL(report).href]);
    } finally {
      await page.close();
    }
  }

  test.each([
    [1280, "light"],
    [1280, "dark"],
    [390, "light"],
  ] as const)(
    "at %i px, %s: no error, no request, all sections, all pictures, no sideways scrolling",
    async (width, scheme) => {
      await opened(width, scheme, async (page) => {
        for (const id of SECTIONS) expect(await page.locator(`section#${id} h2`).isVisible(), id).toBe(true);
        const pictures = await page.locator("img").evaluateAll((list) =>
          list.map((img) => {
            const { naturalWidth, alt, clientWidth } = img as unknown as Record<string, unknown>;
            return { naturalWidth, alt, clientWidth };
          }),
        );
        expect(pictures.length).toBeGreaterThan(10);
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
    for (const scheme of ["light", "dark"] as const) {
      await opened(1280, scheme, async (page) => {
        const worst = await page.evaluate(leastContrast("style"));
        expect(worst).toBeGreaterThanOrEqual(4.5);
      });
    }
  });

  test("drawings and tables speak: every chart says its numbers, every table names its columns and rows", async () => {
    await opened(1280, "light", async (page) => {
      const labels = await page
        .locator("svg[role=img]")
        .evaluateAll((list) => list.map((svg) => svg.getAttribute("aria-label")));
      expect(labels.length).toBe(9);
      for (const label of labels) expect(label).toMatch(/\d/);
      const tables = await page.locator("table").count();
      expect(tables).toBeGreaterThanOrEqual(4);
      expect(await page.locator("table:has(thead th[scope=col]):has(tbody th[scope=row])").count()).toBe(tables);
    });
  });

  test("names from outside are shown as text, never as markup", async () => {
    await opened(1280, "light", async (page) => {
      expect(await page.locator("h1").textContent()).toContain("real <set> & co");
      expect(await page.locator("set").count()).toBe(0);
    });
    const text = await readFile(report, "utf8");
    expect(text).not.toMatch(/<script|https?:\/\/(?!www\.w3\.org)/i);
  });
});
