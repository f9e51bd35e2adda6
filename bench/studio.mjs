// Measures the studio's page in a real Chromium: time of its first load, and from the event of a pointer that drags a lesion
// to the frame with the new image. Usage: npm run build && node bench/studio.mjs [FOLDER WITH RUNS] [--steps N] [--json]
// --project measures the project's pages instead, while a training runs: first load, and the time from a key or click to the next
// frame (interaction to next paint) on the forms and the training's page; and says how large the page's bundles are.
// Without a folder: untrained generators of the preset `small` at 64 and 128 pixels, whose time is that of trained ones.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import { chromium } from "playwright-core";
import { dermganSizes, designDermgan } from "../dist/model/dermgan/architecture.js";
import { dermganGeneratorLayout } from "../dist/model/dermgan/generator.js";
import { initialise } from "../dist/model/index.js";
import { writeMapGenerator } from "../dist/model/map-generator-file.js";
import { writePhantom } from "../dist/phantom/write.js";
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
  options: {
    steps: { type: "string", default: "120" },
    json: { type: "boolean", default: false },
    project: { type: "boolean", default: false },
  },
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

/** Sizes of the bundles of the built page, largest first, in bytes, and as they would be sent compressed. */
function bundles() {
  const folder = fileURLToPath(new URL("../dist/studio/web/assets/", import.meta.url));
  return readdirSync(folder)
    .map((name) => {
      const content = readFileSync(join(folder, name));
      return { name, bytes: content.length, gzip: gzipSync(content).length };
    })
    .sort((a, b) => b.bytes - a.bytes);
}

/** Asks the studio. */
async function call(studio, path, body) {
  const headers = {
    authorization: `Bearer ${studio.token}`,
    origin: `http://127.0.0.1:${studio.port}`,
    "content-type": "application/json",
  };
  const init = body === undefined ? { headers } : { headers, method: "POST", body: JSON.stringify(body) };
  const answer = await fetch(`http://127.0.0.1:${studio.port}${path}`, init);
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

/** Milliseconds until the project's page can be used, in a fresh profile. */
async function measureProjectLoad(browser, url) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 } });
  const page = await context.newPage();
  const started = performance.now();
  await page.goto(url);
  await page.locator(".chain .step").nth(4).waitFor();
  const usable = performance.now() - started;
  await context.close();
  return usable;
}

/** The longest time from an event to the next frame, for each page, in milliseconds (Event Timing, 8 ms steps). */
async function measureInteractions(browser, url, pages) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 } });
  const page = await context.newPage();
  await page.addInitScript(`
    window.slowest = [];
    new PerformanceObserver((list) => {
      for (const { name, duration, interactionId } of list.getEntries()) if (interactionId) window.slowest.push([name, duration]);
    }).observe({ type: "event", durationThreshold: 16, buffered: true });`);
  await page.goto(url);
  const found = {};
  for (const [name, hash, act] of pages) {
    await page.evaluate((to) => location.assign(to), hash);
    await page.waitForTimeout(1500);
    await page.evaluate("window.slowest = []");
    await act(page);
    await page.waitForTimeout(500);
    const events = await page.evaluate("window.slowest");
    found[name] = { events: events.length, slowestMs: Math.max(0, ...events.map(([, duration]) => duration)) };
  }
  await context.close();
  return found;
}

/** The project's pages while a training of drawn lesions runs. */
async function measureProject() {
  const folder = mkdtempSync(join(tmpdir(), "ganglion-studio-"));
  await writePhantom(join(folder, "home/lesions"), { count: 300, size: 32, seed: 1 });
  const studio = await startStudio({
    path: join(folder, "work"),
    roots: [join(folder, "home")],
    port: 0,
    note: () => undefined,
  });
  const browser = await chromium.launch({ executablePath: findChromium(), args: ARGUMENTS });
  const until = async (id, is) => {
    while (!is(await call(studio, `/api/jobs/${id}`))) await new Promise((resolve) => setTimeout(resolve, 300));
  };
  const start = (id, command, given) => call(studio, "/api/jobs", { id, command, values: given });
  try {
    const source = join(folder, "home/lesions");
    await start("0".repeat(12), "import", { source, out: "skin" });
    await until("0".repeat(12), ({ state }) => state === "done");
    await start("1".repeat(12), "train", {
      dataset: "skin",
      out: "run",
      resolution: "32",
      preset: "tiny",
      images: 1e9,
      threads: 1,
    });
    await until("1".repeat(12), ({ progress }) => progress?.stage === "train" && progress.done > 200);
    const loads = [];
    for (let i = 0; i < LOADS; i++) loads.push(await measureProjectLoad(browser, studio.url));
    const interactions = await measureInteractions(browser, studio.url, [
      ["overview", "#/project", (page) => page.locator(".job summary").first().click()],
      [
        "train",
        "#/project/train",
        async (page) => {
          await page.locator(".choice-card input").nth(1).click();
          await page.keyboard.press("ArrowRight");
          await page.locator("#field-out").first().pressSequentially("-more", { delay: 60 });
        },
      ],
      [
        "training",
        "#/run",
        async (page) => {
          // What is drawn anew meanwhile waits for no press: the colours of all of it change, and the focus moves.
          await page.getByRole("button", { name: /^Theme/ }).click();
          for (let i = 0; i < 6; i++) await page.keyboard.press("Tab");
        },
      ],
      ["dataset", "#/dataset", (page) => page.locator(".image-grid button").first().click()],
    ]);
    await call(studio, `/api/jobs/${"1".repeat(12)}/end`, { how: "kill" });
    await until("1".repeat(12), ({ state }) => state !== "running");
    return { usableMs: Math.round(quantile(sorted(loads), 0.5)), interactions, bundles: bundles() };
  } finally {
    await browser.close();
    await studio.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

if (values.project) {
  const found = await measureProject();
  const machine = { processor: cpus()[0]?.model, cores: cpus().length, load: loadavg()[0] };
  if (values.json) console.log(JSON.stringify({ machine, ...found }, null, 2));
  else {
    console.log(
      `${machine.processor}, ${machine.cores} cores, load ${machine.load.toFixed(1)}, a training of one thread runs`,
    );
    console.log(`project: usable after ${found.usableMs} ms (median of ${LOADS} loads)`);
    for (const [name, { events, slowestMs }] of Object.entries(found.interactions)) {
      console.log(`${name}: slowest of ${events} events to the next frame ${slowestMs} ms`);
    }
    for (const { name, bytes, gzip } of found.bundles) console.log(`${name}: ${bytes} bytes, ${gzip} compressed`);
  }
  process.exit(0);
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
