import { expect, test } from "vitest";
import { Rng } from "../../core/rng.ts";
import { averagePool, compile, input, interpret, type Tensor } from "../../graph/index.ts";
import { relativeError } from "../../graph/testing/checks.ts";
import {
  designPix2pixhd,
  pix2pixhdSizes,
  scoreTranslated,
  stateLayouts,
  stateNames,
  translateMaps,
  viewWeights,
} from "../../model/index.ts";
import { pix2pixhdRecipes } from "./recipe.ts";
import { buildPix2pixhdStep } from "./step-graph.ts";

const BATCH = 2;
const PIXELS = 16 ** 2;
const recipe = { ...pix2pixhdRecipes.tiny, batch: BATCH, beta2: 0.9, epsilon: 1e-3, perceptualWeight: 2 };
const size = {
  ...pix2pixhdSizes.tiny,
  generatorMaps: 3,
  discriminatorMaps: 3,
  widest: 4,
  coarseBlocks: 1,
  fineBlocks: 1,
};
const a = designPix2pixhd(size, { resolution: 16, channels: 3, classes: 2 });
const layouts = stateLayouts(a);
/** Stands for layers of a frozen network. */
const frozenFeatures = (images: Tensor) => [averagePool(images), averagePool(images, 4)];
const state = Object.fromEntries(
  stateNames(a).map((name) => {
    const rng = new Rng(name);
    const scale = name.endsWith("Second") ? 0.01 : name.endsWith("First") ? 0.02 : 0.2;
    const values = Float32Array.from({ length: layouts[name]!.length }, () => scale * rng.normal());
    return [name, name.endsWith("Second") ? values.map(Math.abs) : values];
  }),
);
const scalars = { generatorRate: 0.02, discriminatorRate: 0.01, firstCorrection: 2, correction: 3, decay: 0.7 };
const feeds: Record<string, Float32Array> = {
  ...state,
  real: new Rng("real").fillNormal(new Float32Array(BATCH * 3 * PIXELS)).map((x) => Math.tanh(x)),
  maps: Float32Array.from({ length: BATCH * 3 * PIXELS }, (_, i) => ((i * 7) % 11) / 11),
  ...Object.fromEntries(Object.entries(scalars).map(([name, value]) => [name, Float32Array.of(value)])),
};

test("a step on ONNX Runtime is the interpreter's", async () => {
  const outputs = buildPix2pixhdStep({ architecture: a, recipe, frozenFeatures });
  const exact = interpret(Object.values(outputs), feeds);
  const program = await compile(outputs, { threads: 1 });
  const found = await program.run(feeds);
  await program.close();
  for (const [i, name] of Object.keys(outputs).entries())
    expect(relativeError(exact[i]!, found[name]!), name).toBeLessThan(2e-3);
});

test("the losses are least squares over patches and differences of features, G's with the updated D", () => {
  const step = buildPix2pixhdStep({ architecture: a, recipe, frozenFeatures });
  const names = ["lossD", "gan", "featureMatching", "perceptual", "lossG", "next.discriminator"] as const;
  const [lossD, gan, matching, perceptual, lossG, updated] = interpret(
    names.map((name) => step[name]!),
    feeds,
  );
  const [maps, real] = [input("maps", [BATCH, 3, 16, 16]), input("real", [BATCH, 3, 16, 16])];
  const fake = translateMaps(a, viewWeights(layouts.generator!, input("generator", [layouts.generator!.length])), maps);
  const views = viewWeights(layouts.discriminator!, input("discriminator", [layouts.discriminator!.length]));
  const scored = (weights: ArrayLike<number>) =>
    [real, fake].map((images) =>
      scoreTranslated(a, views, maps, images).map(({ logits, features }) => {
        const [own, ...layers] = interpret([logits, ...features], { ...feeds, discriminator: weights });
        return { logits: own!, layers };
      }),
    );
  const mean = (x: ArrayLike<number>, of: (value: number, i: number) => number) =>
    Array.from(x, of).reduce((sum, value) => sum + value, 0) / x.length;
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const [ofReal, ofFake] = scored(feeds.discriminator!);
  const expected = sum([
    ...ofReal!.map(({ logits }) => mean(logits, (x) => (x - 1) ** 2)),
    ...ofFake!.map(({ logits }) => mean(logits, (x) => x ** 2)),
  ]);
  expect(lossD![0]).toBeCloseTo(expected / 2, 8);
  const [wanted, drawn] = scored(updated!);
  expect(gan![0]).toBeCloseTo(sum(drawn!.map(({ logits }) => mean(logits, (x) => (x - 1) ** 2))), 8);
  const distances = drawn!.flatMap(({ layers }, k) =>
    layers.map((layer, i) => mean(layer, (x, at) => Math.abs(x - wanted![k]!.layers[i]![at]!))),
  );
  expect(matching![0]).toBeCloseTo(sum(distances), 8);
  expect(lossG![0]).toBeCloseTo(gan![0]! + 10 * matching![0]! + 2 * perceptual![0]!, 8);
});

test("each network learns with the other held fixed: D down its loss, G from the updated D without steering its update", () => {
  // With no first moment and a huge epsilon a step is the gradient times a known factor.
  const plain = { ...recipe, beta1: 0, epsilon: 1e6 };
  const step = buildPix2pixhdStep({ architecture: a, recipe: plain, frozenFeatures });
  const given = { ...feeds, generatorRate: [1e6], discriminatorRate: [1e5], firstCorrection: [1], correction: [1] };
  const [nextG, nextD] = interpret([step["next.generator"]!, step["next.discriminator"]!], given);
  const agrees = (
    name: "generator" | "discriminator",
    loss: Tensor,
    { next, factor, still }: { next: ArrayLike<number>; factor: number; still: object },
  ) => {
    const rng = new Rng("direction", name);
    const before = feeds[name]!;
    const rates = layouts[name]!.parameters.flatMap(({ rate, shape }) =>
      new Array<number>(shape.reduce((x, y) => x * y, 1)).fill(rate),
    );
    const direction = Float64Array.from(before, () => rng.normal());
    const along = direction.reduce((sum, d, i) => sum + (d * (before[i]! - next[i]!)) / rates[i]! / factor, 0);
    const at = (t: number) =>
      interpret([loss], { ...given, ...still, [name]: Float64Array.from(before, (w, i) => w + t * direction[i]!) });
    const h = 1e-7;
    expect((at(h)[0]![0]! - at(-h)[0]![0]!) / (2 * h) / along, name).toBeCloseTo(1, 3);
  };
  agrees("discriminator", step.lossD!, { next: nextD!, factor: 0.1, still: {} });
  const held = { discriminator: nextD, discriminatorRate: [1e-30] };
  agrees("generator", step.lossG!, { next: nextG!, factor: 1, still: held });
});
