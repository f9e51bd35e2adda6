import { expect, test } from "vitest";
import { Rng } from "../../core/rng.ts";
import { compile, input, interpret, type Tensor } from "../../graph/index.ts";
import { relativeError } from "../../graph/testing/checks.ts";
import {
  dermganSizes,
  designDermgan,
  fillImage,
  LATENT_KINDS,
  type LatentKind,
  scorePatches,
  stateLayouts,
  stateNames,
  viewWeights,
} from "../../model/index.ts";
import { dermganRecipes } from "./recipe.ts";
import { buildDermganStep } from "./step-graph.ts";

const BATCH = 2;
const recipe = { ...dermganRecipes.tiny, batch: BATCH, beta2: 0.9, epsilon: 1e-3, diversityWeight: 0.5 };

function caseOf(latentKind: LatentKind, resizeConv = true) {
  const size = {
    ...dermganSizes.tiny,
    generatorMaps: 3,
    discriminatorMaps: 3,
    widest: 5,
    code: 4,
    latentKind,
    resizeConv,
  };
  const architecture = designDermgan(size, { resolution: 16, channels: 3, classes: 2 });
  const layouts = stateLayouts(architecture);
  const state = Object.fromEntries(
    stateNames(architecture).map((name) => {
      const rng = new Rng(name);
      const scale = name.endsWith("Second") ? 0.01 : name.endsWith("First") ? 0.02 : 0.2;
      const values = Float32Array.from({ length: layouts[name]!.length }, () => scale * rng.normal());
      return [name, name.endsWith("Second") ? values.map(Math.abs) : values];
    }),
  );
  const pixels = 16 ** 2;
  const inside = Float32Array.from({ length: BATCH * pixels }, (_, i) => (i % 16 > 3 && i % 16 < 9 ? 1 : 0));
  const scalars = { generatorRate: 0.02, discriminatorRate: 0.01, firstCorrection: 2, correction: 3, decay: 0.7 };
  const feeds: Record<string, Float32Array> = {
    ...state,
    real: new Rng("real").fillNormal(new Float32Array(BATCH * 3 * pixels)).map((x) => Math.tanh(x)),
    maps: Float32Array.from({ length: BATCH * 3 * pixels }, (_, i) => ((i * 7) % 11) / 11),
    inside,
    z: new Rng("z").fillNormal(new Float32Array(BATCH * architecture.latent)),
    z2: new Rng("z2").fillNormal(new Float32Array(BATCH * architecture.latent)),
    ...Object.fromEntries(Object.entries(scalars).map(([name, value]) => [name, Float32Array.of(value)])),
  };
  return { architecture, feeds };
}

test.each(LATENT_KINDS)("latent %s: a step on ONNX Runtime is the interpreter's", async (latentKind) => {
  const { architecture, feeds } = caseOf(latentKind);
  const outputs = buildDermganStep({ architecture, recipe });
  expect("diversity" in outputs).toBe(latentKind !== "none");
  const names = Object.keys(outputs);
  const exact = interpret(Object.values(outputs), feeds);
  const program = await compile(outputs, { threads: 1 });
  const found = await program.run(feeds);
  await program.close();
  for (const [i, name] of names.entries()) expect(relativeError(exact[i]!, found[name]!), name).toBeLessThan(2e-3);
});

test("real images with maps of another condition are a share of what D rejects, where the maps differ", async () => {
  const { architecture: a, feeds: some } = caseOf("none");
  const step = buildDermganStep({ architecture: a, recipe: { ...recipe, wrongConditionShare: 0.25 } });
  const otherMaps = Float32Array.from(some.maps!, (value, i) => (i % 3 === 0 ? 1 - value : value));
  const feeds: Record<string, Float32Array> = { ...some, otherMaps, mismatched: Float32Array.of(0, 1) };
  const names = Object.keys(step);
  const exact = interpret(Object.values(step), feeds);
  const program = await compile(step, { threads: 1 });
  const found = await program.run(feeds);
  await program.close();
  for (const [i, name] of names.entries()) expect(relativeError(exact[i]!, found[name]!), name).toBeLessThan(2e-3);

  const views = viewWeights(stateLayouts(a).discriminator!, input("discriminator", [feeds.discriminator!.length]));
  const [images, maps] = [input("real", [BATCH, 3, 16, 16]), input("otherMaps", [BATCH, 3, 16, 16])];
  const drawn = fillImage(
    a,
    viewWeights(stateLayouts(a).generator!, input("generator", [feeds.generator!.length])),
    input("maps", [BATCH, 3, 16, 16]),
    null,
  );
  const own = input("maps", [BATCH, 3, 16, 16]);
  const scores = [
    scorePatches(a, views, own, images),
    scorePatches(a, views, own, drawn),
    scorePatches(a, views, maps, images),
  ];
  const found64 = interpret(
    scores.map(({ logits }) => logits),
    feeds,
  );
  const softplus = (x: number) => Math.log1p(Math.exp(x));
  /** Mean over the patches of image `n`. */
  const loss = (logits: ArrayLike<number>, n: number, sign: number) => {
    const patches = Array.from(logits).slice((n * logits.length) / BATCH, ((n + 1) * logits.length) / BATCH);
    return patches.reduce((sum, x) => sum + softplus(sign * x), 0) / patches.length;
  };
  const [real, fake, wrong] = found64.map((logits, k) => [0, 1].map((n) => loss(logits!, n, k === 0 ? -1 : 1)));
  const figure = (name: string) => exact[names.indexOf(name)]![0]!;
  expect(figure("wrongCondition")).toBeCloseTo(wrong![1]!, 5);
  const rejected = (fake![0]! + 0.75 * fake![1]! + 0.25 * wrong![1]!) / 2;
  expect(figure("lossD")).toBeCloseTo(((real![0]! + real![1]!) / 2 + rejected) / 2, 8);

  const single = buildDermganStep({
    architecture: { ...a, classes: 1 },
    recipe: { ...recipe, wrongConditionShare: 0.25 },
  });
  expect(single).not.toHaveProperty("wrongCondition");
  // Where no map shows another condition, D learns as it does without.
  const without = buildDermganStep({ architecture: a, recipe });
  const none = { ...feeds, mismatched: new Float32Array(BATCH) };
  const learned = (graph: Record<string, Tensor>) => interpret([graph["next.discriminator"]!, graph.lossD!], none);
  const [one, other] = [learned(step), learned(without)];
  expect(relativeError(one[0]!, other[0]!)).toBeLessThan(1e-9);
  expect(one[1]![0]).toBeCloseTo(other[1]![0]!, 12);
});

test("a step goes down the losses that it states: their difference quotient is their gradient", () => {
  const { architecture, feeds } = caseOf("bottleneck", false);
  const outputs = buildDermganStep({ architecture, recipe });
  // With a fresh first moment and a huge epsilon the step of each network is its gradient times a known factor.
  const plain = { ...recipe, beta1: 0, epsilon: 1e6 };
  const step = buildDermganStep({ architecture, recipe: plain });
  const one = Float32Array.of(1);
  const rates = { generatorRate: Float32Array.of(1e6), discriminatorRate: one, firstCorrection: one, correction: one };
  const still = { ...feeds, ...rates, discriminatorRate: Float32Array.of(1e-30) };
  const [next, loss] = interpret([step["next.generator"]!, step.lossG!], still);
  const gradient = Float64Array.from(feeds.generator!, (w, i) => w - next![i]!);
  const h = 1e-5;
  const rng = new Rng("direction");
  const direction = Float64Array.from(feeds.generator!, () => rng.normal());
  const at = (t: number) => {
    const generator = Float64Array.from(feeds.generator!, (w, i) => w + t * direction[i]!);
    return interpret([step.lossG!], { ...still, generator })[0]![0]!;
  };
  const quotient = (at(h) - at(-h)) / (2 * h);
  const along = gradient.reduce((sum, g, i) => sum + g * direction[i]!, 0);
  expect(quotient / along).toBeCloseTo(1, 3);
  expect(loss![0]).toBeCloseTo(interpret([outputs.lossG!], still)[0]![0]!, 8);
});

test("the losses are those of the logits, features and images that the networks give, G's with the updated D", () => {
  const { architecture: a, feeds } = caseOf("bottleneck");
  const step = buildDermganStep({ architecture: a, recipe });
  const names = ["lossD", "gan", "featureMatching", "l1", "logits", "next.discriminator"];
  const [lossD, gan, featureMatching, l1, logits, updated] = interpret(
    names.map((name) => step[name]!),
    feeds,
  );
  const { generator, discriminator } = stateLayouts(a);
  const [maps, z] = [input("maps", [BATCH, 3, 16, 16]), input("z", [BATCH, a.latent])];
  const fake = fillImage(a, viewWeights(generator!, input("generator", [generator!.length])), maps, z);
  const views = viewWeights(discriminator!, input("discriminator", [discriminator!.length]));
  const [ofReal, ofFake] = [input("real", [BATCH, 3, 16, 16]), fake].map((x) => scorePatches(a, views, maps, x));
  const scored = (weights: ArrayLike<number>) =>
    interpret([ofReal!.logits, ofFake!.logits, ofReal!.features, ofFake!.features, fake], {
      ...feeds,
      discriminator: Float64Array.from(weights),
    });
  const mean = (values: ArrayLike<number>, of: (value: number, i: number) => number) =>
    Array.from(values, of).reduce((sum, value) => sum + value, 0) / values.length;
  const softplus = (x: number) => Math.log1p(Math.exp(x));
  const [real, drawn, , , image] = scored(feeds.discriminator!);
  expect(lossD![0]).toBeCloseTo((mean(real!, (x) => softplus(-x)) + mean(drawn!, softplus)) / 2, 8);
  expect(mean(logits!, (x) => x)).toBeCloseTo((mean(real!, (x) => x) + mean(drawn!, (x) => x)) / 2, 8);
  expect(l1![0]).toBeCloseTo(
    mean(image!, (x, i) => Math.abs(x - feeds.real![i]!)),
    8,
  );
  const [, afterwards, realFeatures, fakeFeatures] = scored(updated!);
  expect(gan![0]).toBeCloseTo(
    mean(afterwards!, (x) => softplus(-x)),
    8,
  );
  expect(featureMatching![0]).toBeCloseTo(
    mean(fakeFeatures!, (x, i) => (x - realFeatures![i]!) ** 2),
    8,
  );
});

test("each network learns with the other held fixed: D down its loss, G from the updated D without steering its update", () => {
  const { architecture, feeds } = caseOf("none");
  // With no first moment and a huge epsilon a step is the gradient times a known factor.
  const step = buildDermganStep({ architecture, recipe: { ...recipe, beta1: 0, epsilon: 1e6 } });
  const scalars = { generatorRate: 1e6, discriminatorRate: 1e6, firstCorrection: 1, correction: 1 };
  const given = { ...feeds, ...Object.fromEntries(Object.entries(scalars).map(([name, x]) => [name, [x]])) };
  const [nextG, nextD] = interpret([step["next.generator"]!, step["next.discriminator"]!], given);
  const agrees = (name: "generator" | "discriminator", loss: Tensor, next: ArrayLike<number>, still: object) => {
    const rng = new Rng("direction", name);
    const direction = Float64Array.from(feeds[name]!, () => rng.normal());
    const along = direction.reduce((sum, d, i) => sum + d * (feeds[name]![i]! - next[i]!), 0);
    const at = (t: number) =>
      interpret([loss], {
        ...given,
        ...still,
        [name]: Float64Array.from(feeds[name]!, (w, i) => w + t * direction[i]!),
      });
    const h = 1e-5;
    expect((at(h)[0]![0]! - at(-h)[0]![0]!) / (2 * h) / along, name).toBeCloseTo(1, 3);
  };
  agrees("discriminator", step.lossD!, nextD!, {});
  agrees("generator", step.lossG!, nextG!, { discriminator: nextD, discriminatorRate: [1e-30] });
});

test("the loss of G is the weighted sum of its terms, and a weight of 0 leaves a term out", () => {
  const { architecture, feeds } = caseOf("none");
  const lossOf = (weights: object) => {
    const { lossG, gan, l1, boxL1, featureMatching } = buildDermganStep({
      architecture,
      recipe: { ...recipe, ...weights },
    });
    return interpret([lossG!, gan!, l1!, boxL1!, featureMatching!], feeds).map(([value]) => value);
  };
  const [all, gan, l1, boxL1, matching] = lossOf({});
  const { ganWeight, l1Weight, boxL1Weight, featureMatchingWeight } = recipe;
  expect(all).toBeCloseTo(
    ganWeight * gan! + l1Weight * l1! + boxL1Weight * boxL1! + featureMatchingWeight * matching!,
    9,
  );
  const [without] = lossOf({ boxL1Weight: 0, featureMatchingWeight: 0 });
  expect(without).toBeCloseTo(ganWeight * gan! + l1Weight * l1!, 9);
});

test("the L1 inside boxes is a mean over their pixels alone, and 0 where there is none", () => {
  const { architecture, feeds } = caseOf("none");
  const { boxL1, l1 } = buildDermganStep({ architecture, recipe });
  const of = (inside: Float32Array) => interpret([boxL1!], { ...feeds, inside })[0]![0]!;
  expect(of(feeds.inside!.map(() => 1))).toBeCloseTo(interpret([l1!], feeds)[0]![0]!, 6);
  expect(of(feeds.inside!.map(() => 0))).toBe(0);
  expect(of(feeds.inside!)).not.toBeCloseTo(of(feeds.inside!.map(() => 1)), 4);
});
