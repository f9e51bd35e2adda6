import { expect, test } from "vitest";
import { Rng } from "../../core/rng.ts";
import { averagePool, compile, input, interpret, type Tensor } from "../../graph/index.ts";
import { relativeError } from "../../graph/testing/checks.ts";
import {
  designSpade,
  encodeImages,
  iterateVectors,
  paintMaps,
  scoreScales,
  spadeSizes,
  spectralLayers,
  stateLayouts,
  stateNames,
  unitFeatures,
  viewWeights,
} from "../../model/index.ts";
import { spadeRecipes } from "./recipe.ts";
import { buildSpadeStep } from "./step-graph.ts";

const BATCH = 2;
const PIXELS = 16 ** 2;
const recipe = { ...spadeRecipes.tiny, batch: BATCH, beta2: 0.9, epsilon: 1e-3, perceptualWeight: 2 };
const size = { ...spadeSizes.tiny, generatorMaps: 3, discriminatorMaps: 3, widest: 4, hidden: 2, code: 3 };
/** Stands for layers of a frozen network. */
const frozenFeatures = (images: Tensor) => [averagePool(images), averagePool(images, 4)];

function caseOf(encoder: boolean) {
  const architecture = designSpade({ ...size, encoder }, { resolution: 16, channels: 3, classes: 2 });
  const layouts = stateLayouts(architecture);
  const state = Object.fromEntries(
    stateNames(architecture).map((name) => {
      const rng = new Rng(name);
      const scale = name.endsWith("Second") ? 0.01 : 0.3;
      const values = Float32Array.from({ length: layouts[name]!.length }, () => scale * rng.normal());
      return [name, name.endsWith("Second") ? values.map(Math.abs) : values];
    }),
  );
  const scalars = { generatorRate: 0.02, discriminatorRate: 0.01, correction: 3, decay: 0.7 };
  const feeds: Record<string, ArrayLike<number>> = {
    ...state,
    real: new Rng("real").fillNormal(new Float32Array(BATCH * 3 * PIXELS)).map((x) => Math.tanh(x)),
    maps: Float32Array.from({ length: BATCH * 3 * PIXELS }, (_, i) => ((i * 7) % 11) / 11),
    z: new Rng("z").fillNormal(new Float32Array(BATCH * architecture.latent)),
    ...Object.fromEntries(Object.entries(scalars).map(([name, value]) => [name, Float32Array.of(value)])),
  };
  return { architecture, feeds, layouts };
}

test.each([true, false])("with encoder %s: a step on ONNX Runtime is the interpreter's", async (encoder) => {
  const { architecture, feeds } = caseOf(encoder);
  const outputs = buildSpadeStep({ architecture, recipe, frozenFeatures });
  expect("kl" in outputs).toBe(encoder);
  const exact = interpret(Object.values(outputs), feeds);
  const program = await compile(outputs, { threads: 1 });
  const found = await program.run(feeds as Record<string, Float32Array>);
  await program.close();
  for (const [i, name] of Object.keys(outputs).entries())
    expect(relativeError(exact[i]!, found[name]!), name).toBeLessThan(2e-3);
});

test("each network learns with the other held fixed: D down its loss at held singular vectors, G from the updated D", () => {
  const { architecture: a, feeds, layouts } = caseOf(true);
  // With a huge epsilon a step is the gradient times a known factor, small enough for D to leave its new kernels sane.
  const step = buildSpadeStep({ architecture: a, recipe: { ...recipe, epsilon: 1e6 }, frozenFeatures });
  const scalars = { generatorRate: [1e6], discriminatorRate: [1e4], correction: [1] };
  const given = { ...feeds, ...scalars };
  const [nextG, nextD] = interpret([step["next.generator"]!, step["next.discriminator"]!], given);
  const layers = spectralLayers(layouts.discriminator!);
  const still = input("still", [layouts.discriminator!.length]);
  const vectors = iterateVectors(viewWeights(layouts.discriminator!, still), layers);
  const [real, maps, z] = [
    input("real", [BATCH, 3, 16, 16]),
    input("maps", [BATCH, 3, 16, 16]),
    input("z", [BATCH, a.latent]),
  ];
  const generator = viewWeights(layouts.generator!, input("generator", [layouts.generator!.length]));
  const discriminator = viewWeights(layouts.discriminator!, input("discriminator", [layouts.discriminator!.length]));
  const codes = encodeImages(a, generator, real);
  const values = (weights: ArrayLike<number>, generatorWeights: ArrayLike<number> = feeds.generator!) => {
    const [mean, logVariance] = interpret([codes.mean, codes.logVariance], { ...feeds, generator: generatorWeights });
    const code = mean!.map((m, i) => m + Math.exp(logVariance![i]! / 2) * feeds.z![i]!);
    const fake = paintMaps(a, generator, maps, z);
    const [ofReal, ofFake] = [real, fake].map((images) => scoreScales(a, discriminator, vectors, maps, images));
    const layersOf = [real, fake].map((images) => frozenFeatures(images).map(unitFeatures));
    const all = (scores: typeof ofReal) => scores!.flatMap(({ logits, features }) => [logits, ...features]);
    const outputs = [...all(ofReal), ...all(ofFake), ...layersOf.flat()];
    const found = interpret(outputs, {
      ...feeds,
      generator: generatorWeights,
      discriminator: weights,
      still: feeds.discriminator!,
      z: code,
    });
    const part = all(ofReal).length;
    return {
      mean: mean!,
      logVariance: logVariance!,
      real: found.slice(0, part),
      fake: found.slice(part, 2 * part),
      frozen: [found.slice(2 * part, 2 * part + 2), found.slice(2 * part + 2)],
    };
  };
  const each = part(2);
  const average = (x: ArrayLike<number>, of: (value: number, i: number) => number) =>
    Array.from(x, of).reduce((sum, value) => sum + value, 0) / x.length;
  const distance = (x: ArrayLike<number>, y: ArrayLike<number>) => average(x, (value, i) => Math.abs(value - y[i]!));
  const lossD = (weights: ArrayLike<number>) => {
    const { real, fake } = values(weights);
    return each.logits.reduce(
      (sum, at) => sum + average(real[at]!, (x) => Math.max(0, 1 - x)) + average(fake[at]!, (x) => Math.max(0, 1 + x)),
      0,
    );
  };
  const termsG = (weights: ArrayLike<number>) => {
    const { real, fake, frozen, mean, logVariance } = values(nextD!, weights);
    return {
      gan: each.logits.reduce((sum, at) => sum - average(fake[at]!, (x) => x), 0),
      featureMatching: each.features.reduce((sum, at) => sum + distance(fake[at]!, real[at]!), 0),
      kl: (a.latent / 2) * average(mean, (m, i) => m ** 2 + Math.exp(logVariance[i]!) - logVariance[i]! - 1),
      perceptual: average([0, 1], (i) => distance(frozen[0]![i]!, frozen[1]![i]!)),
    };
  };
  const names = ["gan", "featureMatching", "kl", "perceptual", "lossG", "lossD"] as const;
  const said = interpret(
    names.map((name) => step[name]!),
    given,
  );
  const terms = termsG(feeds.generator!);
  const total = (found: typeof terms) =>
    found.gan + 10 * found.featureMatching + 0.05 * found.kl + 2 * found.perceptual;
  const expected = { ...terms, lossG: total(terms), lossD: lossD(feeds.discriminator!) };
  for (const [i, name] of names.entries()) expect(said[i]![0], name).toBeCloseTo(expected[name], 6);

  const agrees = (
    name: "generator" | "discriminator",
    loss: (weights: Float64Array) => number,
    next: ArrayLike<number>,
    factor: number,
  ) => {
    const rng = new Rng("direction", name);
    const before = feeds[name]!;
    const rates = layouts[name]!.parameters.flatMap(({ rate, shape }) =>
      new Array<number>(shape.reduce((x, y) => x * y, 1)).fill(rate),
    );
    const direction = Float64Array.from(before, (_, i) => (rates[i] === 0 ? 0 : rng.normal()));
    const along = direction.reduce(
      (sum, d, i) => sum + (d === 0 ? 0 : (d * (before[i]! - next[i]!)) / rates[i]! / factor),
      0,
    );
    const h = 1e-7;
    const at = (t: number) => loss(Float64Array.from(before, (w, i) => w + t * direction[i]!));
    expect((at(h) - at(-h)) / (2 * h) / along, name).toBeCloseTo(1, 3);
  };
  agrees("discriminator", lossD, nextD!, 0.01);
  agrees("generator", (weights) => total(termsG(weights)), nextG!, 1);
});

/** Places of the logits and features of each discriminator among its outputs. */
function part(features: number) {
  const places = [0, 1].map((k) => k * (features + 1));
  return { logits: places, features: places.flatMap((at) => [at + 1, at + 2]) };
}

test("the state keeps the singular vectors of the step, and the weights' average", () => {
  const { architecture: a, feeds, layouts } = caseOf(true);
  const step = buildSpadeStep({ architecture: a, recipe });
  const layout = layouts.discriminator!;
  const layers = spectralLayers(layout);
  const views = viewWeights(layout, input("discriminator", [layout.length]));
  const vectors = iterateVectors(views, layers);
  const [next, generator, average, ...lefts] = interpret(
    [
      step["next.discriminator"]!,
      step["next.generator"]!,
      step["next.average"]!,
      ...layers.map((layer) => vectors[layer]!.left),
    ],
    feeds,
  );
  const tail = lefts.flatMap((left) => Array.from(left));
  expect(relativeError(tail, next!.subarray(layout.length - tail.length))).toBeLessThan(1e-12);
  const expected = Array.from(average!, (_, i) => 0.7 * feeds.average![i]! + 0.3 * generator![i]!);
  expect(relativeError(expected, average!)).toBeLessThan(1e-6);
});

test("a weight of 0 leaves a term out, and without a frozen network there is none of its", () => {
  const { architecture, feeds } = caseOf(true);
  const outputs = buildSpadeStep({ architecture, recipe: { ...recipe, featureMatchingWeight: 0, klWeight: 0 } });
  expect("perceptual" in outputs).toBe(false);
  const [lossG, gan] = interpret([outputs.lossG!, outputs.gan!], feeds);
  expect(lossG![0]).toBeCloseTo(gan![0]!, 9);
});
