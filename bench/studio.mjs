// Measures the studio's page in a real Chromium: time of its first load, and from the event of a pointer that drags a lesion
// to the frame with the new image. Usage: npm run build && node bench/studio.mjs [FOLDER WITH RUNS] [--steps N] [--json]
// Without a folder: untrained generators of the preset `small` at 64 and 128 pixels, whose time is that of trained ones.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { chromium } from "playwright-core";
import { dermganSizes, designDermgan } from "../dist/model/dermgan/architecture.js";
import { dermganGeneratorLayout } from "../dist/model/dermgan/generator.js";
import { initialise } from "../dist/model/index.js";
import { writeMapGenerator } from "../dist/model/map-generator-file.js";
import { startStudio } from "../dist/studio/server/start-studio.js";
import { findChromium } from "../scripts/chromium.mjs";

const RESOLUTIONS = [64, 128];
const CLASSES = ["melanoma", "nevus", "seborrheic keratosis"];
const ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"];
const MEASURE = "ganglion.picture";
/** Time between two events of the pointer, milliseconds: a screen's frame. */
const FRAME = 16;
const LOADS = 5;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { steps: { type: "string", default: "120" }, json: { type: "boolean", default: false } },
});
const steps = Number(values.steps);
const quantile = (sorted, q) => sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))];
const sorted = (numbers) => [...numbers].sort((a, b) => a - b);

/** Writes a folder with an untrained run a resolution. */
async function untrained(folder) {
  for (const resolution of RESOLUTIONS) {
    const a = designDermgan(dermganSizes.small, { resolution, channels: 3, classes: CLASSES.length });
    const run = join(folder, `untrained-${resolution}`);
    mkdirSync(run, { recursive: true });
    const dataset = { path: "none", label: null, classes: CLASSES };
    const config = {
      format: "ganglion.run/1",
      model: "dermgan",
      resolution,
      channels: 3,
      images: 1,
      minutes: null,
      dataset,
    };
    writeFileSync(join(run, "config.json"), JSON.stringify(config));
    await writeMapGenerator(join(run, "generator.onnx"), a, initialise(dermganGeneratorLayout(a), 1, "generator"), {
      model: "dermgan",
      classes: CLASSES,
      resolution,
      channels: 3,
      latent: a.latent,
      mapKind: "mask",
      tonesEstimated: true,
      toneCounts: [1, 1, 1, 1, 1, 1],
      imagesSeen: 0,
      seed: 1,
      license: "",
    });
  }
}

/** Milliseconds until the page can be used, and until it has drawn its first image, in a fresh browser profile. */
async function measureLoad(browser, url, route) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 } });
  const page = await context.newPage();
  const started = performance.now();
  await page.goto(url);
  await page.locator(".page-head h1").waitFor();
  const usable = performance.now() - started;
  await page.evaluate((hash) => location.assign(hash), route);
  await page.locator(".actions .primary:enabled").waitFor();
  const drawn = performance.now() - started;
  await context.close();
  return { usable, drawn };
}

/** Milliseconds from event to frame of each image that appears while a lesion is dragged. */
async function measureDrag(browser, url, route) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 } });
  const page = await context.newPage();
  await page.goto(url);
  await page.evaluate((hash) => location.assign(hash), route);
  await page.locator(".actions .primary:enabled").waitFor();
  await page.waitForTimeout(2000);
  const engine = await page.locator(".engine").textContent();
  const box = await page.locator(".overlay").boundingBox();
  const at = (t) => [
    box.x + box.width * (0.5 + 0.2 * Math.sin(t)),
    box.y + box.height * (0.5 + 0.15 * Math.sin(2 * t)),
  ];
  await page.mouse.move(...at(0));
  await page.mouse.down();
  // Until the first images the engine warms up.
  for (let i = 0; i < 10; i++) await page.mouse.move(...at(0.05 * i)).then(() => page.waitForTimeout(FRAME));
  await page.evaluate((name) => performance.clearMeasures(name), MEASURE);
  for (let i = 0; i < steps; i++) {
    await page.mouse.move(...at(0.05 * (10 + i)));
    await page.waitForTimeout(FRAME);
  }
  await page.waitForTimeout(500);
  const times = await page.evaluate((name) => performance.getEntriesByName(name).map((m) => m.duration), MEASURE);
  await page.mouse.up();
  await context.close();
  return { times: sorted(times), engine };
}

const own = positionals.length === 0 ? mkdtempSync(join(tmpdir(), "ganglion-studio-")) : null;
if (own !== null) await untrained(own);
const studio = await startStudio({ path: own ?? positionals[0], port: 0, note: () => undefined });
const browser = await chromium.launch({ executablePath: findChromium(), args: ARGUMENTS });
const results = [];
try {
  const headers = { authorization: `Bearer ${studio.token}` };
  const workspace = await (await fetch(`http://127.0.0.1:${studio.port}/api/workspace`, { headers })).json();
  for (const { id, name, resolution } of workspace.runs.filter((run) => run.hasGenerator && run.model === "dermgan")) {
    const route = `#/draw/${id}`;
    const loads = [];
    for (let i = 0; i < LOADS; i++) loads.push(await measureLoad(browser, studio.url, route));
    const { times, engine } = await measureDrag(browser, studio.url, route);
    results.push({
      run: name,
      resolution,
      engine,
      images: times.length,
      medianMs: Math.round(quantile(times, 0.5)),
      p90Ms: Math.round(quantile(times, 0.9)),
      usableMs: Math.round(quantile(sorted(loads.map(({ usable }) => usable)), 0.5)),
      firstImageMs: Math.round(quantile(sorted(loads.map(({ drawn }) => drawn)), 0.5)),
    });
  }
} finally {
  await browser.close();
  await studio.close();
  if (own !== null) rmSync(own, { recursive: true, force: true });
}
const machine = { processor: cpus()[0]?.model, cores: cpus().length, load: loadavg()[0], chromium: browser.version() };
if (values.json) console.log(JSON.stringify({ machine, results }, null, 2));
else {
  console.log(
    `${machine.processor}, ${machine.cores} cores, load ${machine.load.toFixed(1)}, Chromium ${machine.chromium}`,
  );
  for (const r of results) {
    console.log(
      `${r.run}, ${r.resolution} px, ${r.engine}: event to image median ${r.medianMs} ms, 90 % below ${r.p90Ms} ms (${r.images} images); page usable after ${r.usableMs} ms, first image after ${r.firstImageMs} ms (median of ${LOADS} loads)`,
    );
  }
}
