import { cp, mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { callProgram } from "../src/cli/testing/call-program.ts";
import { sha256 } from "../src/core/hash.ts";
import { Rng } from "../src/core/rng.ts";
import { temporaryFolder } from "../src/core/testing/fixtures.ts";
import { decodeImage, type PackedMaps } from "../src/data/index.ts";
import { emitOnnx, prepare } from "../src/graph/index.ts";
import { PRESETS, readCheckpoint, writeCheckpoint } from "../src/model/index.ts";
import * as dermgan from "../src/train/dermgan/feeds.ts";
import type { FeedModule } from "../src/train/feed-source.ts";
import {
  architectureOf,
  configHash,
  type RunConfig,
  readConfig,
  readDifferentialPrivacy,
  resolveRun,
  resumeState,
} from "../src/train/index.ts";
import { initialState } from "../src/train/initial-state.ts";
import * as r3gan from "../src/train/r3gan/feeds.ts";
import { RunFolder } from "../src/train/run-folder.ts";
import { measuredSteps, scheduleRun } from "../src/train/schedule.ts";
import { stepGraphs } from "../src/train/step-graphs.ts";
import { memoryStore } from "../src/train/testing/memory-store.ts";
import { feedOptions } from "../src/train/trainer.ts";
import { writeRunGenerator } from "../src/train/write-run-generator.ts";

/** Runs of the version before; see the README beside them. */
const KEPT = fileURLToPath(new URL("kept-runs", import.meta.url));
const NOISE_RUNS = ["r3gan", "r3gan-private", "r3gan-simultaneous"];
const RUNS = [...NOISE_RUNS, "dermgan-noise", "dermgan-none", "dermgan-bottleneck"];
/** Runs whose budget can be raised. */
const OPEN_RUNS = RUNS.filter((name) => name !== "r3gan-private");

const folder = await temporaryFolder();
const kept = (...parts: string[]) => join(KEPT, ...parts);
const text = (path: string) => readFile(path, "utf8");
const configOf = (run: string) => readConfig(kept(run, "config.json"));
const pins = JSON.parse(await text(kept("pins.json"))) as Record<string, unknown>;

/** A graph as the runtime gets it on any processor: without the blocks that some have. */
const graphHash = (graph: ReturnType<typeof stepGraphs>[number], config: RunConfig) =>
  sha256(emitOnnx(prepare(graph), { plans: config.plans, halfConvolutions: config.precision === "half" }));

/** Twelve images with maps, of whole numbers alone, so that every processor sees the same. */
function imagesFor({ resolution, channels, dataset: { classes } }: RunConfig) {
  const rng = new Rng("kept runs");
  const count = 12;
  const labels = Array.from({ length: count }, (_, i) => i % classes.length);
  const store = memoryStore(labels, () => rng.integer(256), { resolution, channels, classes });
  const regions = Uint8Array.from({ length: count * resolution ** 2 }, () => 255 * rng.integer(2));
  const box = { xMin: 0.25, yMin: 0.25, xMax: 0.75, yMax: 0.5 };
  const maps: PackedMaps = {
    ...{ kind: "mask", resolution, regions, tonesEstimated: false },
    boxes: labels.map(() => [box]),
    tones: Uint8Array.from(labels, (_, i) => 1 + (i % 6)),
  };
  return { store, maps };
}

function feedsHash(config: RunConfig): string {
  const { store, maps } = imagesFor(config);
  const { feedSource } = (config.maps === undefined ? r3gan : dermgan) as FeedModule;
  const source = feedSource(store, feedOptions(config, { training: maps, shown: { store, maps } }));
  const feeds = source.allocate();
  const hashes = [0, 1, 7].map((step) => {
    source.fill(step, 0.5, feeds);
    return Object.entries(feeds).map(
      ([name, { buffer }]) => `${name} ${sha256(new Uint8Array(buffer as ArrayBuffer))}`,
    );
  });
  return sha256(JSON.stringify(hashes));
}

/** What follows from a configuration alone. */
const pinsOf = (config: RunConfig) => ({
  hash: configHash(config),
  graphs: stepGraphs(config).map((graph) => graphHash(graph, config)),
  schedule: sha256(JSON.stringify(Array.from({ length: 40 }, (_, step) => scheduleRun(config, step, step)))),
  cycle: measuredSteps(config),
  feeds: feedsHash(config),
});

describe("what follows from a configuration is as it was", () => {
  test.each(RUNS)("%s", async (run) => {
    expect(pinsOf(await configOf(run))).toEqual(pins[run]);
  });

  test("r3gan in float16", async () => {
    expect(pinsOf({ ...(await configOf("r3gan")), precision: "half" } as RunConfig)).toEqual(pins["r3gan half"]);
  });

  test("every preset", async () => {
    const dataset = {
      path: "set",
      label: null,
      where: [],
      hash: "0",
      classes: ["a", "b"],
      counts: [3, 4],
      split: "all",
    };
    const none = { regions: new Uint8Array(0), boxes: [], tones: new Uint8Array(0), tonesEstimated: false };
    const found: Record<string, string> = {};
    for (const model of ["r3gan", "dermgan"]) {
      for (const preset of PRESETS) {
        for (const images of [undefined, 5000]) {
          const maps = model === "dermgan" ? { kind: "box" as const, resolution: 16, ...none } : undefined;
          const { config } = await resolveRun({ model, preset, images } as object, { dataset, channels: 3 }, { maps });
          found[`${model} ${preset} ${images}`] = sha256(JSON.stringify({ ...config, channelBlock: null }));
        }
      }
    }
    expect(found).toEqual(pins.presets);
  });
});

describe("files of a run are written as they were", () => {
  test.each(RUNS)("config.json of %s", async (run) => {
    const config = await configOf(run);
    expect(`${JSON.stringify(config, null, 2)}\n`).toBe(await text(kept(run, "config.json")));
  });

  test.each(RUNS)("checkpoints of %s", async (run) => {
    for (const name of ["checkpoints/000000000.safetensors", "checkpoints/000000032.safetensors"]) {
      const copy = join(folder, `${run}.safetensors`);
      // As a training writes it: the architecture in the order of its design.
      const architecture = architectureOf(await configOf(run));
      await writeCheckpoint(copy, { ...(await readCheckpoint(kept(run, name))), architecture });
      expect((await readFile(copy)).equals(await readFile(kept(run, name))), name).toBe(true);
    }
  });

  test.each(RUNS)("first state of %s", async (run) => {
    const config = await configOf(run);
    const { state } = await readCheckpoint(kept(run, "checkpoints/000000000.safetensors"));
    const first = initialState(architectureOf(config), config.seed);
    expect(Object.keys(first)).toEqual(Object.keys(state));
    expect(first).toEqual(state);
  });

  test.each(RUNS)("generator.onnx of %s", async (run) => {
    const config = await configOf(run);
    const last = await readCheckpoint(kept(run, "checkpoints/000000032.safetensors"));
    const guarantee = await readDifferentialPrivacy(kept(run));
    const path = join(folder, `${run}.onnx`);
    await writeRunGenerator(path, config, last, guarantee);
    expect((await readFile(path)).equals(await readFile(kept(run, "generator.onnx")))).toBe(true);
  });
});

/** A copy of a run, whose files may change. */
async function copied(run: string): Promise<string> {
  const path = join(folder, "runs", run);
  await mkdir(path, { recursive: true });
  for (const name of ["config.json", "generator.onnx", "checkpoints"]) {
    await cp(kept(run, name), join(path, name), { recursive: true });
  }
  if (run === "r3gan-private") await cp(kept(run, "privacy.json"), join(path, "privacy.json"));
  return path;
}

describe("runs are gone on with and drawn from", () => {
  test.each(OPEN_RUNS)(
    "%s is resumed and ends where the version before ended",
    async (run) => {
      const path = await copied(run);
      const words = ["--out", path, "--resume", "--images", "48", "--threads", "1", "--quiet"];
      const { code, err } = await callProgram(["train", kept("set"), ...words]);
      expect([err, code]).toEqual([err, 0]);
      const config = JSON.parse(await text(join(path, "config.json")));
      // The dataset is found from anywhere afterwards.
      const before = JSON.parse(await text(kept(run, "config.json")));
      expect(config).toEqual({ ...before, images: 48, dataset: { ...before.dataset, path: kept("set") } });
      const found = await readCheckpoint(join(path, "checkpoints/000000048.safetensors"));
      const expected = await readCheckpoint(kept(run, "later/checkpoint.safetensors"));
      expect(found.configHash).toBe(expected.configHash);
      for (const [name, values] of Object.entries(expected.state)) {
        const own = (found.state as Record<string, Float32Array>)[name]!;
        // Other processors round otherwise, and four steps carry that on.
        const off = values.reduce((most, value, i) => Math.max(most, Math.abs(value - own[i]!)), 0);
        const size = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
        expect(off, name).toBeLessThanOrEqual(1e-3 * size);
      }
    },
    120_000,
  );

  test("a private run whose budget is spent is taken up as it is", async () => {
    const path = await copied("r3gan-private");
    const latest = await resumeState(new RunFolder(path), await configOf("r3gan-private"));
    expect(latest?.progress.imagesSeen).toBe(32);
    expect(await readDifferentialPrivacy(path)).toMatchObject({ steps: 8, unit: "patient", records: 7 });
  });

  test.each(RUNS)("%s draws the pictures that the version before drew", async (run) => {
    const out = join(folder, "drawn", run);
    const what = NOISE_RUNS.includes(run) ? ["--per-class", "1"] : ["--maps", kept("maps.csv")];
    const words = [...what, "--seed", "7", "--threads", "1", "--quiet", "--out", out];
    const { code, err } = await callProgram(["generate", kept(run), ...words]);
    expect([err, code]).toEqual([err, 0]);
    for (const name of await readdir(kept(run, "drawn"))) {
      const drawn = await decodeImage(await readFile(join(out, "images", name.replace("-00", "/00"))));
      const before = await decodeImage(await readFile(kept(run, "drawn", name)));
      expect(drawn.data.length).toBe(before.data.length);
      // Another processor may draw a level lighter or darker.
      const off = drawn.data.reduce((most, value, i) => Math.max(most, Math.abs(value - before.data[i]!)), 0);
      expect(off, name).toBeLessThanOrEqual(1);
    }
  });
});
