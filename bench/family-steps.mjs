// One training step of further families against the same step in eager PyTorch, both in float64, so that no value rounds to the other
// side of a rectifier's kink: losses, logits, and the change of every tensor. That the runtime computes the graph in float32 as the
// interpreter does in float64 is tested beside each step graph.
// Usage: npm run bench -- --only steps
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Rng } from "../dist/core/rng.js";
import { openStore } from "../dist/data/index.js";
import { interpret } from "../dist/graph/index.js";
import { topologicalOrder } from "../dist/graph/tensor.js";
import { familyNames, stateLayouts } from "../dist/model/index.js";
import { stagesOf } from "../dist/train/growth/stages.js";
import { architectureOf, parseConfig, trainingFamily } from "../dist/train/index.js";
import { initialState } from "../dist/train/initial-state.js";
import { changesOf, relativeDifference } from "./agree.mjs";
import { describeLayouts, LARGE_RATES, movedState, storeOf, writeState } from "./case.mjs";
import { THREADS } from "./child.mjs";

/** Relative difference that rounding to float32, in which both sides write what they found, may make. */
const TOLERANCE = 1e-6;
/** Small batches: the peer is eager, and what agrees for four images agrees for more. */
const BATCH = 4;
const RESOLUTION = 32;
const CLASSES = ["a", "b", "c"];

/** How far the newest layers are faded in, where a stage does that. */
const FADE = { share: 0.3, updates: 5 };

/** Families with the options of their recipes that bring every kind of step near. */
const CASES = {
  pggan: { grow: { from: 16, until: 0.5, fade: 0.5 } },
  pix2pixhd: {},
  spade: {},
  stylegan2: { gamma: 0.5, penaltyInterval: 4, pathInterval: 2 },
};

function configOf(model, changes, images) {
  const { networks, recipe } = trainingFamily({ model }).presets.tiny;
  const counts = CLASSES.map((_, c) => Math.ceil((images - c) / CLASSES.length));
  const maps = { kind: "mask", tonesEstimated: false, toneCounts: [images, 0, 0, 0, 0, 0], empty: 0, hash: "" };
  const config = {
    format: "ganglion.run/1",
    model,
    preset: "tiny",
    dataset: { path: "bench", label: null, where: [], hash: "", classes: CLASSES, counts, split: "all images" },
    resolution: RESOLUTION,
    channels: 3,
    seed: 0,
    threads: THREADS,
    device: "cpu",
    precision: "float32",
    channelBlock: null,
    plans: {},
    images: null,
    minutes: null,
    networks,
    recipe: { ...recipe, batch: BATCH, ...changes },
    reporting: { statsImages: 1000, gridImages: 1000, probeImages: 1000, checkpointSeconds: 1000 },
    license: "",
  };
  return parseConfig(
    familyNames("maps").includes(model) ? { ...config, maps } : config,
    "the configuration of the benchmark",
  );
}

/** Images with a round lesion each, as its region says. */
function dataOf() {
  const { images, labels } = storeOf(RESOLUTION);
  const classes = labels.map((label) => label % CLASSES.length);
  const store = openStore({
    source: images,
    resolution: RESOLUTION,
    channels: 3,
    classes: CLASSES,
    labels: Uint16Array.from(classes),
  });
  const rng = new Rng("bench", "regions");
  const regions = new Uint8Array(store.count * RESOLUTION ** 2);
  for (let n = 0; n < store.count; n++) {
    const [y, x, radius] = [rng.between(8, 24), rng.between(8, 24), rng.between(4, 8)];
    for (let p = 0; p < RESOLUTION ** 2; p++)
      if (Math.hypot(Math.floor(p / RESOLUTION) - y, (p % RESOLUTION) - x) < radius)
        regions[n * RESOLUTION ** 2 + p] = 255;
  }
  const tones = Uint8Array.from({ length: store.count }, (_, n) => 1 + (n % 6));
  const boxes = Array.from(tones, () => []);
  return { store, maps: { kind: "mask", resolution: RESOLUTION, boxes, regions, tones, tonesEstimated: false } };
}

const write = (folder, name, array) =>
  writeFileSync(join(folder, `${name}.f32`), new Uint8Array(array.buffer, array.byteOffset, array.byteLength));

function read(folder, name) {
  const bytes = readFileSync(join(folder, `${name}.f32`));
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}

/** Shapes of a graph's inputs besides the state, by name. */
const inputsOf = (graph, state) =>
  Object.fromEntries(
    topologicalOrder(Object.values(graph))
      .filter(({ op, attributes }) => op === "input" && !(attributes.name in state))
      .map(({ attributes, shape }) => [attributes.name, shape]),
  );

const fadeOf = ({ fading }) => (fading ? FADE : undefined);

/** One kind of step on both sides; @returns relative differences by name. */
async function compareStep({ folder, python, config, stage, graph, step, state, data }) {
  mkdirSync(folder, { recursive: true });
  const family = trainingFamily(config);
  const a = architectureOf(config, stage);
  const layouts = stateLayouts(a);
  const { feedSource } = await import(family.feeds);
  const source = feedSource(data.store, { architecture: a, recipe: config.recipe, seed: config.seed, maps: data.maps });
  const given = source.allocate();
  source.fill(step, 0.7, given);
  const scalars = { ...family.schedule(config, step, step, 0, fadeOf(stage)).scalars, ...LARGE_RATES };
  const shapes = inputsOf(graph, state);
  const names = Object.keys(shapes);
  const feeds = Object.fromEntries(
    names.map((name) => [name, name in scalars ? Float32Array.of(scalars[name]) : given[name]]),
  );
  const values = interpret(Object.values(graph), { ...state, ...feeds });
  const results = Object.fromEntries(Object.keys(graph).map((name, i) => [name, Float32Array.from(values[i])]));
  const described = describeLayouts(layouts);
  const seen = Object.keys(results).filter((name) => !name.startsWith("next."));
  writeFileSync(
    join(folder, "case.json"),
    JSON.stringify({
      model: config.model,
      architecture: a,
      recipe: config.recipe,
      layouts: described,
      shapes,
      outputs: seen,
    }),
  );
  for (const [name, array] of Object.entries(feeds)) write(folder, `feed.${name}`, array);
  writeState(folder, "check", state, layouts);
  const next = Object.fromEntries(Object.keys(state).map((name) => [name, results[`next.${name}`]]));
  writeState(folder, "ours.next", next, layouts);
  const peer = fileURLToPath(new URL("peer/family_step.py", import.meta.url));
  const { status, stderr } = spawnSync(python, ["-s", peer, folder, `${THREADS}`], { encoding: "utf8" });
  if (status !== 0) throw new Error(`the peer's step of ${config.model} failed:\n${stderr}`);
  return [
    ...seen.map((name) => ({ name, difference: relativeDifference(results[name], read(folder, `peer.${name}`)) })),
    ...Object.keys(state).flatMap((name) => changesOf(folder, described, name, "ours", "peer")),
  ];
}

/** Compares every kind of step of every case with each peer's. @throws Error that lists what differs */
export async function measureSteps({ scratch, peers, say }) {
  const data = dataOf();
  for (const peer of peers) {
    for (const [model, changes] of Object.entries(CASES)) {
      const config = configOf(model, changes, data.store.count);
      const family = trainingFamily(config);
      const kinds = stagesOf(config).flatMap((stage) =>
        family.stepGraphs(config, stage).map((graph, index) => ({ stage, graph, index })),
      );
      for (const [kind, { stage, graph, index }] of kinds.entries()) {
        const architecture = architectureOf(config, stage);
        const state = movedState(initialState(architecture, config.seed), stateLayouts(architecture));
        let step = 0;
        while (family.schedule(config, step, step, 0, fadeOf(stage)).graph !== index) step++;
        const folder = join(scratch, `${model}-${kind}`);
        const found = await compareStep({ folder, python: peer.path, config, stage, graph, step, state, data });
        const named = `${model}, ${stage.resolution} px${stage.fading ? " faded in" : ""}, step ${step}`;
        const wrong = found.filter(({ difference }) => !(difference <= TOLERANCE));
        if (wrong.length > 0) {
          const lines = wrong.map(({ name, difference }) => `${name}: ${difference}`);
          throw new Error(
            `${named}: differs from ${peer.name}'s by more than ${TOLERANCE}, relative:\n  ${lines.join("\n  ")}`,
          );
        }
        const { name, difference } = found.reduce((most, one) => (one.difference > most.difference ? one : most));
        say(
          `${named}, ${peer.name}: ${found.length} values and tensors agree to ${difference.toExponential(1)} (${name})`,
        );
      }
    }
  }
  return [];
}
