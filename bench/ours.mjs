// Our side of the benchmarks: one JSON request a line in, one JSON reply a line out.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { openStore } from "../dist/data/index.js";
import { fid, kid, PRDC_NEIGHBOURS, prdc } from "../dist/evaluate/index.js";
import { compile, interpret } from "../dist/graph/index.js";
import { matrix, runtimeLinear64 } from "../dist/math/index.js";
import { encodeGenerator, joinParameter, openGenerator, STATE_NAMES, stateLayouts } from "../dist/model/index.js";
import { planConvolutions } from "../dist/train/plan-cache.js";
import { buildStep } from "../dist/train/r3gan/step-graph.js";
import { stepGraphs } from "../dist/train/step-graphs.js";
import { Trainer } from "../dist/train/trainer.js";
import { configOf, writeState } from "./case.mjs";
import { THREADS } from "./child.mjs";

let folder;
let config;
let architecture;
let trainer;
let generator;
let features;
let linear;

const readBytes = (name) => readFileSync(join(folder, name));

function readFloats(name) {
  const bytes = readBytes(name);
  const floats = new Float32Array(bytes.length / 4);
  new Uint8Array(floats.buffer).set(bytes);
  return floats;
}

const readState = (prefix) => {
  const layouts = stateLayouts(architecture);
  return Object.fromEntries(
    STATE_NAMES.map((name) => {
      const numbers = readFloats(`${prefix}.${name}.f32`);
      const flat = new Float32Array(numbers.length);
      for (const parameter of layouts[name].parameters) {
        const { offset, shape } = parameter;
        const size = shape.reduce((product, extent) => product * extent, 1);
        joinParameter(parameter, numbers.subarray(offset, offset + size), flat);
      }
      return [name, flat];
    }),
  );
};

/** Images that lie in memory. */
function memoryStore() {
  const { resolution, channels, dataset } = config;
  const labels = Uint16Array.from(readBytes("store.labels.u8"));
  return openStore({ source: readBytes("store.images.u8"), resolution, channels, classes: dataset.classes, labels });
}

const seconds = async (work) => {
  const start = performance.now();
  const result = await work();
  return { seconds: (performance.now() - start) / 1000, result };
};

const requests = {
  open(request) {
    folder = request.folder;
    const written = JSON.parse(readBytes("case.json"));
    config = configOf(written.preset);
    architecture = written.architecture;
    return {};
  },

  /** One step from given numbers, in float64 where it is to be exact; writes the next state and what was seen as float32. */
  async check({ withPenalty, prefix, exact = false }) {
    const { batch, updates, gamma, penaltyInterval, beta2, epsilon } = config.recipe;
    const penaltyWeight = withPenalty ? gamma * penaltyInterval : 0;
    const step = buildStep({ architecture, batch, penaltyWeight, updates, adam: { beta2, epsilon } });
    const program = await compile(step, { threads: THREADS });
    const inputs = Object.keys(program.inputs).filter((name) => !STATE_NAMES.includes(name));
    const { scalars } = JSON.parse(readBytes("case.json"));
    const feed = (name) => (name in scalars ? Float32Array.of(scalars[name]) : readFloats(`check.${name}.f32`));
    const feeds = { ...readState("check"), ...Object.fromEntries(inputs.map((name) => [name, feed(name)])) };
    const exactly = () => {
      const values = interpret(Object.values(step), feeds);
      return Object.fromEntries(Object.keys(step).map((name, i) => [name, Float32Array.from(values[i])]));
    };
    const results = exact ? exactly() : await program.run(feeds);
    await program.close();
    const next = Object.fromEntries(STATE_NAMES.map((name) => [name, results[`next.${name}`]]));
    writeState(folder, `${prefix}.next`, next, stateLayouts(architecture));
    for (const [name, { buffer, byteOffset, byteLength }] of Object.entries(results)) {
      if (name.startsWith("next.")) continue;
      writeFileSync(join(folder, `${prefix}.${name}.f32`), new Uint8Array(buffer, byteOffset, byteLength));
    }
    return { names: Object.keys(results) };
  },

  async train() {
    // As a run does: with the forms of convolutions that are fastest on this machine.
    config = { ...config, plans: await planConvolutions(stepGraphs(config), THREADS) };
    trainer = await Trainer.open({ config, architecture, store: memoryStore(), state: readState("initial") });
    return {};
  },

  /** Seconds of whole penalty intervals. */
  async intervals({ count }) {
    const timed = await seconds(async () => {
      let last;
      for (let step = 0; step < count * config.recipe.penaltyInterval; step++) last = await trainer.advance();
      return last;
    });
    return { seconds: timed.seconds, last: timed.result };
  },

  async generation() {
    const path = join(folder, "generator.onnx");
    const { classes } = config.dataset;
    const { latent, resolution, channels } = architecture;
    const description = { classes, resolution, channels, latent, imagesSeen: 0, seed: 0, license: "" };
    writeFileSync(path, encodeGenerator(architecture, readState("initial").generator, description));
    generator = await openGenerator(path, { threads: THREADS });
    const [z, chosen] = [readFloats("generation.z.f32"), readBytes("generation.classes.u8")];
    generator.batch = (start, n) =>
      generator.draw(z.subarray(start * latent, (start + n) * latent), chosen.subarray(start, start + n));
    return {};
  },

  async images_of({ name, batch }) {
    writeFileSync(join(folder, name), await generator.batch(0, batch));
    return {};
  },

  async generate({ batch, images }) {
    const timed = await seconds(async () => {
      for (let start = 0; start < images; start += batch) await generator.batch(start, batch);
    });
    return { seconds: timed.seconds };
  },

  openMetrics({ path, rows, columns }) {
    const bytes = readFileSync(path);
    const both = new Float64Array(bytes.length / 8);
    new Uint8Array(both.buffer).set(bytes);
    const size = rows * columns;
    features = [0, 1].map((set) => matrix(rows, columns, both.subarray(set * size, (set + 1) * size)));
    linear = runtimeLinear64({ threads: THREADS });
    return {};
  },

  async metric({ metric }) {
    const [real, synthetic] = features;
    const found = {
      fid: async () => ({ fid: await fid(real, synthetic, linear) }),
      kid: async () => ({ kid: await kid(real, synthetic, linear) }),
      prdc: () => prdc(real, synthetic, linear, PRDC_NEIGHBOURS),
    };
    const timed = await seconds(found[metric]);
    return { seconds: timed.seconds, values: timed.result };
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { do: what, ...request } = JSON.parse(line);
  process.stdout.write(`${JSON.stringify(await requests[what](request))}\n`);
}
await trainer?.close();
await generator?.close();
await linear?.close();
