// A training of any family: its configuration, images with round lesions, and what a step of each kind is given. Both sides read it.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Rng } from "../dist/core/rng.js";
import { openStore } from "../dist/data/index.js";
import { topologicalOrder } from "../dist/graph/tensor.js";
import { familyNames, stateLayouts } from "../dist/model/index.js";
import { architectureOf, trainingFamily } from "../dist/train/index.js";
import { initialState } from "../dist/train/initial-state.js";
import { describeLayouts, LARGE_RATES, movedState, namesOf, runConfig, storeOf, writeState } from "./case.mjs";

/**
 * The configuration of a run with a preset's networks and recipe, but for `changes`, which does not grow unless they say so.
 * @param images Images of the store.
 */
export function configOf(model, { preset, resolution, classes, changes = {} }, images) {
  const { networks, recipe } = trainingFamily({ model }).presets[preset];
  const counts = namesOf(classes).map((_, c) => Math.ceil((images - c) / classes));
  const maps = { kind: "mask", tonesEstimated: false, toneCounts: [images, 0, 0, 0, 0, 0], empty: 0, hash: "" };
  const more = familyNames("maps").includes(model) ? { maps } : {};
  return runConfig({ model, preset, resolution, counts, networks, recipe: { ...recipe, ...changes }, more });
}

/** Images with a round lesion each, as its region says. */
export function dataOf(resolution, classes) {
  const { images, labels } = storeOf(resolution);
  const store = openStore({
    source: images,
    resolution,
    channels: 3,
    classes: namesOf(classes),
    labels: Uint16Array.from(labels, (label) => label % classes),
  });
  const rng = new Rng("bench", "regions");
  const pixels = resolution ** 2;
  const regions = new Uint8Array(store.count * pixels);
  for (let n = 0; n < store.count; n++) {
    const [y, x] = [rng.between(0.25, 0.75) * resolution, rng.between(0.25, 0.75) * resolution];
    const radius = rng.between(0.125, 0.25) * resolution;
    for (let p = 0; p < pixels; p++)
      if (Math.hypot(Math.floor(p / resolution) - y, (p % resolution) - x) < radius) regions[n * pixels + p] = 255;
  }
  const tones = Uint8Array.from({ length: store.count }, (_, n) => 1 + (n % 6));
  const boxes = Array.from(tones, () => []);
  return { store, maps: { kind: "mask", resolution, boxes, regions, tones, tonesEstimated: false } };
}

/** State far from the initial one, in which both sides do the steps that are compared. */
export const checkState = (config, architecture) =>
  movedState(initialState(architecture, config.seed), stateLayouts(architecture));

/** Shapes of a graph's inputs besides the state, by name. */
const inputsOf = (graph, state) =>
  Object.fromEntries(
    topologicalOrder(Object.values(graph))
      .filter(({ op, attributes }) => op === "input" && !(attributes.name in state))
      .map(({ attributes, shape }) => [attributes.name, shape]),
  );

/** Names of what a graph hands out besides the next state. */
export const seenOf = (graph) => Object.keys(graph).filter((name) => !name.startsWith("next."));

/**
 * What a step is given besides the state: shapes by name, inputs that are no scalars, and scalars of the schedule, and the same with
 * rates so large that rounding of the weights does not hide an update.
 */
export async function stepInputs({ config, stage, fade, graph, step, state, data }) {
  const family = trainingFamily(config);
  const architecture = architectureOf(config, stage);
  const { feedSource } = await import(family.feeds);
  const source = feedSource(data.store, { architecture, recipe: config.recipe, seed: config.seed, maps: data.maps });
  const given = source.allocate();
  source.fill(step, 0.7, given);
  const { scalars } = family.schedule(config, step, step, 0, fade);
  const inputs = inputsOf(graph, state);
  const fed = Object.keys(inputs).filter((name) => name in given);
  const told = Object.keys(inputs).filter((name) => !(name in given));
  const checkScalars = { ...scalars, ...LARGE_RATES };
  const pick = (from, names) => Object.fromEntries(names.map((name) => [name, from[name]]));
  return {
    shapes: inputs,
    feeds: pick(given, fed),
    scalars: pick({ ...LARGE_RATES, ...scalars }, told),
    checkScalars: pick(checkScalars, told),
  };
}

/** Scalars as a program takes them. */
export const asFeeds = (scalars) =>
  Object.fromEntries(Object.entries(scalars).map(([name, value]) => [name, Float32Array.of(value)]));

export const writeFloats = (folder, name, array) =>
  writeFileSync(join(folder, `${name}.f32`), new Uint8Array(array.buffer, array.byteOffset, array.byteLength));

export function readFloats(folder, name) {
  const bytes = readFileSync(join(folder, `${name}.f32`));
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}

/**
 * Writes the files of a family's training, each kind of step with one set of inputs.
 * @returns configuration, data, and for each step of a cycle its kind
 */
export async function writeFamilyCase(folder, model, shape) {
  mkdirSync(folder, { recursive: true });
  const data = dataOf(shape.resolution, shape.classes);
  const config = configOf(model, shape, data.store.count);
  const family = trainingFamily(config);
  const architecture = architectureOf(config);
  const layouts = stateLayouts(architecture);
  const state = initialState(architecture, config.seed);
  const graphs = family.stepGraphs(config);
  const cycle = Array.from({ length: family.cycle(config) }, (_, step) => family.schedule(config, step, step, 0).graph);
  const kinds = [];
  for (const [index, graph] of graphs.entries()) {
    // Of the first steps: the moments of Adam begin at zero, and its correction is for that.
    const step = cycle.indexOf(index);
    const { feeds, shapes, ...scalars } = await stepInputs({ config, graph, step, state, data });
    for (const [name, array] of Object.entries(feeds)) writeFloats(folder, `feed.${index}.${name}`, array);
    const fed = Object.fromEntries(Object.keys(feeds).map((name) => [name, shapes[name]]));
    kinds.push({ shapes: fed, outputs: seenOf(graph), ...scalars });
  }
  writeState(folder, "initial", state, layouts);
  writeState(folder, "check", checkState(config, architecture), layouts);
  const described = describeLayouts(layouts);
  writeFileSync(
    join(folder, "case.json"),
    JSON.stringify({ model, shape, architecture, recipe: config.recipe, layouts: described, kinds, cycle }),
  );
  return { config, cycle, kinds, layouts: described };
}
