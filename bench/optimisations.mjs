// What each optimisation of the training step is worth, alone on a plain step and missing from the full one.
// Usage, after `npm run build`:   node bench/optimisations.mjs [--preset tiny] [--rounds 3] [--docs]
// Every variant is built from the same networks and losses, verified against the first step of the plain one, and timed
// in a process of its own; variants take turns in every round. --docs writes the table to docs/optimisations.md.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Rng } from "../dist/core/index.js";
import {
  add,
  channelBlock,
  concat,
  emitOnnx,
  gradient,
  input,
  meanAll,
  mul,
  openModel,
  shareBackward,
  simplify,
  slice,
  topologicalOrder,
} from "../dist/graph/index.js";
import { convolutionForms, convolutionKey, kernelGradientForms } from "../dist/graph/onnx/convolution-plans.js";
import { slopeByActivation } from "../dist/graph/slope-by-activation.js";
import {
  discriminate,
  flatten,
  generate,
  learningRateFactors,
  STATE_NAMES,
  stateLayouts,
  viewWeights,
} from "../dist/model/index.js";
import { adamUpdate, averageUpdate } from "../dist/train/adam.js";
import { augment, augmentInputs } from "../dist/train/augment-graph.js";
import { allocateAugment, drawAugment } from "../dist/train/draw-augment.js";
import { gradientPenalty } from "../dist/train/gradient-penalty.js";
import { architectureOf } from "../dist/train/index.js";
import { initialState } from "../dist/train/initial-state.js";
import { planConvolutions } from "../dist/train/plan-cache.js";
import { discriminatorLoss, generatorLoss } from "../dist/train/r3gan/objective.js";
import { configOf } from "./case.mjs";
import { ALLOCATOR, THREADS } from "./child.mjs";
import { median } from "./interleave.mjs";

/** Every optimisation by name, in the order of the table. */
const OPTIMISATIONS = {
  simplified: "graph simplified: equal values once, constants folded, neutral operations gone",
  oneGraph: "the update of D and that of G in one graph, so that images are drawn once",
  joined: "D judges real and generated images of its own step in one batch",
  shared: "one backward pass through D for its loss and the penalties",
  turned: "gradient to data as a convolution with the kernel turned around",
  sides: "gradient to kernels unfolds the image by columns and the cotangent by rows",
  folded: "gradient to kernels of small maps in one product over the batch",
  blocked: "convolutions in the runtime's blocked layout",
  rectified: "leaky rectifiers inside blocked convolutions, slopes from their outputs",
  flat: "Adam over one flat vector a network",
  lean: "the runtime keeps no memory of its own for the next step",
  allocator: "the C library keeps what is freed, in one heap (settings that the command line starts with)",
};
const NAMES = Object.keys(OPTIMISATIONS);

function buildGraphs(config, on, withPenalty) {
  const a = architectureOf(config);
  const layouts = stateLayouts(a);
  const { batch, gamma, penaltyInterval, beta2, epsilon } = config.recipe;
  const state = Object.fromEntries(STATE_NAMES.map((name) => [name, input(name, [layouts[name].length])]));
  const real = input("real", [batch, a.channels, a.resolution, a.resolution]);
  const labels = input("labels", [batch, a.classes]);
  const z = input("z", [batch, a.latent]);
  const scalars = {};
  const scalar = (name) => {
    scalars[name] ??= input(name, []);
    return scalars[name];
  };
  const augmentation = augmentInputs("augment", 2 * batch, a.channels, a.resolution);
  const weightsG = viewWeights(layouts.generator, state.generator);
  const images = augment(concat([real, generate(a, weightsG, z, labels)], 0), augmentation);
  const half = (t, start) => slice(t, [start, ...t.shape.slice(1).map(() => 0)], [batch, ...t.shape.slice(1)]);
  const scorePairs = (vector, joined) => {
    const weights = viewWeights(layouts.discriminator, vector);
    const parts = joined ? [images] : [half(images, 0), half(images, batch)];
    const logits = parts.map((part) =>
      discriminate(a, weights, part, part === images ? concat([labels, labels], 0) : labels),
    );
    const pairs = joined
      ? { real: half(logits[0], 0), fake: half(logits[0], batch) }
      : { real: logits[0], fake: logits[1] };
    return { weights, parts, logits, pairs };
  };
  const update = (name, gradients, weights) => {
    const layout = layouts[name];
    const adam = (values, second, g, rates) =>
      adamUpdate({ weights: values, second }, g, mul(rates, scalar(`${name}Rate`)), scalar("correction"), {
        beta2,
        epsilon,
      });
    const factors = learningRateFactors(layout);
    if (on.has("flat")) return adam(state[name], state[`${name}Second`], flatten(layout, gradients), factors);
    // One update a parameter, as optimisers over lists of parameters do.
    const flat = Object.keys(weights).map((_, i) => {
      const { offset, shape } = layout.parameters[i];
      const size = shape.reduce((x, y) => x * y, 1);
      const cut = (t) => slice(t, [offset], [size]);
      const own = { ...layout, parameters: [{ ...layout.parameters[i], offset: 0 }], length: size };
      return adam(cut(state[name]), cut(state[`${name}Second`]), flatten(own, [gradients[i]]), cut(factors));
    });
    return {
      weights: concat(
        flat.map((f) => f.weights),
        0,
      ),
      second: concat(
        flat.map((f) => f.second),
        0,
      ),
    };
  };

  const { weights: weightsD, parts, logits, pairs } = scorePairs(state.discriminator, on.has("joined"));
  const lossD = discriminatorLoss(pairs);
  const penalty = concat(
    logits.map((l, i) => gradientPenalty(l, parts[i])),
    0,
  );
  const objective = withPenalty ? add(lossD, mul(meanAll(penalty), gamma * penaltyInterval)) : lossD;
  const nextD = update("discriminator", gradient(objective, Object.values(weightsD)), weightsD);
  const first = { "next.discriminator": nextD.weights, "next.discriminatorSecond": nextD.second, lossD };

  const learned = on.has("oneGraph") ? nextD.weights : state.discriminator;
  const lossG = generatorLoss(scoreFor(learned).pairs);
  const nextG = update("generator", gradient(lossG, Object.values(weightsG)), weightsG);
  const second = {
    "next.generator": nextG.weights,
    "next.generatorSecond": nextG.second,
    "next.average": averageUpdate(state.average, nextG.weights, scalar("decay")),
    lossG,
  };
  const share = (outputs) => (on.has("shared") && withPenalty ? shareBackward(outputs) : outputs);
  return on.has("oneGraph") ? [share({ ...first, ...second })] : [share(first), second];

  /** D judges for the update of G: what it learned depends on the images, through which G must not steer it. */
  function scoreFor(vector) {
    const views = viewWeights(layouts.generator, state.generator);
    const own = augment(concat([real, generate(a, views, z, labels)], 0), augmentation);
    const weights = viewWeights(layouts.discriminator, vector);
    for (const name of Object.keys(views)) weightsG[name] = views[name];
    const logit = (start) => discriminate(a, weights, half(own, start), labels);
    return { pairs: { real: logit(0), fake: logit(batch) } };
  }
}

/** The form of every convolution, where an optimisation that is off forbids the usual one. */
function plansFor(outputs, on, block) {
  const plans = {};
  for (const node of topologicalOrder(outputs)) {
    const [x, y] = node.inputs;
    if (node.op === "conv2d" || node.op === "conv2dInputGradient") {
      const image = node.op === "conv2d" ? x.shape : node.shape;
      const forms = convolutionForms(node.op, y.shape, node.attributes, block);
      const key = convolutionKey(node.op, image, y.shape, node.attributes);
      if (node.op === "conv2dInputGradient" && !on.has("turned") && forms.includes("spread")) plans[key] = "spread";
      else if (node.op === "conv2d" && !on.has("turned")) plans[key] = forms.includes("blocked") ? "blocked" : "gather";
    } else if (node.op === "conv2dWeightGradient") {
      const forms = kernelGradientForms(node.shape, node.attributes);
      if (forms.length === 1 || (on.has("sides") && on.has("folded"))) continue;
      const [features, channels, height] = node.shape;
      const few = Math.min(features, channels) <= 4;
      const side = height === 1 || few ? "image" : on.has("sides") ? "both" : "image";
      const small = on.has("folded") && y.shape[2] * y.shape[3] <= (height === 1 ? 64 : 256);
      const key = convolutionKey(node.op, x.shape, node.shape, node.attributes);
      plans[key] = `${side}/${small ? "batch" : "images"}`;
    }
  }
  return plans;
}

async function openStep(config, on, withPenalty, planned) {
  const block = on.has("blocked") ? await channelBlock() : undefined;
  const graphs = buildGraphs(config, on, withPenalty);
  return Promise.all(
    graphs.map(async (graph) => {
      const names = Object.keys(graph);
      const rule = on.has("rectified") ? slopeByActivation() : undefined;
      const values = on.has("simplified") ? simplify(Object.values(graph), rule) : Object.values(graph);
      const outputs = Object.fromEntries(names.map((name, i) => [name, values[i]]));
      const plans = planned ?? plansFor(values, on, block);
      const inputs = topologicalOrder(values).filter(({ op }) => op === "input");
      const model = await openModel(emitOnnx(outputs, { channelBlock: block, plans }), {
        threads: THREADS,
        arena: !on.has("lean"),
      });
      return { model, inputs, names };
    }),
  );
}

/** Feeds of one step: random, for the time does not depend on them. */
function feedsOf(config) {
  const a = architectureOf(config);
  const { batch, augment: options } = config.recipe;
  const rng = new Rng("optimisations");
  const normal = (length) => rng.fillNormal(new Float32Array(length));
  const labels = new Float32Array(batch * a.classes);
  for (let n = 0; n < batch; n++) labels[n * a.classes + (n % a.classes)] = 1;
  const arrays = allocateAugment(2 * batch, a.channels, a.resolution);
  drawAugment(rng, arrays, 0.5, options, { count: 2 * batch, channels: a.channels, size: a.resolution });
  const state = initialState(a, 0);
  for (const name of STATE_NAMES) {
    state[name] = name.endsWith("Second")
      ? state[name].map(() => 1e-4 * rng.between(0.5, 1.5))
      : state[name].map((w) => w + 0.02 * rng.normal());
  }
  return {
    ...state,
    real: normal(batch * a.channels * a.resolution ** 2).map(Math.tanh),
    labels,
    z: normal(batch * a.latent),
    ...Object.fromEntries(Object.entries(arrays).map(([name, array]) => [`augment.${name}`, array])),
    generatorRate: Float32Array.of(1e-3),
    discriminatorRate: Float32Array.of(1e-3),
    correction: Float32Array.of(2),
    decay: Float32Array.of(0.9),
  };
}

/** Runs in a process of its own: milliseconds of a penalty interval, peak memory, and what two steps change. */
async function measure(preset, names, planned, changesPath) {
  const on = new Set(names);
  const config = configOf(preset);
  const plans = planned
    ? await planConvolutions(
        [buildGraphs(config, on, true), buildGraphs(config, on, false)].map((graphs) => Object.assign({}, ...graphs)),
        THREADS,
      )
    : undefined;
  const steps = [await openStep(config, on, true, plans), await openStep(config, on, false, plans)];
  const feeds = feedsOf(config);
  const first = { ...feeds };
  const advance = async (step) => {
    for (const { model, inputs } of step) {
      const given = inputs.map(({ attributes, shape }) => [attributes.name, { data: feeds[attributes.name], shape }]);
      for (const [name, { data }] of Object.entries(await model.run(Object.fromEntries(given)))) {
        feeds[name.replace("next.", "")] = data;
      }
    }
  };
  await advance(steps[0]);
  await advance(steps[1]);
  // What both steps have changed, for the parent to compare.
  const changes = STATE_NAMES.map((name) => feeds[name].map((w, i) => w - first[name][i]));
  writeFileSync(changesPath, Buffer.concat(changes.map(({ buffer }) => new Uint8Array(buffer))));
  const times = [];
  for (let interval = 0; interval < 4; interval++) {
    const started = performance.now();
    for (let step = 0; step < config.recipe.penaltyInterval; step++) await advance(steps[step === 0 ? 0 : 1]);
    times.push(performance.now() - started);
  }
  console.log(
    JSON.stringify({
      milliseconds: median(times),
      peakMemory: process.resourceUsage().maxRSS * 1024,
    }),
  );
  process.exit(0);
}

const { values } = parseArgs({
  options: {
    preset: { type: "string", default: "tiny" },
    rounds: { type: "string", default: "3" },
    docs: { type: "boolean", default: false },
    variant: { type: "string" },
    changes: { type: "string" },
    planned: { type: "boolean", default: false },
  },
});
if (values.variant !== undefined) {
  await measure(values.preset, values.variant.split(",").filter(Boolean), values.planned, values.changes);
}

/** Euclidean distance of two vectors, or the length of one. */
const distance = (a, b) => Math.sqrt(a.reduce((sum, value, i) => sum + (value - (b?.[i] ?? 0)) ** 2, 0));
/** Of the changes of two steps, relative: variants multiply in other orders. */
const MAX_DIFFERENCE = 1e-3;
let plainChanges;

/** Names of the variants and what each has. */
const variants = {
  plain: [],
  ...Object.fromEntries(NAMES.map((name) => [`only ${name}`, [name]])),
  ...Object.fromEntries(NAMES.map((name) => [`without ${name}`, NAMES.filter((other) => other !== name)])),
  full: NAMES,
  planned: NAMES,
};
const folder = mkdtempSync(join(tmpdir(), "ganglion-optimisations-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
const changesPath = join(folder, "changes.f32");
const results = Object.fromEntries(Object.keys(variants).map((name) => [name, []]));
for (let round = 0; round < Number(values.rounds); round++) {
  for (const [name, on] of Object.entries(variants)) {
    const args = [
      fileURLToPath(import.meta.url),
      "--preset",
      values.preset,
      "--variant",
      on.join(","),
      "--changes",
      changesPath,
    ];
    if (name === "planned") args.push("--planned");
    const { status, stdout } = spawnSync(process.execPath, args, {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "inherit"],
      env: on.includes("allocator") ? { ...process.env, ...ALLOCATOR } : process.env,
    });
    if (status !== 0) throw new Error(`${name}: ended with ${status}`);
    const result = JSON.parse(stdout);
    const changes = new Float32Array(new Uint8Array(readFileSync(changesPath)).buffer);
    plainChanges ??= changes;
    const difference = distance(changes, plainChanges) / distance(plainChanges);
    if (!(difference < MAX_DIFFERENCE)) {
      throw new Error(`${name}: two steps change the state otherwise than the plain ones, by ${difference}`);
    }
    results[name].push(result);
    console.error(`round ${round + 1}: ${name} ${result.milliseconds.toFixed(0)} ms an interval`);
  }
}

const batch = configOf(values.preset).recipe.batch * configOf(values.preset).recipe.penaltyInterval;
const time = (name) => median(results[name].map(({ milliseconds }) => milliseconds));
const memory = (name) => median(results[name].map(({ peakMemory }) => peakMemory));
const rate = (name) => ((1000 * batch) / time(name)).toFixed(0);
const gain = (fast, slow) => (time(slow) / time(fast)).toFixed(2);
const table = [
  "| optimisation | alone: images/s | alone: faster than plain | without it: images/s | full step faster by | memory without it |",
  "|---|---:|---:|---:|---:|---:|",
  ...NAMES.map((name) => {
    const [only, without] = [`only ${name}`, `without ${name}`];
    const cells = [OPTIMISATIONS[name], rate(only), gain(only, "plain"), rate(without), gain("full", without)];
    return `| ${[...cells, `${(memory(without) / 2 ** 20).toFixed(0)} MiB`].join(" | ")} |`;
  }),
  `| none (plain) | ${rate("plain")} | 1.00 | | ${gain("full", "plain")} | ${(memory("plain") / 2 ** 20).toFixed(0)} MiB |`,
  `| all | | | ${rate("full")} | | ${(memory("full") / 2 ** 20).toFixed(0)} MiB |`,
  `| all, forms by timing on this machine instead of by rule | | | ${rate("planned")} | ${gain("planned", "full")} | ${(memory("planned") / 2 ** 20).toFixed(0)} MiB |`,
].join("\n");
const title = `\`${values.preset}\`, medians of ${values.rounds} rounds, ${THREADS} threads, ${cpus()[0].model}, ${cpus().length} processors`;
console.log(`${title}\n\n${table}`);
if (values.docs) {
  const path = new URL("../docs/optimisations.md", import.meta.url);
  const mark = `<!-- ${values.preset} -->`;
  const end = `<!-- end of ${values.preset} -->`;
  const text = readFileSync(path, "utf8");
  const [from, to] = [text.indexOf(mark), text.indexOf(end)];
  if (from < 0 || to < 0) throw new Error(`docs/optimisations.md has no place for ${values.preset}`);
  writeFileSync(path, `${text.slice(0, from + mark.length)}\n${title}\n\n${table}\n${text.slice(to)}`);
}
