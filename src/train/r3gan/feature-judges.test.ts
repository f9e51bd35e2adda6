import { describe, expect, test } from "vitest";
import { Rng } from "../../core/rng.ts";
import {
  add,
  compile,
  concat,
  type Feeds,
  gradient,
  input,
  interpret,
  meanAll,
  mul,
  type Tensor,
} from "../../graph/index.ts";
import {
  discriminate,
  discriminatorLayout,
  featureTaps,
  flatten,
  generate,
  headLogits,
  initialise,
  learningRateFactors,
  type R3ganArchitecture,
  tappedFeatures,
  unitFeatures,
  viewWeights,
} from "../../model/index.ts";
import { frozenNetwork } from "../../model/testing/frozen-network.ts";
import { augment, augmentInputs } from "../augment-graph.ts";
import { gradientPenalty } from "../gradient-penalty.ts";
import {
  ADAM,
  BATCH,
  CORRECTION,
  layouts,
  architecture as plain,
  feeds as plainFeeds,
  RATES,
  step,
} from "../testing/step-case.ts";
import { discriminatorLoss, generatorLoss, splitPairs } from "./objective.ts";
import { buildStep } from "./step-graph.ts";

const bytes = frozenNetwork();
// Of 8 pixels, layers of at most two positions a side are judged.
const taps = featureTaps(bytes, "frozen", 8, 3);
const a: R3ganArchitecture = { ...plain, heads: taps };
const layout = discriminatorLayout(a);
const WEIGHT = 0.6;
const PENALTY = 0.4;
const features = tappedFeatures(bytes, taps);

const rng = new Rng("heads", "state");
const discriminator = initialise(layout, 1, "discriminator").map((w) => w + 0.1 * rng.normal());
const seconds = discriminator.map(() => 0.01 * rng.uniform());
const feeds: Feeds = {
  ...plainFeeds,
  discriminator,
  discriminatorSecond: seconds,
  featureWeight: Float32Array.of(WEIGHT),
};
const judgedStep = (updates: "alternating" | "simultaneous") =>
  buildStep({
    ...{ architecture: a, batch: BATCH, penaltyWeight: 0.7, updates, adam: ADAM },
    heads: { features, penaltyWeight: PENALTY },
  });

/** Gradients of both networks as they are written in a textbook, each by a graph of its own. */
function textbook() {
  const [G, D] = [
    viewWeights(layouts.generator, input("generator", [layouts.generator.length])),
    viewWeights(layout, input("discriminator", [layout.length])),
  ];
  const labels = input("labels", [BATCH, a.classes]);
  const fake = generate(a, G, input("z", [BATCH, a.latent]), labels);
  const images = augment(concat([input("real", [BATCH, 3, 8, 8]), fake], 0), augmentInputs("augment", 2 * BATCH, 3, 8));
  const both = concat([labels, labels], 0);
  const logits = discriminate(a, D, images, both);
  const layers = features(images).map(unitFeatures);
  const heads = layers.map((layer, i) => headLogits(D, i, layer, both));
  const average = (values: readonly Tensor[]) =>
    mul(
      values.reduce((sum, v) => add(sum, v)),
      1 / values.length,
    );
  const headPenalty = average(heads.map((logit, i) => meanAll(gradientPenalty(logit, layers[i]!))));
  const lossD = add(
    add(discriminatorLoss(splitPairs(logits)), mul(meanAll(gradientPenalty(logits, images)), 0.7)),
    mul(add(average(heads.map((h) => discriminatorLoss(splitPairs(h)))), mul(headPenalty, PENALTY)), WEIGHT),
  );
  const lossG = add(
    generatorLoss(splitPairs(logits)),
    mul(average(heads.map((h) => generatorLoss(splitPairs(h)))), WEIGHT),
  );
  return {
    discriminator: flatten(layout, gradient(lossD, Object.values(D))),
    generator: flatten(layouts.generator, gradient(lossG, Object.values(G))),
  };
}

/** Adam of the step in plain numbers. */
function adam(name: "generator" | "discriminator", grad: Float64Array, rate: number, given: Feeds): Float64Array {
  const [factors] = interpret([learningRateFactors(name === "generator" ? layouts.generator : layout)]);
  return grad.map((value, i) => {
    const moment = ADAM.beta2 * given[`${name}Second`]![i]! + (1 - ADAM.beta2) * value * value;
    const share = value / (Math.sqrt(moment * Math.fround(CORRECTION)) + ADAM.epsilon);
    return given[name]![i]! - Math.fround(rate) * factors![i]! * share;
  });
}

const furthest = (found: ArrayLike<number>, expected: ArrayLike<number>) =>
  Array.from(expected).reduce((most, value, i) => Math.max(most, Math.abs(value - found[i]!)), 0);

test("taps are the last layers of each resolution from a quarter of the image down that the features come from", () => {
  expect(taps).toEqual([{ name: expect.any(String), maps: 4, extent: 2 }]);
  expect(featureTaps(bytes, "frozen", 16, 1).map(({ extent, maps }) => [extent, maps])).toEqual([[4, 4]]);
  expect(() => featureTaps(bytes, "--frozen onnx:net", 4, 3)).toThrow(/--frozen onnx:net: no layer has/);
  expect(() => featureTaps(new Uint8Array([1, 2]), "--frozen onnx:net", 8, 3)).toThrow(/--frozen onnx:net: /);
});

describe.each(["alternating", "simultaneous"] as const)("a step with %s updates and a frozen network", (updates) => {
  const outputs = judgedStep(updates);
  const names = Object.keys(outputs);
  const values = interpret(Object.values(outputs), feeds);
  const found = Object.fromEntries(names.map((name, i) => [name, values[i]!]));

  test("is the textbook's, with the heads' losses and penalties", () => {
    const book = textbook();
    const [gradD] = interpret([book.discriminator], feeds);
    const nextD = adam("discriminator", gradD!, RATES.discriminator, feeds);
    expect(furthest(found["next.discriminator"]!, nextD)).toBeLessThan(1e-6);
    const [gradG] = interpret(
      [book.generator],
      updates === "simultaneous" ? feeds : { ...feeds, discriminator: nextD },
    );
    expect(furthest(found["next.generator"]!, adam("generator", gradG!, RATES.generator, feeds))).toBeLessThan(1e-6);
  });

  test("is computed by ONNX Runtime as by the float64 interpreter", async () => {
    const program = await compile(outputs, { threads: 1 });
    const results = await program.run(feeds as Record<string, Float32Array>);
    await program.close();
    for (const name of names) {
      const scale = Math.max(1, ...Array.from(found[name]!, Math.abs));
      expect(furthest(results[name]!, found[name]!) / scale, name).toBeLessThan(1e-4);
    }
  });

  test("of weight zero moves the generator as one without heads", () => {
    const without = step(updates);
    const pixels = discriminator.slice(0, layouts.discriminator.length);
    const moments = seconds.slice(0, layouts.discriminator.length);
    const same = interpret([without["next.generator"]!], {
      ...plainFeeds,
      discriminator: pixels,
      discriminatorSecond: moments,
    });
    const [zero] = interpret([outputs["next.generator"]!], { ...feeds, featureWeight: [0] });
    expect(furthest(zero!, same[0]!)).toBeLessThan(1e-12);
    expect(furthest(found["next.generator"]!, same[0]!)).toBeGreaterThan(1e-4);
  });
});
