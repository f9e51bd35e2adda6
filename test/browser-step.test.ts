import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compile, emitOnnx, prepare } from "../src/graph/index.ts";
import { relativeError } from "../src/graph/testing/checks.ts";
import { STATE_NAMES, stateLayouts } from "../src/model/index.ts";
import type { StepGraph } from "../src/train/family.ts";
import { initialState } from "../src/train/initial-state.ts";
import { r3ganArchitecture } from "../src/train/r3gan/config.ts";
import { feedSource } from "../src/train/r3gan/feeds.ts";
import { buildStep } from "../src/train/r3gan/step-graph.ts";
import { stepGraphs } from "../src/train/step-graphs.ts";
import { testConfig } from "../src/train/testing/config.ts";
import { memoryStore } from "../src/train/testing/memory-store.ts";
import * as smallCase from "../src/train/testing/step-case.ts";

const executablePath = process.env.GANGLION_CHROMIUM ?? "";
const missing = executablePath === "" && process.env.CI !== "true";
if (missing) console.warn("skipped: no Chromium on this machine, so no step is computed in a browser");

/** WebGPU in software, so that the tests ask the same of every machine. */
const ARGUMENTS = ["--no-sandbox", "--no-first-run", "--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"];
const RUNTIME = fileURLToPath(new URL("../node_modules/onnxruntime-web/dist/", import.meta.url));
const RUNTIME_FILE = /^ort[\w.-]*\.(mjs|wasm)$/;
const SCRIPT = readFileSync(new URL("testing/step-page.mjs", import.meta.url));
const PAGE = '<!doctype html><link rel="icon" href="data:,"><script type="module" src="/step-page.mjs"></script>';
const THREADS = 2;
/** So large that Adam follows gradients, not their signs, which rounding may turn. */
const EPSILON = 1;

/** What the page fetches by path, and what it has sent back. */
const files = new Map<string, Uint8Array>();
const results = new Map<string, Float32Array>();
let server: Server;
let browser: Browser;
let origin: string;

beforeAll(async () => {
  files.set("", Buffer.from(PAGE)).set("step-page.mjs", SCRIPT);
  server = createServer(async (request, response) => {
    const path = (request.url ?? "").slice(1);
    if (request.method === "POST") {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      results.set(path, new Float32Array(new Uint8Array(Buffer.concat(chunks)).buffer));
      response.end();
      return;
    }
    const body = files.get(path) ?? (RUNTIME_FILE.test(path) ? readFileSync(RUNTIME + path) : undefined);
    if (body === undefined) {
      response.writeHead(404).end();
      return;
    }
    const type = path.endsWith(".mjs") ? "text/javascript" : path.endsWith(".wasm") ? "application/wasm" : "text/html";
    // Both policies are what a page needs before a browser gives it threads over shared memory.
    response.writeHead(200, {
      "content-type": type,
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-embedder-policy": "require-corp",
    });
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  if (!missing) browser = await chromium.launch({ executablePath, args: ARGUMENTS });
});
afterAll(async () => {
  await browser?.close();
  server.close();
});

interface PageRequest {
  readonly provider: "wasm" | "webgpu";
  readonly threads: number;
  readonly shapes: Readonly<Record<string, readonly number[]>>;
  readonly state: readonly string[];
  readonly steps: number;
}

interface PageResult {
  readonly seconds: readonly number[];
  readonly locations: readonly string[];
  readonly sharesMemory: boolean;
}
/** What step-page.mjs defines. */
type PageScript = { runSteps(request: PageRequest): Promise<PageResult>; offersWebGpu(): Promise<boolean> };
const runSteps = (request: PageRequest) => (globalThis as unknown as PageScript).runSteps(request);

async function openPage(): Promise<Page> {
  const page = await browser.newPage();
  await page.goto(origin);
  return page;
}

/** Does steps of a graph in the browser and in Node; both outputs of the last, by name. */
async function both(
  page: Page,
  graph: StepGraph,
  feeds: Readonly<Record<string, Float32Array>>,
  request: Pick<PageRequest, "provider" | "steps">,
) {
  const program = await compile(graph, { threads: THREADS, blockedLayout: false });
  let inNode: Record<string, Float32Array | Float64Array> = {};
  let current = { ...feeds };
  for (let step = 0; step < request.steps; step++) {
    inNode = await program.run(current);
    current = {
      ...current,
      ...Object.fromEntries(STATE_NAMES.map((name) => [name, inNode[`next.${name}`] as Float32Array])),
    };
  }
  await program.close();
  results.clear();
  files.set("step.onnx", emitOnnx(prepare(graph), { device: request.provider === "webgpu" ? "webgpu" : "cpu" }));
  for (const [name, { buffer, byteOffset, byteLength }] of Object.entries(feeds)) {
    files.set(`input/${name}`, new Uint8Array(buffer, byteOffset, byteLength));
  }
  const shapes = program.inputs;
  const seen = await page.evaluate(runSteps, { ...request, threads: THREADS, shapes, state: STATE_NAMES });
  return { inNode, seen };
}

describe.skipIf(missing)("a training step in a browser", () => {
  test("of `tiny` at 32 px on WebAssembly threads equals Node's", async () => {
    const config = testConfig({ resolution: 32, channels: 3, recipe: { batch: 16, epsilon: EPSILON } });
    const architecture = r3ganArchitecture(config);
    const store = memoryStore([0, 1, 0, 1], (i, p) => Math.round(128 + 100 * Math.sin(i + p / 40)), {
      channels: 3,
      resolution: 32,
      classes: config.dataset.classes,
    });
    const source = feedSource(store, { architecture, recipe: config.recipe, seed: 0 });
    const inputs = source.allocate();
    source.fill(0, 0.5, inputs);
    const one = (value: number) => Float32Array.of(value);
    const scalars = { generatorRate: one(0.1), discriminatorRate: one(0.1), correction: one(2), decay: one(0.9) };
    const [, penalised] = stepGraphs(config);
    const feeds: Record<string, Float32Array> = { ...initialState(architecture, 0), ...inputs, ...scalars };
    const page = await openPage();
    const { inNode, seen } = await both(page, penalised!, feeds, { provider: "wasm", steps: 4 });
    expect(seen.sharesMemory).toBe(true);
    const layouts = stateLayouts(architecture);
    for (const name of STATE_NAMES) {
      const found = results.get(`output/next.${name}`)!;
      expect(found.length).toBe(layouts[name]!.length);
      expect(relativeError(inNode[`next.${name}`]!, found), name).toBeLessThan(1e-5);
      // The steps moved it by far more than that.
      expect(relativeError(inNode[`next.${name}`]!, feeds[name]!), name).toBeGreaterThan(1e-4);
    }
    for (const name of ["logits", "penalty", "lossG", "lossD"]) {
      expect(relativeError(inNode[name]!, results.get(`output/${name}`)!), name).toBeLessThan(1e-4);
    }
    const best = Math.min(...seen.seconds.slice(1));
    console.info(`browser: tiny 32 px, WebAssembly, ${THREADS} threads: ${(16 / best).toFixed(1)} images/s`);
  }, 120_000);

  test("on WebGPU keeps its state on the device and equals Node's", async () => {
    const page = await openPage();
    const offered = await page.evaluate(() => (globalThis as unknown as PageScript).offersWebGpu());
    expect(offered, "Chromium offers WebGPU in software").toBe(true);
    const { architecture, BATCH: batch, feeds } = smallCase;
    const adam = { beta2: 0.9, epsilon: EPSILON };
    const graph = buildStep({ architecture, batch, penaltyWeight: 0.7, updates: "alternating", adam });
    const { inNode, seen } = await both(page, graph, feeds, { provider: "webgpu", steps: 2 });
    expect(seen.locations).toEqual(["gpu-buffer", "gpu-buffer"]);
    for (const name of Object.keys(inNode)) {
      expect(relativeError(inNode[name]!, results.get(`output/${name}`)!), name).toBeLessThan(1e-4);
    }
  }, 180_000);
});
