import { describe, expect, test } from "vitest";
import { Rng } from "../core/rng.ts";
import { add, compile, concat, type Feeds, gradient, input, interpret, meanAll, mul } from "../graph/index.ts";
import {
  type Architecture,
  designArchitecture,
  discriminate,
  discriminatorLayout,
  flatten,
  generate,
  generatorLayout,
  initialise,
  learningRateFactors,
  type ParameterLayout,
  presetNetworks,
  viewWeights,
} from "../model/index.ts";
import { augment, augmentInputs } from "./augment-graph.ts";
import { allocateAugment, drawAugment } from "./draw-augment.ts";
import { discriminatorLoss, generatorLoss, gradientPenalty, splitPairs } from "./objective.ts";
import { buildStep } from "./step-graph.ts";

const a: Architecture = {
  ...designArchitecture(presetNetworks.tiny, { resolution: 8, channels: 3, classes: 2 }),
  code: 4,
  // The code, then a number of noise for each pixel at 8 pixels.
  latent: 4 + 8 ** 2,
  embedding: 3,
  generatorWidths: [6, 5],
  discriminatorWidths: [6, 5],
};
const BATCH = 3;
const ADAM = { beta2: 0.9, epsilon: 1e-4 };
const RATES = { generator: 0.02, discriminator: 0.01 };
const CORRECTION = 1 / (1 - 0.9 ** 3);
const DECAY = 0.7;
const layouts = { generator: generatorLayout(a), discriminator: discriminatorLayout(a) };

/** Weights of which none is zero, so that every layer does something, and second moments of a run under way. */
function stateOf(name: "generator" | "discriminator") {
  const rng = new Rng(name, "state");
  const weights = initialise(layouts[name], 1, name).map((w) => w + 0.1 * rng.normal());
  return { weights, second: weights.map(() => 0.01 * rng.uniform()) };
}
const [g, d] = [stateOf("generator"), stateOf("discriminator")];
const average = g.weights.map((w) => 0.9 * w);

function feedsOf(): Record<string, Float32Array> {
  const arrays = allocateAugment(2 * BATCH, 3, 8);
  const options = { rotate: true, flip: true, translate: 0.1, scale: 0.2, brightness: 0.1, contrast: 0.2 };
  drawAugment(new Rng("augment"), arrays, 0.7, options, { count: 2 * BATCH, channels: 3, size: 8 });
  return {
    generator: g.weights,
    generatorSecond: g.second,
    average,
    discriminator: d.weights,
    discriminatorSecond: d.second,
    real: new Rng("real").fillNormal(new Float32Array(BATCH * 192)).map((x) => x / 2),
    labels: Float32Array.of(1, 0, 0, 1, 1, 0),
    z: new Rng("z").fillNormal(new Float32Array(BATCH * a.latent)),
    ...Object.fromEntries(Object.entries(arrays).map(([name, data]) => [`augment.${name}`, data])),
    generatorRate: Float32Array.of(RATES.generator),
    discriminatorRate: Float32Array.of(RATES.discriminator),
    correction: Float32Array.of(CORRECTION),
    decay: Float32Array.of(DECAY),
  };
}
const feeds = feedsOf();

const step = (updates: "alternating" | "simultaneous", penaltyWeight = 0.7) =>
  buildStep({ architecture: a, batch: BATCH, penaltyWeight, updates, adam: ADAM });

/** Adam in plain numbers. */
function adam(
  layout: ParameterLayout,
  weights: ArrayLike<number>,
  second: ArrayLike<number>,
  grad: Float64Array,
  rate: number,
) {
  const [factors] = interpret([learningRateFactors(layout)]);
  return Float64Array.from(grad, (value, i) => {
    const moment = 0.9 * second[i] + 0.1 * value * value;
    return weights[i] - (rate * factors[i] * value) / (Math.sqrt(moment * Math.fround(CORRECTION)) + 1e-4);
  });
}

/**
 * The step as it is written in a textbook: gradients of each network by a graph of its own, in which the other
 * network's weights are given numbers.
 */
function textbook(updates: "alternating" | "simultaneous", penaltyWeight: number) {
  const views = (name: "generator" | "discriminator") =>
    viewWeights(layouts[name], input(name, [layouts[name].length]));
  const [G, D] = [views("generator"), views("discriminator")];
  const labels = input("labels", [BATCH, a.classes]);
  const fake = generate(a, G, input("z", [BATCH, a.latent]), labels);
  const real = input("real", [BATCH, 3, 8, 8]);
  const images = augment(concat([real, fake], 0), augmentInputs("augment", 2 * BATCH, 3, 8));
  const logits = discriminate(a, D, images, concat([labels, labels], 0));
  const penalty = gradientPenalty(logits, images);
  const objective = add(discriminatorLoss(splitPairs(logits)), mul(meanAll(penalty), penaltyWeight));
  const lossG = generatorLoss(splitPairs(logits));
  const at = (values: Feeds) => {
    const gradD = flatten(layouts.discriminator, gradient(objective, Object.values(D)));
    const gradG = flatten(layouts.generator, gradient(lossG, Object.values(G)));
    return interpret([gradD, gradG], values);
  };
  const [gradD] = at(feeds);
  const discriminator = adam(layouts.discriminator, d.weights, d.second, gradD, Math.fround(RATES.discriminator));
  const [, gradG] = at(updates === "simultaneous" ? feeds : { ...feeds, discriminator });
  const generator = adam(layouts.generator, g.weights, g.second, gradG, Math.fround(RATES.generator));
  return { discriminator, generator, average: generator.map((w, i) => DECAY * average[i] + (1 - DECAY) * w) };
}

function greatestDifference(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(found.length).toBe(expected.length);
  return Array.from(expected).reduce((most, value, i) => Math.max(most, Math.abs(value - found[i])), 0);
}

describe.each(["simultaneous", "alternating"] as const)("a step with %s updates", (updates) => {
  const outputs = step(updates);
  const names = Object.keys(outputs);
  const values = interpret(Object.values(outputs), feeds);
  const found = Object.fromEntries(names.map((name, i) => [name, values[i]]));

  test("is the textbook's: each network learns with the other held fixed", () => {
    const expected = textbook(updates, 0.7);
    for (const name of ["discriminator", "generator", "average"] as const) {
      expect(greatestDifference(found[`next.${name}`], expected[name]), name).toBeLessThan(1e-6);
    }
    expect(greatestDifference(found["next.generator"], g.weights)).toBeGreaterThan(1e-3);
  });

  test("is computed by ONNX Runtime as by the float64 interpreter", async () => {
    const program = await compile(outputs, { threads: 1 });
    const results = await program.run(feeds);
    await program.close();
    for (const name of names) {
      const scale = Math.max(1, ...Array.from(found[name], Math.abs));
      expect(greatestDifference(results[name], found[name]) / scale, name).toBeLessThan(1e-4);
    }
  });
});

test("the two schemes differ in what G learns, not in what D learns", () => {
  const next = (updates: "alternating" | "simultaneous") => {
    const outputs = step(updates);
    return interpret([outputs["next.discriminator"], outputs["next.generator"]], feeds);
  };
  const [together, inTurn] = [next("simultaneous"), next("alternating")];
  // The shared pass multiplies in another order.
  expect(greatestDifference(together[0], inTurn[0])).toBeLessThan(1e-14);
  expect(greatestDifference(together[1], inTurn[1])).toBeGreaterThan(1e-5);
});

test("without a penalty the step has none, and what the loop watches is as stated", () => {
  const outputs = step("simultaneous", 0);
  expect(outputs.penalty).toBeUndefined();
  const [logits, lossD, spread] = interpret([outputs.logits, outputs.lossD, outputs.realSpread], feeds);
  expect(logits.length).toBe(2 * BATCH);
  const pairs = [0, 1, 2].map((i) => Math.log1p(Math.exp(logits[i + BATCH] - logits[i])));
  expect(lossD[0]).toBeCloseTo(pairs.reduce((x, y) => x + y) / BATCH, 10);
  let variance = 0;
  for (let i = 0; i < 192; i++) {
    const pixel = [0, 1, 2].map((n) => feeds.real[n * 192 + i]);
    const mean = (pixel[0] + pixel[1] + pixel[2]) / 3;
    variance += pixel.reduce((sum, x) => sum + (x - mean) ** 2, 0) / 3 / 192;
  }
  expect(spread[0]).toBeCloseTo(variance, 6);
});
