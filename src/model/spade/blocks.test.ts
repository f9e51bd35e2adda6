import { describe, expect, test } from "vitest";
import { Rng } from "../../core/rng.ts";
import { failure } from "../../core/testing/fixtures.ts";
import {
  add,
  averagePool,
  exp,
  gradient,
  input,
  interpret,
  simplify,
  sumAll,
  type Tensor,
  topologicalOrder,
  transpose,
} from "../../graph/index.ts";
import { type Expression, expectGradient, expectRuntimeAgrees, relativeError } from "../../graph/testing/checks.ts";
import { standardised } from "../instance-norm.ts";
import { KERNEL_ORDER } from "../layers.ts";
import { initialise, LayoutBuilder, type ParameterLayout, viewWeights } from "../parameters.ts";
import { PRESETS } from "../presets.ts";
import { adaptiveBlock, adaptiveNorm, declareAdaptiveBlock } from "./adaptive-norm.ts";
import { designSpade, spadeSizes } from "./architecture.ts";
import { scoreScales, spadeDiscriminatorLayout } from "./discriminator.ts";
import { encodeImages } from "./encoder.ts";
import { paintMaps, spadeGeneratorLayout } from "./generator.ts";
import { iterateVectors, singularName, spectralKernel, spectralLayers } from "./spectral-norm.ts";

const normal = (length: number, stream: string): Float64Array =>
  new Rng(0, stream).fillNormal(new Float64Array(length));

/** Value, gradient in every input, and the runtime. */
async function agrees(expression: Expression): Promise<void> {
  expectGradient(expression);
  await expectRuntimeAgrees(expression);
}

const size = { ...spadeSizes.tiny, generatorMaps: 3, widest: 5, hidden: 2, code: 4, discriminatorMaps: 3 };
const a = designSpade(size, { resolution: 16, channels: 3, classes: 2 });

/** Weights of a layout under way, as a constant of the graph's inputs. */
const viewed = (layout: ParameterLayout, name: string) => ({
  views: viewWeights(layout, input(name, [layout.length])),
  feeds: { [name]: initialise(layout, 1, name).map((w, i) => w + 0.1 * Math.sin(i)) },
});

describe("spatially-adaptive normalisation", () => {
  const names = ["n.map.weight", "n.map.bias", "n.modulation.weight", "n.modulation.bias"];
  const shapes = [[2, 2, 4, 4], [2, 3, 4, 4], [3, 3, 3, 3], [3], [4, 3, 3, 3], [4]];
  const build = ([x, map, ...weights]: readonly Tensor[]) =>
    adaptiveNorm(Object.fromEntries(names.map((name, i) => [name, weights[i]!])), "n", x!, map!);

  test("is each map at mean 0 and variance 1, times 1 + a scale of each pixel's map, plus its shift", () => {
    // Kernels whose middle alone counts: the hidden maps are the semantic map's channels, scale and shift of it as below.
    const centre = (rows: readonly (readonly number[])[]) =>
      rows.flatMap((row) => row.flatMap((value) => [0, 0, 0, 0, value, 0, 0, 0, 0]));
    const [x, map] = [normal(64, "x"), normal(96, "map").map(Math.abs)];
    const [found] = interpret([build(shapes.map((shape, i) => input(`x${i}`, shape)))], {
      x0: x,
      x1: map,
      x2: centre([
        [1, 0, 0],
        [0, 1, 0],
        [0, 0, 1],
      ]),
      x3: [0, 0, 0],
      x4: centre([
        [2, 0, 0],
        [0, 3, 0],
        [0, 0, 4],
        [5, 0, 0],
      ]),
      x5: [0.1, 0.2, 0.3, 0.4],
    });
    for (let n = 0; n < 2; n++) {
      const channel = (c: number) => Array.from(map.subarray((3 * n + c) * 16, (3 * n + c + 1) * 16));
      for (let c = 0; c < 2; c++) {
        const own = Array.from(x.subarray((2 * n + c) * 16, (2 * n + c + 1) * 16));
        const mean = own.reduce((s, v) => s + v, 0) / 16;
        const deviation = Math.sqrt(own.reduce((s, v) => s + (v - mean) ** 2, 0) / 16 + 1e-5);
        const scale = channel(c).map((v) => (c === 0 ? 2 * v + 0.1 : 3 * v + 0.2));
        const shift = c === 0 ? channel(2).map((v) => 4 * v + 0.3) : channel(0).map((v) => 5 * v + 0.4);
        const expected = own.map((v, i) => ((v - mean) / deviation) * (1 + scale[i]!) + shift[i]!);
        expect(relativeError(expected, found!.subarray((2 * n + c) * 16, (2 * n + c + 1) * 16))).toBeLessThan(1e-12);
      }
    }
  });

  test("has the gradient of central differences, and the runtime agrees", () => agrees({ shapes, build }));

  test("without weights it brings each map of each image to mean 0 and variance 1", () =>
    agrees({ shapes: [[2, 2, 3, 3]], build: ([x]) => standardised(x!) }));

  test.each([
    [2, 3],
    [2, 2],
  ])("a block from %i to %i maps has the gradient of central differences", async (inputs, outputs) => {
    const layout = new LayoutBuilder();
    declareAdaptiveBlock(layout, "b", [inputs, outputs], 2);
    const { parameters } = layout.build();
    expect(parameters.some(({ name }) => name === "b.skip.weight")).toBe(inputs !== outputs);
    await agrees({
      shapes: [[1, inputs, 4, 4], [1, 3, 4, 4], ...parameters.map(({ shape }) => shape)],
      build: ([x, map, ...weights]) =>
        adaptiveBlock(Object.fromEntries(parameters.map(({ name }, i) => [name, weights[i]!])), "b", x!, map!),
    });
  });
});

describe("spectral normalisation", () => {
  const weights = { "l.weight": input("w", [2, 3, 1, 1]), [singularName("l")]: input("u", [2]) };

  test("the iteration finds the largest singular value, by which the kernel is divided", () => {
    // [[3, 0, 0], [0, 4, 0]] turned: its singular values are 3 and 4.
    const [c, s] = [Math.cos(0.3), Math.sin(0.3)];
    const w = [3 * c, -4 * s, 0, 3 * s, 4 * c, 0];
    let u: ArrayLike<number> = [1, 0.2];
    const { left, right } = iterateVectors(weights, ["l"]).l!;
    for (let i = 0; i < 100; i++) u = interpret([left], { w, u })[0]!;
    const [kernel, length] = interpret([spectralKernel(weights, "l", { left, right }), right], { w, u });
    expect(
      relativeError(
        w.map((value) => value / 4),
        kernel!,
      ),
    ).toBeLessThan(1e-12);
    expect(Math.hypot(...length!)).toBeCloseTo(1, 12);
  });

  test("one iteration has the vectors of the algorithm, and the gradient takes them as they are", async () => {
    const shapes = [
      [3, 2, 2, 2],
      [1, 3],
      [1, 8],
    ];
    const build = ([w, left, right]: readonly Tensor[]) =>
      spectralKernel({ "l.weight": w! }, "l", { left: left!, right: right! });
    // Away from a value of 0, by which it divides.
    await agrees({ shapes, build, domain: (x) => 1 + 0.1 * x, wrt: [0] });
    await agrees({
      shapes: [[3, 2, 2, 2], [3]],
      build: ([w, u]) => iterateVectors({ "l.weight": w!, [singularName("l")]: u! }, ["l"]).l!.left,
    });
  });

  test("kernels are measured and divided as they lie in memory: no pass moves their numbers, nor those of the gradient", () => {
    const layout = spadeDiscriminatorLayout(a);
    const flat = input("d", [layout.length]);
    const views = viewWeights(layout, flat);
    const layers = spectralLayers(layout);
    const vectors = iterateVectors(viewWeights(layout, input("held", [layout.length])), layers);
    const kernels = layers.map((layer) => transpose(spectralKernel(views, layer, vectors[layer]!), KERNEL_ORDER));
    const loss = kernels.map((kernel) => sumAll(exp(kernel))).reduce((sum, next) => add(sum, next));
    const moved = (outputs: Tensor[]) =>
      topologicalOrder(simplify(outputs)).filter(({ op }) => op === "transpose").length;
    expect(moved(Object.values(vectors).flatMap(({ left, right }) => [left, right]))).toBe(0);
    expect(moved(gradient(loss, [flat]))).toBe(0);
  });

  test("every kernel of the discriminators has a vector, and they are the last of the layout", () => {
    const layout = spadeDiscriminatorLayout(a);
    const kernels = layout.parameters.filter(({ name }) => name.endsWith(".weight")).length;
    expect(spectralLayers(layout)).toHaveLength(kernels);
    expect(layout.parameters.slice(-kernels).every(({ rate }) => rate === 0)).toBe(true);
    expect(layout.parameters.slice(0, -kernels).every(({ rate }) => rate > 0)).toBe(true);
  });
});

test("codes of an image: mean and variance have the gradient of central differences", async () => {
  const small = { ...a, resolution: 8, channels: 1 as const, generatorWidths: [2, 2], latent: 2 };
  const { parameters } = spadeGeneratorLayout(small);
  const own = parameters.filter(({ name }) => name.startsWith("encoder."));
  const named = (weights: readonly Tensor[]) => Object.fromEntries(own.map(({ name }, i) => [name, weights[i]!]));
  const shapes = [[2, 1, 8, 8], ...own.map(({ shape }) => shape)];
  for (const part of ["mean", "logVariance"] as const)
    await agrees({ shapes, build: ([images, ...weights]) => encodeImages(small, named(weights), images!)[part] });
});

test("the coarse discriminator sees map and image at half their size, the fine one at theirs", async () => {
  const layout = spadeDiscriminatorLayout(a);
  const { views, feeds } = viewed(layout, "d");
  const vectors = iterateVectors(views, spectralLayers(layout));
  const [maps, images] = [input("maps", [2, 3, 16, 16]), input("images", [2, 3, 16, 16])];
  const [fine, coarse] = scoreScales(a, views, vectors, maps, images);
  expect(fine!.logits.shape).toEqual([2, 1, 6, 6]);
  expect(coarse!.logits.shape).toEqual([2, 1, 2, 2]);
  expect(fine!.features.map(({ shape }) => shape[1])).toEqual([3, 5]);
  const small = { ...a, discriminatorScales: 1 };
  const renamed = Object.fromEntries(Object.entries(views).map(([name, t]) => [name.replace("scale1", "scale0"), t]));
  const half = scoreScales(
    small,
    renamed,
    iterateVectors(renamed, spectralLayers(spadeDiscriminatorLayout(small))),
    averagePool(maps),
    averagePool(images),
  );
  const data = { ...feeds, maps: normal(1536, "maps"), images: normal(1536, "images") };
  const [expected, found] = interpret([half[0]!.logits, coarse!.logits], data);
  expect(found).toEqual(expected);
});

test("the discriminators have the gradient of central differences in image and weights", async () => {
  const small = { ...a, resolution: 8, channels: 1 as const, discriminatorWidths: [2, 2], discriminatorScales: 1 };
  const layout = spadeDiscriminatorLayout(small);
  const { parameters } = layout;
  await agrees({
    shapes: [[1, 3, 8, 8], [1, 1, 8, 8], ...parameters.map(({ shape }) => shape)],
    build([maps, images, ...weights]) {
      const named = Object.fromEntries(parameters.map(({ name }, i) => [name, weights[i]!]));
      const [scores] = scoreScales(small, named, iterateVectors(named, spectralLayers(layout)), maps!, images!);
      return scores!.logits;
    },
  });
});

test("tone, condition, region and code reach the image, which depends on no other of its batch", () => {
  const { views, feeds } = viewed(spadeGeneratorLayout(a), "g");
  const image = paintMaps(a, views, input("maps", [2, 3, 16, 16]), input("z", [2, a.latent]));
  const mapOf = (tone: number, colour: number, left: number) =>
    Float64Array.from({ length: 768 }, (_, i) => (i < 256 ? tone : i % 16 >= left && i % 16 < left + 6 ? colour : 0));
  const drawn = (map: Float64Array, seed = 0, neighbour = 0.5) => {
    const maps = Float64Array.from([...map, ...mapOf(neighbour, 0.5, 4)]);
    const z = Float64Array.from({ length: 2 * a.latent }, (_, i) => Math.sin((i < a.latent ? seed : neighbour) + i));
    return interpret([image], { ...feeds, maps, z })[0]!.subarray(0, 768);
  };
  const base = drawn(mapOf(0.5, 0.5, 4));
  const difference = (other: ArrayLike<number>) =>
    base.reduce((most, value, i) => Math.max(most, Math.abs(value - other[i]!)), 0);
  for (const other of [mapOf(0.8, 0.5, 4), mapOf(0.5, 1, 4), mapOf(0.5, 0.5, 8)])
    expect(difference(drawn(other))).toBeGreaterThan(1e-3);
  expect(difference(drawn(mapOf(0.5, 0.5, 4), 1))).toBeGreaterThan(1e-3);
  expect(difference(drawn(mapOf(0.5, 0.5, 4), 0, 1))).toBe(0);
});

test.each(PRESETS)("preset %s has networks for every resolution that its discriminators fit", (preset) => {
  for (const resolution of [32, 64, 128, 256]) {
    const fitting = { ...spadeSizes[preset], discriminatorHalvings: 2 };
    const whole = designSpade(fitting, { resolution, channels: 3, classes: 7 });
    const layout = spadeGeneratorLayout(whole);
    const views = viewWeights(layout, input("g", [layout.length]));
    const images = paintMaps(whole, views, input("maps", [1, 3, resolution, resolution]), input("z", [1, 64]));
    expect(images.shape).toEqual([1, 3, resolution, resolution]);
  }
});

test("sizes that do not fit are refused with what would", async () => {
  const refused = async (changes: object, resolution: number) =>
    (
      await failure(
        Promise.resolve().then(() => designSpade({ ...size, ...changes }, { resolution, channels: 1, classes: 1 })),
      )
    ).message;
  expect(await refused({}, 24)).toMatch(/--resolution 24 .*use 8, 16, 32/);
  expect(await refused({ discriminatorHalvings: 3 }, 16)).toMatch(
    /discriminatorHalvings=3 and networks.discriminatorScales=2 do not fit 16 pixels: .* add up to 3 at most/,
  );
});
