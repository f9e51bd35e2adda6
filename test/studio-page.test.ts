import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { temporaryFolder } from "../src/core/testing/fixtures.ts";
import { keepScreenshot, missingBrowser, openStudio, type StudioVisits } from "./testing/studio-browser.ts";
import { writeStudioFolder } from "./testing/studio-folder.ts";

const SCREENS = [
  { width: 1280, height: 860, scheme: "light" },
  { width: 1280, height: 860, scheme: "dark" },
  { width: 820, height: 1180, scheme: "light", touch: true },
  { width: 820, height: 1180, scheme: "dark", touch: true },
] as const;

/** Waits until the picture on the stage was computed. */
const pictureShown = (page: Page) => page.locator(".engine", { hasText: "WebAssembly" }).waitFor();

describe.skipIf(missingBrowser("the studio's pages are not opened"))("the studio in a browser", () => {
  let visits: StudioVisits;
  let run: string;

  beforeAll(async () => {
    const folder = await temporaryFolder();
    await writeStudioFolder(folder);
    visits = await openStudio(folder);
    await visits.visit("", {}, async (page) => {
      const workspace = (await page.evaluate("fetch('/api/workspace').then((r) => r.json())")) as {
        runs: { id: string; name: string }[];
      };
      run = workspace.runs.find(({ name }) => name === "lesions")!.id;
    });
  });
  afterAll(() => visits?.close());

  test.each(SCREENS)("every page stands at $width px, $scheme, without sideways scrolling", async (screen) => {
    const routes = {
      draw: `#/draw/${run}`,
      run: `#/run/${run}`,
      dataset: "#/dataset",
      "reader-study": "#/reader-study",
    };
    for (const [name, route] of Object.entries(routes)) {
      await visits.visit(route, screen, async (page) => {
        await page.locator("h1").waitFor();
        if (name === "draw") {
          await pictureShown(page);
          await page.waitForTimeout(800);
        }
        if (name === "run") await page.locator(".chart").first().waitFor();
        if (name === "dataset") await page.locator(".image-grid img").first().waitFor();
        if (name === "reader-study") await page.locator("form.new-study").waitFor();
        await page.waitForLoadState("networkidle").catch(() => undefined);
        expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(screen.width);
        await keepScreenshot(page, `${name}-${screen.width}-${screen.scheme}`);
      });
    }
  });
});
