import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { type AddressInfo, createServer, type Server } from "node:net";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { temporaryFolder } from "../src/core/testing/fixtures.ts";
import { PAGES } from "../src/studio/web/routing.ts";
import { BESIDE_CARDS, violations } from "./testing/check-page.ts";
import { leastContrast, missingBrowser } from "./testing/chromium.ts";
import { keepScreenshot, openStudio, type StudioVisits } from "./testing/studio-browser.ts";
import { OUTCOME, writeStudioFolder } from "./testing/studio-folder.ts";

const SCREENS = [
  { width: 1280, height: 860, scheme: "light" },
  { width: 1280, height: 860, scheme: "dark" },
  { width: 820, height: 1180, scheme: "light", touch: true },
  { width: 820, height: 1180, scheme: "dark", touch: true },
] as const;
/** What a page shows once it is there. */
const READY = {
  project: ".chain",
  draw: ".actions .primary:enabled",
  run: ".chart polyline",
  dataset: ".image-grid img",
  "reader-study": "form.new-study",
} as const;

describe.skipIf(missingBrowser("the studio's pages are not opened"))("the studio in a browser", () => {
  let visits: StudioVisits;
  const ids = new Map<string, string>();

  beforeAll(async () => {
    const folder = await temporaryFolder();
    await writeStudioFolder(folder);
    visits = await openStudio(folder);
    await visits.visit("", {}, async (page) => {
      type Named = { id: string; name: string }[];
      const script = "fetch('/api/workspace').then((r) => r.json())";
      const { runs, datasets } = (await page.evaluate(script)) as { runs: Named; datasets: Named };
      for (const { id, name } of [...runs, ...datasets]) ids.set(name, id);
    });
  });
  afterAll(() => visits?.close());

  const routeOf = (name: keyof typeof READY) => {
    const subject = { project: null, draw: "lesions", run: "lesions", dataset: "skin", "reader-study": null }[name];
    return subject === null ? `#/${name}` : `#/${name}/${ids.get(subject)}`;
  };

  test("the page of a training shows what it came to, in the words of the command", async () => {
    await visits.visit(routeOf("run"), {}, async (page) => {
      const card = page.locator(".outcome");
      await card.waitFor();
      await keepScreenshot(page, "run-outcome");
      const text = await card.innerText();
      expect(text).toContain(`${OUTCOME.verdict.sentence}.`);
      expect(text).toContain("FID 55.4, other real images 23.8: 2.33 times as far as other real images");
      for (const said of [OUTCOME.trend.sentence, OUTCOME.next.reason, OUTCOME.next.command])
        expect(text).toContain(said);
      // No bare KID anywhere on the page.
      expect(await page.locator("main").innerText()).not.toMatch(/KID/);
    });
  });

  test.each(SCREENS)(
    "each page at $width px, $scheme: no error, no other host, no sideways scrolling",
    async (screen) => {
      await visits.visit(routeOf("draw"), screen, async (page) => {
        for (const name of Object.keys(READY) as (keyof typeof READY)[]) {
          await page.goto(`${new URL(page.url()).origin}/${routeOf(name)}`);
          await page.locator(READY[name]).first().waitFor();
          if (process.env.GANGLION_SCREENSHOTS !== undefined) await page.waitForTimeout(1500);
          expect(await page.evaluate("document.documentElement.scrollWidth"), name).toBe(screen.width);
          expect(
            await page.evaluate(leastContrast(":disabled, .swatch, .visually-hidden")),
            name,
          ).toBeGreaterThanOrEqual(4.5);
          expect(await page.evaluate(BESIDE_CARDS), name).toEqual([]);
          for (const lang of ["zh-CN", "en"]) {
            await page.locator("select.language").selectOption(lang);
            expect(await violations(page), `${name}, ${lang}`).toEqual([]);
          }
          await keepScreenshot(page, `${name}-${screen.width}-${screen.scheme}`);
        }
      });
    },
  );

  test("are all the pages there are, with that of a study, which another file opens", () => {
    expect([...Object.keys(READY), "study"].sort()).toEqual([...PAGES].sort());
  });

  describe("another host is not reached, and a visit fails that tries", () => {
    let stranger: Server;
    let connections = 0;
    beforeAll(async () => {
      stranger = createServer(() => connections++).listen(0, "127.0.0.1");
      await once(stranger, "listening");
    });
    afterAll(() => stranger.close());

    test.each([
      ["a request", "fetch('http://HOST/').catch(() => 0)"],
      ["a thread", "new Worker(URL.createObjectURL(new Blob(['fetch(\"http://HOST/\")'])))"],
      ["a beacon", "navigator.sendBeacon('http://HOST/', 'x')"],
      ["a socket", "new WebSocket('ws://HOST/')"],
      ["a picture", "new Image().src = 'http://HOST/x.png'"],
      [
        "a script",
        "document.head.append(Object.assign(document.createElement('script'), { src: 'http://HOST/x.js' }))",
      ],
    ])("by %s", async (_, script) => {
      const { port } = stranger.address() as AddressInfo;
      const visit = visits.visit(routeOf("draw"), {}, async (page) => {
        await page.locator(READY.draw).first().waitFor();
        // What the browser says about it, which may be later than the attempt.
        await Promise.all([
          Promise.any([page.waitForEvent("console"), page.waitForEvent("pageerror")]),
          page.evaluate(`(() => { ${script.replace("HOST", `127.0.0.1:${port}`)}; })()`),
        ]);
      });
      const failed = (await visit.catch((error) => error)) as { actual: string[] };
      expect(failed.actual.join("\n")).toMatch(/policy|Failed to fetch/i);
      expect(connections).toBe(0);
    });
  });

  test("the theme is chosen by a button and kept", async () => {
    await visits.visit("#/reader-study", { scheme: "light" }, async (page) => {
      const paper = () => page.evaluate("getComputedStyle(document.body).backgroundColor");
      await page.locator("form.new-study").waitFor();
      const light = await paper();
      await page.getByRole("button", { name: /^Theme: auto/ }).click();
      await page.getByRole("button", { name: /^Theme: light/ }).click();
      await page.getByRole("button", { name: /^Theme: dark/ }).waitFor();
      await expect.poll(paper).not.toBe(light);
      const dark = await paper();
      await page.reload();
      await page.getByRole("button", { name: /^Theme: dark/ }).waitFor();
      await expect.poll(paper).toBe(dark);
    });
  });

  test("the dataset is filtered by class and split, and an image is looked at with its lesion", async () => {
    await visits.visit(`#/dataset/${ids.get("skin")}`, {}, async (page) => {
      await page.locator(".image-grid img").nth(59).waitFor();
      // All of them in one grid, of which those in view are in the page.
      expect(await page.locator(".image-grid li").first().getAttribute("aria-setsize")).toBe("160");
      expect(await page.locator(".image-grid li").count()).toBeLessThan(160);
      // One stop of the Tab key, from which other keys lead on.
      await page.locator(".image-grid button[tabindex='0']").focus();
      await page.keyboard.press("End");
      await page.locator(".image-grid [data-position='159']:focus").waitFor();
      await page.keyboard.press("ArrowLeft");
      await page.locator(".image-grid [data-position='158']:focus").waitFor();
      await page.keyboard.press("Home");
      await page.locator(".image-grid [data-position='0']:focus").waitFor();
      await page.getByRole("button", { name: /^melanoma, / }).click();
      await page.locator(".bar[aria-pressed=true]").waitFor();
      await page.getByLabel("Split").selectOption("val");
      // The grid holds none but those of both filters, which are fewer than of each.
      const shown = () => page.locator(".image-grid li").first().getAttribute("aria-setsize");
      await expect.poll(shown).toBe(await countOf(page, ids.get("skin")!, "class=melanoma&split=val"));
      await page.locator(".image-grid button").first().click();
      const dialog = page.getByRole("dialog");
      expect(await dialog.locator(".facts").textContent()).toContain("val");
      expect(await dialog.textContent()).not.toMatch(/patient/i);
      await dialog.locator("img").evaluate((img) => (img as unknown as { decode(): Promise<void> }).decode());
      expect(await dialog.locator(".mask").count()).toBe(1);
      expect(await violations(page)).toEqual([]);
      await keepScreenshot(page, "dataset-detail");
      await page.keyboard.press("Escape");
      await dialog.waitFor({ state: "detached" });
    });
  });

  test("a training shows figures, earlier grids and numbers under the pointer", async () => {
    await visits.visit(`#/run/${ids.get("lesions")}`, {}, async (page) => {
      await page.locator(".chart polyline").first().waitFor();
      expect(await page.locator(".run-facts").textContent()).toMatch(/60,000.*Ended|Ended.*60,000/);
      expect(await page.locator(".grids h3").first().textContent()).toBe("Generated after 60,000 images");
      await page.getByLabel("Earlier grids").press("ArrowLeft");
      await page.locator(".grids h3", { hasText: "Generated after 40,000 images" }).waitFor();
      const chart = page.locator(".chart", { hasText: "Losses" });
      await chart.getByRole("button", { name: "log" }).click();
      await chart.locator("svg").hover({ position: { x: 100, y: 60 } });
      await expect.poll(() => chart.locator(".at").textContent()).not.toBe("60,000 images");
      await keepScreenshot(page, "run-pointer");
    });
  });

  test("a reader answers by keyboard, each answer is kept, the results and the CSV have them", async () => {
    await visits.visit("#/reader-study", {}, async (page) => {
      await page.getByLabel("Images of each kind").fill("4");
      await page.getByRole("button", { name: "Create study" }).click();
      await page.getByLabel("Your name or code").fill("Dr. A");
      await page.getByLabel("Your name or code").press("Enter");
      const progress = page.locator(".reading-progress .muted");
      const ready = page.locator(".reading-answers button:enabled").first();
      for (let i = 0; i < 8; i++) {
        await ready.waitFor();
        if (i === 3) {
          expect(await violations(page)).toEqual([]);
          await keepScreenshot(page, "reading");
          const [src, html] = await truthHints(page);
          expect(src).not.toMatch(/real|synthetic|skin|made/);
          expect(html).not.toMatch(/skin|made/);
          // A reload goes on where the reader was: what was answered is on disk.
          await page.reload();
          await ready.waitFor();
        }
        expect(await progress.textContent()).toBe(`${i} of 8`);
        await page.keyboard.press(i % 2 === 0 ? "r" : "s");
        if (i < 7) await expect.poll(() => progress.textContent()).toBe(`${i + 1} of 8`);
      }
      await page.getByRole("link", { name: "See the results" }).click();
      await page.locator("tr.total").waitFor();
      expect(await page.locator("tbody").textContent()).toContain("Dr. A");
      expect(await page.locator(".finding").textContent()).toMatch(/^Cannot say .*4 synthetic and 4 real images/);
      await expectFits(page);
      await keepScreenshot(page, "results");
      const [download] = await Promise.all([
        page.waitForEvent("download"),
        page.getByRole("link", { name: "Answers as CSV" }).click(),
      ]);
      const rows = (await readFile(await download.path(), "utf8")).trim().split(/\r?\n/);
      expect(rows).toHaveLength(9);
      await page.getByRole("link", { name: "All studies" }).click();
      await page.locator(".study .readers").waitFor();
      await expectFits(page);
      await keepScreenshot(page, "studies");
    });
  });
});

/** Nothing stands beside the page or its card on a narrow screen, and axe finds nothing there. */
async function expectFits(page: Page): Promise<void> {
  const before = page.viewportSize()!;
  await page.setViewportSize({ width: 360, height: 780 });
  expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(360);
  expect(await page.evaluate(BESIDE_CARDS)).toEqual([]);
  expect(await violations(page)).toEqual([]);
  await page.setViewportSize(before);
}

/** How many images of a dataset a filter leaves, as the studio counts them. */
const countOf = async (page: Page, id: string, filter: string): Promise<string> =>
  String(
    await page.evaluate(
      `fetch("/api/datasets/${id}/images?${filter}&offset=0&limit=1").then((r) => r.json()).then(({ total }) => total)`,
    ),
  );

/** What a reader could read the truth from: the picture's address, and the page's text without the two answers. */
async function truthHints(page: Page): Promise<[string, string]> {
  const src = (await page.locator(".reading-picture img").getAttribute("src")) ?? "";
  return [src, await page.locator("main").innerHTML()];
}
