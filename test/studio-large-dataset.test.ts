// A dataset of 50,000 images in the grid of a browser: few nodes, and memory of the studio that does not grow with it.
// GANGLION_SCROLL_REPORT names a file for the times of frames, which depend on the machine and are not judged here.
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { link, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { expect, test } from "vitest";
import { temporaryFolder } from "../src/core/testing/fixtures.ts";
import { encodePng } from "../src/data/image.ts";
import { CHROMIUM_ARGUMENTS, missingBrowser } from "./testing/chromium.ts";

const main = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));
const IMAGES = 50_000;
const MIB = 1024;
/** Frames of a slow scroll. */
const GLIDES = Number(process.env.GANGLION_SCROLL_FRAMES ?? 60);

/** One picture under many names, and a table of them. */
async function writeMany(folder: string): Promise<void> {
  const data = Uint8Array.from({ length: 32 * 32 * 3 }, (_, i) => (i * 37) % 256);
  const picture = await encodePng({ width: 32, height: 32, channels: 3, data });
  const rows = ["file_name,label"];
  for (let i = 0; i < IMAGES; i++) {
    const part = `images/${Math.floor(i / 1000)}`;
    if (i % 1000 === 0) {
      await mkdir(join(folder, part), { recursive: true });
      await writeFile(join(folder, part, "0.png"), picture);
    } else await link(join(folder, part, "0.png"), join(folder, part, `${i % 1000}.png`));
    rows.push(`${part}/${i % 1000}.png,${["nevus", "melanoma"][i % 2]}`);
  }
  await writeFile(join(folder, "metadata.csv"), `${rows.join("\n")}\n`);
}

/** Resident memory of a process in KiB. */
async function residentOf(pid: number): Promise<number> {
  return Number(/VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${pid}/status`, "utf8"))![1]);
}

/** Scrolls from top to end in so many steps, one a frame; gives the milliseconds between frames. */
const SCROLL = (steps: number) => `new Promise((resolve) => {
  const box = document.querySelector(".image-scroll");
  const times = [];
  let most = 0;
  let step = 0;
  const next = (now) => {
    times.push(now);
    most = Math.max(most, document.querySelectorAll(".image-scroll *").length);
    if (step++ === ${steps}) return resolve({ frames: times.slice(1).map((t, i) => t - times[i]), most });
    box.scrollTop = (box.scrollHeight - box.clientHeight) * step / ${steps};
    requestAnimationFrame(next);
  };
  requestAnimationFrame(next);
})`;
/** Jumps to the top, whose images are known; gives the heights of the cells that wait for their pictures. */
const JUMP = `new Promise((resolve) => {
  const box = document.querySelector(".image-scroll");
  new MutationObserver((_, observer) => {
    const waiting = [...document.querySelectorAll(".image-grid button .waiting")];
    if (waiting.length === 0) return;
    observer.disconnect();
    resolve(waiting.map((one) => one.offsetHeight));
  }).observe(box, { childList: true, subtree: true });
  box.scrollTop = 0;
})`;
/** Scrolls at the pace of a finger, so many pixels a frame, while pictures arrive. */
const GLIDE = (pixels: number, frames: number) => `new Promise((resolve) => {
  const box = document.querySelector(".image-scroll");
  box.scrollTop = 100000;
  const times = [];
  const next = (now) => {
    times.push(now);
    if (times.length > ${frames}) return resolve({ frames: times.slice(1).map((t, i) => t - times[i]) });
    box.scrollTop += ${pixels};
    requestAnimationFrame(next);
  };
  requestAnimationFrame(next);
})`;

test.skipIf(missingBrowser("a large dataset is not scrolled") || process.platform !== "linux")(
  "50,000 images scroll with the nodes of those in view, and flat memory",
  { timeout: 300_000 },
  async () => {
    const folder = join(await temporaryFolder(), "many");
    await writeMany(folder);
    const studio = spawn(process.execPath, [main, "studio", folder, "--port", "0"], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    const browser = await chromium.launch({
      executablePath: process.env.GANGLION_CHROMIUM ?? "",
      args: CHROMIUM_ARGUMENTS,
    });
    try {
      let url = "";
      for await (const line of createInterface({ input: studio.stderr })) {
        url = /^studio: (\S+)$/.exec(line)?.[1] ?? "";
        if (url !== "") break;
      }
      const page = await browser.newPage({ viewport: { width: 1280, height: 860 } });
      page.setDefaultTimeout(120_000);
      await page.goto(url);
      await page.locator(".image-grid img").first().waitFor();
      const before = await residentOf(studio.pid!);
      const fast = (await page.evaluate(SCROLL(60))) as { frames: number[]; most: number };
      // The last one is there, with its picture.
      const last = page.locator(`.image-grid [data-position="${IMAGES - 1}"] img`);
      await last.evaluate((img) => (img as unknown as { decode(): Promise<void> }).decode());
      // A cell is as high before its picture is there.
      expect(Math.min(...((await page.evaluate(JUMP)) as number[]))).toBeGreaterThan(100);
      const slow: Record<string, number[]> = {};
      const painted: Record<string, number> = {};
      for (const pixels of [12, 24]) {
        await browser.startTracing(page, { categories: ["cc"] });
        const { frames } = (await page.evaluate(GLIDE(pixels, GLIDES))) as { frames: number[] };
        const { traceEvents } = JSON.parse(String(await browser.stopTracing())) as { traceEvents: { name: string }[] };
        slow[pixels] = frames;
        painted[pixels] = traceEvents.filter(({ name }) => name === "RasterTask").length / GLIDES;
      }
      // What stays in view is moved, not painted again: a view has some twenty tiles.
      expect(Math.max(...Object.values(painted)), JSON.stringify(painted)).toBeLessThan(8);
      expect(Math.min(...Object.values(painted))).toBeGreaterThan(0);
      await page.locator(".image-grid img").first().waitFor();
      expect(fast.most).toBeLessThan(1200);
      expect(await page.locator(".image-grid li").count()).toBeLessThan(300);
      // Pictures that are kept take 64 MiB at most.
      const grown = (await residentOf(studio.pid!)) - before;
      expect(grown / MIB).toBeLessThan(200);
      const report = process.env.GANGLION_SCROLL_REPORT;
      if (report !== undefined) {
        writeFileSync(
          report,
          JSON.stringify({ fast, slow, painted, nodes: fast.most, residentKiB: before, grownKiB: grown }),
        );
      }
    } finally {
      await browser.close();
      studio.kill("SIGKILL");
    }
  },
);
