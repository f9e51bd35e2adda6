import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Rng } from "../src/core/rng.ts";
import { temporaryFolder } from "../src/core/testing/fixtures.ts";
import { decodeImage } from "../src/data/image.ts";
import { fillMap } from "../src/data/maps/semantic-map.ts";
import { openModel } from "../src/graph/index.ts";
import { toBytes } from "../src/model/generator-file.ts";
import { missingBrowser } from "./testing/chromium.ts";
import { keepScreenshot, openStudio, type StudioVisits } from "./testing/studio-browser.ts";
import { writeStudioFolder } from "./testing/studio-folder.ts";

const SIZE = 64;

/** Levels of the picture on the stage, [SIZE, SIZE, 3], once it is drawn of what the page says now. */
async function settled(page: Page): Promise<number[]> {
  await page.locator(".actions .primary:enabled").waitFor();
  return page.evaluate(`(() => {
    const canvas = document.querySelector('.stage canvas');
    const { data } = canvas.getContext('2d').getImageData(0, 0, ${SIZE}, ${SIZE});
    return Array.from(data).filter((_, i) => i % 4 !== 3);
  })()`);
}

/** Middle of the stage plus shares of its side, on the screen. */
async function place(page: Page, x: number, y: number): Promise<[number, number]> {
  const box = await page.locator(".overlay").boundingBox();
  return [box!.x + x * box!.width, box!.y + y * box!.height];
}

async function drag(page: Page, from: readonly [number, number], to: readonly [number, number]): Promise<void> {
  await page.mouse.move(...(await place(page, ...from)));
  await page.mouse.down();
  await page.mouse.move(...(await place(page, ...to)), { steps: 6 });
  await page.mouse.up();
}

/** What the first shape says of itself. */
const said = (page: Page) => page.locator("[data-shape]").first().getAttribute("aria-label");

describe.skipIf(missingBrowser("nothing is drawn in the studio"))("the draw page", () => {
  let folder: string;
  let visits: StudioVisits;
  const runs = new Map<string, string>();

  beforeAll(async () => {
    folder = await temporaryFolder();
    await writeStudioFolder(folder, SIZE);
    visits = await openStudio(folder);
    await visits.visit("", {}, async (page) => {
      const script = "fetch('/api/workspace').then((r) => r.json())";
      const { runs: found } = (await page.evaluate(script)) as { runs: { id: string; name: string }[] };
      for (const { id, name } of found) runs.set(name, id);
    });
  });
  afterAll(() => visits?.close());

  const draw = (run: string, work: (page: Page) => Promise<void>) => visits.visit(`#/draw/${runs.get(run)}`, {}, work);

  test("the picture is what the generator makes of the page's map and seed", async () => {
    const model = await openModel(await readFile(join(folder, "lesions", "generator.onnx")), { threads: 1 });
    const region = new Uint8Array(SIZE * SIZE);
    for (let i = 0; i < region.length; i++) {
      const [x, y] = [((i % SIZE) + 0.5) / SIZE - 0.5, (Math.floor(i / SIZE) + 0.5) / SIZE - 0.5];
      if ((x / 0.23) ** 2 + (y / 0.19) ** 2 < 1) region[i] = 255;
    }
    const maps = new Float32Array(3 * SIZE * SIZE);
    fillMap(maps, 0, { condition: 1, conditions: 3, tone: 2 }, region);
    const latent = new Rng(7, "latent").fillNormal(new Float32Array(16));
    const { images } = await model.run({
      maps: { data: maps, shape: [1, 3, SIZE, SIZE] },
      latent: { data: latent, shape: [1, 16] },
    });
    await model.close();
    const planes = toBytes(images!.data as Float32Array);
    const wanted = Array.from(planes, (_, i) => planes[(i % 3) * SIZE * SIZE + Math.floor(i / 3)]);
    await draw("lesions", async (page) => {
      await page.getByRole("radio", { name: "melanoma" }).check();
      await page.getByLabel("Seed", { exact: true }).fill("7");
      await page.getByLabel("Seed", { exact: true }).press("Enter");
      const found = await settled(page);
      const worst = Math.max(...found.map((level, i) => Math.abs(level - wanted[i]!)));
      expect(worst).toBeLessThanOrEqual(1);
    });
  });

  test("a drag moves the lesion and the picture follows; undo and redo bring both back", async () => {
    await draw("lesions", async (page) => {
      const before = await settled(page);
      await drag(page, [0.5, 0.5], [0.7, 0.4]);
      const after = await settled(page);
      await expect.poll(() => said(page)).toContain("Ellipse at 70 % across, 40 % down");
      expect(after).not.toEqual(before);
      await page.keyboard.press("Control+z");
      expect(await settled(page)).toEqual(before);
      await page.keyboard.press("Shift+Control+Z");
      expect(await settled(page)).toEqual(after);
      await page.getByRole("button", { name: "Undo" }).click();
      expect(await settled(page)).toEqual(before);
      await expect.poll(() => said(page)).toContain("Ellipse at 50 % across, 50 % down");
    });
  });

  test("handles resize and turn; the opposite corner stays", async () => {
    await draw("lesions", async (page) => {
      await settled(page);
      await drag(page, [0.73, 0.69], [0.83, 0.79]);
      await expect.poll(() => said(page)).toBe("Ellipse at 55 % across, 55 % down, 56 % by 48 %");
      const knob = (await page.locator(".handle.turn .knob").boundingBox())!;
      await page.mouse.move(knob.x + knob.width / 2, knob.y + knob.height / 2);
      await page.mouse.down();
      await page.mouse.move(...(await place(page, 0.95, 0.55)), { steps: 5 });
      await page.mouse.up();
      await expect.poll(() => said(page)).toContain("turned 90°");
      await keepScreenshot(page, "draw-turned");
    });
  });

  test("everything goes by keyboard", async () => {
    await draw("lesions", async (page) => {
      const before = await settled(page);
      await page.locator("[data-shape]").focus();
      await page.locator("[data-shape][aria-pressed=true]").waitFor();
      for (const key of ["ArrowRight", "ArrowRight", "Shift+ArrowDown"]) await page.keyboard.press(key);
      await expect.poll(() => said(page)).toBe("Ellipse at 52 % across, 55 % down, 46 % by 38 %");
      await page.keyboard.press("+");
      await page.keyboard.press("]");
      await expect.poll(() => said(page)).toBe("Ellipse at 52 % across, 55 % down, 48 % by 40 %, turned 5°");
      expect(await settled(page)).not.toEqual(before);
      await keepScreenshot(page, "draw-keyboard");
      await page.keyboard.press("Delete");
      await page.locator("[data-shape]").waitFor({ state: "detached" });
      for (let i = 0; i < 6; i++) await page.keyboard.press("Control+z");
      await expect.poll(() => said(page)).toBe("Ellipse at 50 % across, 50 % down, 46 % by 38 %");
      expect(await settled(page)).toEqual(before);
      // The brush too: P, then space where it stands.
      await page.locator(".overlay").focus();
      await page.keyboard.press("p");
      for (let i = 0; i < 8; i++) await page.keyboard.press("Shift+ArrowLeft");
      await page.keyboard.press("Space");
      expect(await settled(page)).not.toEqual(before);
    });
  });

  test("a lesion is painted and erased by hand; new shapes are drawn", async () => {
    await draw("lesions", async (page) => {
      await settled(page);
      await page.getByRole("button", { name: "Paint" }).click();
      await drag(page, [0.2, 0.2], [0.4, 0.8]);
      const painted = await settled(page);
      await page.getByRole("button", { name: "Erase" }).click();
      await drag(page, [0.5, 0.5], [0.6, 0.5]);
      await page.locator("[data-shape]").waitFor({ state: "detached" });
      expect(await settled(page)).not.toEqual(painted);
      await page.getByRole("button", { name: "Box" }).click();
      await drag(page, [0.7, 0.7], [0.9, 0.8]);
      await expect.poll(() => said(page)).toBe("Box at 80 % across, 75 % down, 20 % by 10 %");
      await keepScreenshot(page, "draw-painted");
    });
  });

  test("tone, condition and seed change the picture; eight seeds stand beside it", async () => {
    await draw("lesions", async (page) => {
      const first = await settled(page);
      await page.getByRole("radio", { name: "Tone VI" }).check();
      const dark = await settled(page);
      expect(dark.reduce((sum, level) => sum + level)).toBeLessThan(first.reduce((sum, level) => sum + level) * 0.8);
      await page.getByRole("radio", { name: "keratosis" }).check();
      expect(await settled(page)).not.toEqual(dark);
      await expect
        .poll(() =>
          page.evaluate(`new Set(Array.from(document.querySelectorAll('.strip canvas'), (c) => c.toDataURL())).size`),
        )
        .toBe(8);
      // The strip is drawn again after each change, so both are read at one moment.
      await page.getByRole("button", { name: "Seed 3", exact: true }).click();
      const [shown, third] = [
        "document.querySelector('.stage canvas')",
        "document.querySelectorAll('.strip canvas')[2]",
      ];
      await expect.poll(() => page.evaluate(`${shown}.toDataURL() === ${third}.toDataURL()`)).toBe(true);
      await expect.poll(() => page.getByLabel("Seed", { exact: true }).inputValue()).toBe("3");
      expect(await page.locator(".mark-estimated").textContent()).toBe("estimated");
    });
  });

  test("the picture before is seen while B is held, or the one that was pinned", async () => {
    await draw("lesions", async (page) => {
      const first = await settled(page);
      await page.getByRole("radio", { name: "Tone V", exact: true }).check();
      const second = await settled(page);
      await page.keyboard.down("b");
      expect(await settled(page)).toEqual(first);
      await page.keyboard.up("b");
      expect(await settled(page)).toEqual(second);
      await page.getByRole("button", { name: "Pin", exact: true }).click();
      await page.getByRole("radio", { name: "Tone I", exact: true }).check();
      await settled(page);
      await page.keyboard.down("b");
      expect(await settled(page)).toEqual(second);
      await page.keyboard.up("b");
    });
  });

  test("a saved PNG holds the picture and how it was made; the set takes the drawing", async () => {
    await draw("lesions", async (page) => {
      const shown = await settled(page);
      const [download] = await Promise.all([
        page.waitForEvent("download"),
        page.getByRole("button", { name: "Save PNG" }).click(),
      ]);
      expect(download.suggestedFilename()).toBe("synthetic-nevus-1.png");
      const bytes = await readFile(await download.path());
      const { data, width } = await decodeImage(bytes);
      expect([width, Array.from(data)]).toEqual([SIZE, shown]);
      const at = bytes.indexOf("tEXtganglion\0");
      const text = bytes.subarray(at + 13, at + 4 + bytes.readUInt32BE(at - 4)).toString("latin1");
      expect(JSON.parse(text)).toEqual({
        synthetic: true,
        generator: expect.stringMatching(/^[0-9a-f]{64}$/),
        condition: "nevus",
        tone: 2,
        toneEstimated: true,
        boxes: [{ xMin: 17 / 64, yMin: 20 / 64, xMax: 47 / 64, yMax: 44 / 64 }],
        region: expect.stringMatching(/^[0-9a-f]{64}$/),
        seed: 1,
        resolution: SIZE,
        device: "wasm",
      });
      await page.getByRole("button", { name: "Add to set" }).click();
      await page.locator(".actions .notice.done", { hasText: "1 in the set" }).waitFor();
      const rows = (await readFile(join(folder, "lesions", "studio-set", "maps.csv"), "utf8")).trim().split("\n");
      expect(rows).toHaveLength(2);
      expect(rows[1]).toContain("nevus,");
      await page.keyboard.press("Delete");
      await expect.poll(() => page.getByRole("button", { name: "Add to set" }).isDisabled()).toBe(true);
    });
  });

  test("a generator of boxes is shown the upright box; one without a latent has no seeds", async () => {
    await draw("boxes", async (page) => {
      await settled(page);
      expect(await page.locator(".seen-box").count()).toBe(1);
      expect(await page.locator(".strip").count()).toBe(0);
      expect(await page.locator(".no-strip").textContent()).toContain("one map gives one image");
      await keepScreenshot(page, "draw-boxes");
      await page.getByRole("button", { name: "Add to set" }).click();
      await page.locator(".actions .notice.done").waitFor();
    });
  });
});
