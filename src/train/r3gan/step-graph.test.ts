import { describe, expect, test } from "vitest";
import {
  add,
  compile,
  concat,
  div,
  exp,
  type Feeds,
  gradient,
  input,
  interpret,
  log,
  matmul,
  meanAll,
  mul,
  neg,
  reduceSum,
  slice,
  type Tensor,
} from "../../graph/index.ts";
import {
  discriminate,
  discriminatorFeatures,
  flatten,
  generate,
  learningRateFactors,
  type ParameterLayout,
  viewWeights,
} from "../../model/index.ts";
import { joinParameter, splitFlat } from "../../model/parameters.ts";
import { augment, augmentInputs } from "../augment-graph.ts";
import { gradientPenalty } from "../gradient-penalty.ts";
import {
  architecture as a,
  BATCH,
  CORRECTION,
  DECAY,
  feeds,
  layouts,
  RATES,
  state,
  step,
} from "../testing/step-case.ts";
import { discriminatorLoss, generatorLoss, splitPairs } from "./objective.ts";

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
    const moment = 0.9 * second[i]! + 0.1 * value * value;
    return weights[i]! - (rate * factors![i]! * value) / (Math.sqrt(moment * Math.fround(CORRECTION)) + 1e-4);
  });
}

const views = (name: "generator" | "discriminator") => viewWeights(layouts[name], input(name, [layouts[name].length]));

/**
 * The step as it is written in a textbook: gradients of each network by a graph of its own, in which the other
 * network's weights are given numbers.
 */
function textbook(updates: "alternating" | "simultaneous", penaltyWeight: number) {
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
  const discriminator = adam(
    layouts.discriminator,
    state.discriminator,
    state.discriminatorSecond,
    gradD!,
    Math.fround(RATES.discriminator),
  );
  const [, gradG] = at(updates === "simultaneous" ? feeds : { ...feeds, discriminator });
  const generator = adam(
    layouts.generator,
    state.generator,
    state.generatorSecond,
    gradG!,
    Math.fround(RATES.generator),
  );
  return { discriminator, generator, average: generator.map((w, i) => DECAY * state.average[i]! + (1 - DECAY) * w) };
}

/** 1 at the weights of one layer in the flat vector, 0 elsewhere. */
function splitMask(layout: ParameterLayout, name: string): Float32Array {
  const flat = new Float32Array(layout.length);
  const parameter = layout.parameters.find((own) => own.name === name)!;
  joinParameter(parameter, new Float32Array(parameter.shape.reduce((a, b) => a * b, 1)).fill(1), flat);
  return flat;
}

function greatestDifference(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(found.length).toBe(expected.length);
  return Array.from(expected).reduce((most, value, i) => Math.max(most, Math.abs(value - found[i]!)), 0);
}

describe.each(["simultaneous", "alternating"] as const)("a step with %s updates", (updates) => {
  const outputs = step(updates);
  const names = Object.keys(outputs);
  const values = interpret(Object.values(outputs), feeds);
  const found = Object.fromEntries(names.map((name, i) => [name, values[i]]));

  test("is the textbook's: each network learns with the other held fixed", () => {
    const expected = textbook(updates, 0.7);
    for (const name of ["discriminator", "generator", "average"] as const) {
      expect(greatestDifference(found[`next.${name}`]!, expected[name]), name).toBeLessThan(1e-6);
    }
    expect(greatestDifference(found["next.generator"]!, state.generator)).toBeGreaterThan(1e-3);
  });

  test("is computed by ONNX Runtime as by the float64 interpreter", async () => {
    const program = await compile(outputs, { threads: 1 });
    const results = await program.run(feeds);
    await program.close();
    for (const name of names) {
      const scale = Math.max(1, ...Array.from(found[name]!, Math.abs));
      expect(greatestDifference(results[name]!, found[name]!) / scale, name).toBeLessThan(1e-4);
    }
  });
});

test("the two schemes differ in what G learns, not in what D learns", () => {
  const next = (updates: "alternating" | "simultaneous") => {
    const outputs = step(updates);
    return interpret([outputs["next.discriminator"]!, outputs["next.generator"]!], feeds);
  };
  const [together, inTurn] = [next("simultaneous"), next("alternating")];
  // The shared pass multiplies in another order.
  expect(greatestDifference(together[0]!, inTurn[0]!)).toBeLessThan(1e-14);
  expect(greatestDifference(together[1]!, inTurn[1]!)).toBeGreaterThan(1e-5);
});

test("without a penalty the step has none, and what the loop watches is as stated", () => {
  const outputs = step("simultaneous", 0);
  expect(outputs.penalty).toBeUndefined();
  const [logits, lossD, variances] = interpret([outputs.logits!, outputs.lossD!, outputs.realSpread!], feeds);
  expect(logits!.length).toBe(2 * BATCH);
  const pairs = [0, 1, 2].map((i) => Math.log1p(Math.exp(logits![i + BATCH]! - logits![i]!)));
  expect(lossD![0]).toBeCloseTo(pairs.reduce((x, y) => x + y) / BATCH, 10);
  let variance = 0;
  for (let i = 0; i < 192; i++) {
    const pixel = [0, 1, 2].map((n) => feeds.real![n * 192 + i]!);
    const mean = (pixel[0]! + pixel[1]! + pixel[2]!) / 3;
    variance += pixel.reduce((sum, x) => sum + (x - mean) ** 2, 0) / 3 / 192;
  }
  expect(variances![0]).toBeCloseTo(variance, 6);
});

describe("a step with scaled losses", () => {
  const run = async (lossScale: number) => {
    const program = await compile(step("alternating", 0.7, true), { threads: 1 });
    const results = await program.run({ ...feeds, lossScale: Float32Array.of(lossScale) });
    await program.close();
    return results;
  };

  test("is the step without, whatever the scale", async () => {
    const plain = step("alternating");
    const names = Object.keys(plain).filter((name) => name.startsWith("next."));
    const expected = interpret(
      names.map((name) => plain[name]!),
      feeds,
    );
    for (const scale of [1, 2 ** 12]) {
      const found = await run(scale);
      names.forEach((name, i) => {
        expect(greatestDifference(found[name]!, expected[i]!), name).toBeLessThan(1e-5);
      });
      expect(found.gradientSum![0]).not.toBe(0);
      expect(Number.isFinite(found.gradientSum![0])).toBe(true);
    }
  });

  test("tells by the sum of the gradients that one of them overflowed", async () => {
    const { gradientSum, lossD } = await run(Number.POSITIVE_INFINITY);
    expect(Number.isFinite(gradientSum![0])).toBe(false);
    expect(Number.isFinite(lossD![0])).toBe(true);
  });
});

describe("a step with a ramp of the classes", () => {
  const conditioned = step("alternating", 0.7, false, { conditioned: true });
  const names = Object.keys(conditioned).filter((name) => name.startsWith("next."));
  const run = (graph: Record<string, Tensor>, values: Feeds) =>
    interpret(
      names.map((name) => graph[name]!),
      values,
    );
  const at = (conditioning: number, changes: Feeds = {}) =>
    run(conditioned, { ...feeds, conditioning: [conditioning], ...changes });

  test("in full is the step without", () => {
    const expected = run(step("alternating"), feeds);
    at(1).forEach((found, i) => {
      expect([...found], names[i]!).toEqual([...expected[i]!]);
    });
  });

  test("at 0 is the same whatever the classes of the images, and leaves both embeddings as they are", () => {
    const [found, other] = [at(0), at(0, { labels: [0, 1, 1, 0, 0, 1] })];
    found.forEach((values, i) => {
      expect([...values], names[i]!).toEqual([...other[i]!]);
    });
    for (const [name, layer] of [
      ["generator", "embedding.weight"],
      ["discriminator", "projection.weight"],
    ] as const) {
      const [before, after] = [state[name], Float32Array.from(found[names.indexOf(`next.${name}`)]!)];
      expect(splitFlat(layouts[name], after)[layer], layer).toEqual(splitFlat(layouts[name], before)[layer]);
      expect(splitFlat(layouts[name], after)["image.weight"]).not.toEqual(
        splitFlat(layouts[name], before)["image.weight"],
      );
    }
  });

  test("in between is the step of embeddings that are so much smaller", () => {
    const factor = 0.3;
    // What the weights of the embeddings are multiplied by in an ordinary step, the ramp multiplies in its own.
    const smaller = (name: "generator" | "discriminator", layer: string) => {
      const scaled = Float64Array.from(state[name]);
      const mask = splitMask(layouts[name], layer);
      return scaled.map((value, i) => (mask[i] ? factor * value : value));
    };
    const changes = {
      generator: smaller("generator", "embedding.weight"),
      discriminator: smaller("discriminator", "projection.weight"),
    };
    const outputs = ["logits", "penalty", "lossD"] as const;
    const ramped = interpret(
      outputs.map((name) => conditioned[name]!),
      { ...feeds, conditioning: [factor] },
    );
    const plain = step("alternating");
    const expected = interpret(
      outputs.map((name) => plain[name]!),
      { ...feeds, ...changes },
    );
    outputs.forEach((name, i) => {
      expect(greatestDifference(ramped[i]!, expected[i]!), name).toBeLessThan(1e-12);
    });
  });
});

describe.each(["alternating", "simultaneous"] as const)("a loss for the classes, %s", (updates) => {
  const classLoss = { discriminator: 0.3, generator: 0.2 };
  const found = step(updates, 0, false, { classLoss });
  const values = (names: readonly string[], graph: Record<string, Tensor>, input: Feeds) =>
    interpret(
      names.map((name) => graph[name]!),
      input,
    );

  test("is the cross-entropy of D's features by its embeddings, and both networks follow its gradient", () => {
    const [G, D] = [views("generator"), views("discriminator")];
    const labels = input("labels", [BATCH, a.classes]);
    const fake = generate(a, G, input("z", [BATCH, a.latent]), labels);
    const images = augment(
      concat([input("real", [BATCH, 3, 8, 8]), fake], 0),
      augmentInputs("augment", 2 * BATCH, 3, 8),
    );
    const features = discriminatorFeatures(a, D, images);
    // -log of the share of the own class, image by image.
    const scores = matmul(features, D["projection.weight"]!);
    const all = reduceSum(exp(scores), [1], false);
    const own = reduceSum(mul(exp(scores), concat([labels, labels], 0)), [1], false);
    const entropies = neg(log(div(own, all)));
    const meanOf = (start: number) => meanAll(slice(entropies, [start], [BATCH]));
    const logits = discriminate(a, D, images, concat([labels, labels], 0));
    const objectiveD = add(discriminatorLoss(splitPairs(logits)), mul(meanOf(0), 0.3));
    const objectiveG = add(generatorLoss(splitPairs(logits)), mul(meanOf(BATCH), 0.2));
    const gradients = [
      flatten(layouts.discriminator, gradient(objectiveD, Object.values(D))),
      flatten(layouts.generator, gradient(objectiveG, Object.values(G))),
    ];
    const [entropyD, gradD] = interpret([meanOf(0), gradients[0]!], feeds);
    const rate = (name: "generator" | "discriminator") => Math.fround(RATES[name]);
    const discriminator = adam(
      layouts.discriminator,
      state.discriminator,
      state.discriminatorSecond,
      gradD!,
      rate("discriminator"),
    );
    const after = updates === "simultaneous" ? feeds : { ...feeds, discriminator };
    const [entropyG, gradG] = interpret([meanOf(BATCH), gradients[1]!], after);
    const generator = adam(layouts.generator, state.generator, state.generatorSecond, gradG!, rate("generator"));
    const [nextD, nextG, ownD, ownG] = values(
      ["next.discriminator", "next.generator", "classEntropyD", "classEntropyG"],
      found,
      feeds,
    );
    expect(ownD![0]).toBeCloseTo(entropyD![0]!, 10);
    expect(ownG![0]).toBeCloseTo(entropyG![0]!, 6);
    expect(greatestDifference(nextD!, discriminator)).toBeLessThan(1e-6);
    expect(greatestDifference(nextG!, generator)).toBeLessThan(1e-6);
  });

  test("of weights 0 leaves no trace", () => {
    expect(Object.keys(step(updates, 0, false, { classLoss: { discriminator: 0, generator: 0 } }))).toEqual(
      Object.keys(step(updates, 0)),
    );
  });
});

test("a weight of the penalties that is scheduled is the weight that the graph would have", () => {
  const names = ["next.discriminator", "next.generator"];
  const values = (graph: Record<string, Tensor>, input: Feeds) =>
    interpret(
      names.map((name) => graph[name]!),
      input,
    );
  const found = values(step("alternating", "scheduled"), { ...feeds, penaltyWeight: [0.7] });
  values(step("alternating", 0.7), feeds).forEach((expected, i) => {
    expect(greatestDifference(found[i]!, expected), names[i]!).toBeLessThan(1e-14);
  });
});
