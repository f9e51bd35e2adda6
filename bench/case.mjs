// One case of training and generation, written to a folder that both sides read: same shapes, recipe, images, weights.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Rng } from "../dist/core/rng.js";
import { presetNetworks, presetResolution, splitFlat, stateLayouts } from "../dist/model/index.js";
import { allocateAugment, drawAugment } from "../dist/train/draw-augment.js";
import { architectureOf, defaultRecipes, parseConfig } from "../dist/train/index.js";
import { initialState } from "../dist/train/initial-state.js";
import { THREADS } from "./child.mjs";

const CLASSES = 7;
/** Images of the store, smooth blobs in noise: their content has no part in the time. */
const IMAGES = 70;
/** Latents that generation goes through. */
export const LATENTS = 2560;
/** A step's scalars in the check: rates so large that rounding of the weights does not hide an update. */
export const LARGE_RATES = { generatorRate: 0.1, discriminatorRate: 0.1, correction: 2, decay: 0.9 };

export const namesOf = (count) => Array.from({ length: count }, (_, c) => `class ${c}`);

/** A run's configuration. @param counts Images of each class. @param more Maps of a family from maps. */
export function runConfig({ model, preset, resolution, counts, networks, recipe, more = {} }) {
  return parseConfig(
    {
      format: "ganglion.run/1",
      model,
      preset,
      dataset: {
        path: "bench",
        label: null,
        where: [],
        hash: "",
        classes: namesOf(counts.length),
        counts,
        split: "all images",
      },
      resolution,
      channels: 3,
      seed: 0,
      threads: THREADS,
      device: "cpu",
      precision: "float32",
      // Only a record of it: the programs find out themselves.
      channelBlock: null,
      plans: {},
      images: null,
      minutes: null,
      networks,
      recipe,
      reporting: { statsImages: 1000, gridImages: 1000, probeImages: 1000, checkpointSeconds: 1000 },
      license: "",
      ...more,
    },
    "the configuration of the benchmark",
  );
}

/** The configuration of a run with a preset's own recipe and resolution. */
export const configOf = (preset) =>
  runConfig({
    model: "r3gan",
    preset,
    resolution: presetResolution(preset),
    counts: namesOf(CLASSES).map(() => IMAGES / CLASSES),
    networks: presetNetworks[preset],
    recipe: defaultRecipes[preset],
  });

/** Smooth blobs in noise, with the class of each. */
export function storeOf(size) {
  const rng = new Rng("bench", "store");
  const images = new Uint8Array(IMAGES * 3 * size * size);
  for (let n = 0, at = 0; n < IMAGES; n++) {
    const [y, x] = [rng.between(0.3, 0.7) * size, rng.between(0.3, 0.7) * size];
    const width = (0.1 + 0.02 * (n % CLASSES)) * size;
    for (let c = 0; c < 3; c++) {
      const depth = rng.between(40, 120);
      for (let p = 0; p < size * size; p++, at++) {
        const distance2 = (Math.floor(p / size) - y) ** 2 + ((p % size) - x) ** 2;
        images[at] = 200 - depth * Math.exp(-distance2 / (2 * width * width)) + rng.between(-10, 10);
      }
    }
  }
  return { images, labels: Uint8Array.from({ length: IMAGES }, (_, n) => n % CLASSES) };
}

/** State far from the initial one, so that no gradient is zero: blocks begin as the identity. */
export function movedState(state, layouts) {
  const moved = {};
  for (const name of Object.keys(state)) {
    const rng = new Rng("bench", "check", name);
    moved[name] = Float32Array.from(state[name]);
    if (name.endsWith("Second")) {
      for (let i = 0; i < moved[name].length; i++) moved[name][i] = 1e-4 * rng.between(0.5, 1.5);
      continue;
    }
    for (const { shape, offset, rate } of layouts[name].parameters) {
      const length = shape.reduce((a, b) => a * b, 1);
      for (let i = 0; i < length; i++) moved[name][offset + i] += 0.1 * rate * rng.normal();
    }
  }
  return moved;
}

/** Writes a state as the peer reads it: each parameter in the order of its shape. */
export function writeState(folder, prefix, state, layouts) {
  for (const name of Object.keys(state)) {
    const parts = Object.values(splitFlat(layouts[name], state[name]));
    const bytes = parts.map(({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength));
    writeFileSync(join(folder, `${prefix}.${name}.f32`), Buffer.concat(bytes));
  }
}

/** What the peer is told of the layouts of both networks. */
export function describeLayouts({ generator, discriminator }) {
  const describe = ({ parameters }) =>
    parameters.map(({ name, shape, offset, rate }) => ({ name, shape, offset, rate }));
  return { generator: describe(generator), discriminator: describe(discriminator) };
}

/** Writes the files of a case. */
export function writeCase(folder, preset) {
  mkdirSync(folder, { recursive: true });
  const config = configOf(preset);
  const a = architectureOf(config);
  const layouts = stateLayouts(a);
  const { batch, augment } = config.recipe;
  const write = (name, array) => writeFileSync(join(folder, name), new Uint8Array(array.buffer));
  writeFileSync(
    join(folder, "case.json"),
    JSON.stringify({
      preset,
      architecture: a,
      recipe: config.recipe,
      layouts: describeLayouts(layouts),
      scalars: LARGE_RATES,
    }),
  );
  const store = storeOf(a.resolution);
  write("store.images.u8", store.images);
  write("store.labels.u8", store.labels);

  const state = initialState(a, config.seed);
  const moved = movedState(state, layouts);
  writeState(folder, "initial", state, layouts);
  writeState(folder, "check", moved, layouts);
  const rng = new Rng("bench", "batch");
  const pixels = 3 * a.resolution ** 2;
  write(
    "check.real.f32",
    Float32Array.from(store.images.subarray(0, batch * pixels), (v) => v / 127.5 - 1),
  );
  const labels = new Float32Array(batch * CLASSES);
  for (let n = 0; n < batch; n++) labels[n * CLASSES + store.labels[n]] = 1;
  write("check.labels.f32", labels);
  const z = new Float32Array(batch * a.latent);
  rng.fillNormal(z);
  write("check.z.f32", z);
  const matrices = allocateAugment(2 * batch, 3, a.resolution);
  drawAugment(rng, matrices, 0.7, augment, { count: 2 * batch, channels: 3, size: a.resolution });
  for (const [name, array] of Object.entries(matrices)) write(`check.augment.${name}.f32`, array);

  const latents = new Float32Array(LATENTS * a.latent);
  rng.fillNormal(latents);
  write("generation.z.f32", latents);
  write(
    "generation.classes.u8",
    Uint8Array.from({ length: LATENTS }, (_, n) => n % CLASSES),
  );
}
