import { expect, test } from "vitest";
import { failure } from "../../core/testing/fixtures.ts";
import { input, interpret } from "../../graph/index.ts";
import { initialise, type ParameterLayout, viewWeights } from "../parameters.ts";
import { PRESETS } from "../presets.ts";
import { type DermganSize, dermganSizes, designDermgan, LATENT_KINDS } from "./architecture.ts";
import { dermganDiscriminatorLayout, scorePatches } from "./discriminator.ts";
import { dermganGeneratorLayout, fillImage } from "./generator.ts";
import { instanceNorm } from "./layers.ts";

const small: DermganSize = { ...dermganSizes.tiny, generatorMaps: 3, discriminatorMaps: 3, widest: 5, code: 4 };
const shape = { resolution: 16, channels: 3, classes: 2 } as const;

const weightsOf = (layout: ParameterLayout, name: string) => ({
  views: viewWeights(layout, input(name, [layout.length])),
  feeds: { [name]: initialise(layout, 1, name).map((w) => 10 * w) },
});

test.each(PRESETS)("preset %s has networks for every resolution that halves down to 4 pixels", (preset) => {
  for (const resolution of [16, 32, 64, 128, 256]) {
    const a = designDermgan({ ...dermganSizes[preset], discriminatorHalvings: 1 }, { ...shape, resolution });
    const maps = input("maps", [2, 3, resolution, resolution]);
    const z = input("z", [2, a.latent]);
    const generator = dermganGeneratorLayout(a);
    const images = fillImage(a, viewWeights(generator, input("g", [generator.length])), maps, z);
    expect(images.shape).toEqual([2, 3, resolution, resolution]);
    const discriminator = dermganDiscriminatorLayout(a);
    const weights = viewWeights(discriminator, input("d", [discriminator.length]));
    const { logits, features } = scorePatches(a, weights, maps, images);
    // Two convolutions of 4 pixels with a padding of 1 take a pixel each.
    expect(logits.shape).toEqual([2, 1, resolution / 2 - 2, resolution / 2 - 2]);
    expect(features.shape.slice(2)).toEqual([resolution / 2 - 1, resolution / 2 - 1]);
  }
});

test("resolutions and halvings that do not fit are refused with what would", async () => {
  const refused = async (size: DermganSize, resolution: number) =>
    (await failure(Promise.resolve().then(() => designDermgan(size, { ...shape, resolution })))).message;
  expect(await refused(small, 24)).toMatch(/--resolution 24 .*use 16, 32, 64, 128 or 256/);
  expect(await refused(small, 512)).toMatch(/--resolution 512/);
  expect(await refused({ ...small, discriminatorHalvings: 3 }, 16)).toMatch(/discriminatorHalvings=3 .*use 2 at most/);
});

test("instance normalisation brings each map of each image to its own mean and deviation", () => {
  const x = input("x", [2, 2, 2, 2]);
  const weights = { "n.scale": input("scale", [2, 1, 1]), "n.shift": input("shift", [2, 1, 1]) };
  const [y] = interpret([instanceNorm(weights, "n", x)], {
    x: Float64Array.of(1, 2, 3, 4, 10, 10, 30, 30, -1, 1, -1, 1, 0, 0, 0, 4),
    scale: Float64Array.of(0, 1),
    shift: Float64Array.of(5, 0),
  });
  for (const [at, mean, deviation] of [
    [0, 5, 1],
    [4, 0, 2],
    [8, 5, 1],
    [12, 0, 2],
  ]) {
    const map = Array.from(y!.slice(at, at! + 4));
    const found = map.reduce((a, b) => a + b) / 4;
    expect(found).toBeCloseTo(mean!, 6);
    expect(Math.sqrt(map.reduce((sum, v) => sum + (v - found) ** 2, 0) / 4)).toBeCloseTo(deviation!, 4);
  }
});

test.each(LATENT_KINDS)("latent %s: tone, condition, region and latent all reach the image", (latentKind) => {
  const a = designDermgan({ ...small, latentKind }, shape);
  expect(a.latent).toBe({ none: 0, bottleneck: 4, noise: 16 ** 2 + 8 ** 2 }[latentKind]);
  const { views, feeds } = weightsOf(dermganGeneratorLayout(a), "g");
  const maps = input("maps", [1, 3, 16, 16]);
  const z = a.latent === 0 ? null : input("z", [1, a.latent]);
  const image = fillImage(a, views, maps, z);
  const mapOf = (tone: number, colour: number, left: number) =>
    Float64Array.from({ length: 3 * 256 }, (_, i) => {
      if (i < 256) return tone;
      const x = i % 16;
      return x >= left && x < left + 6 ? colour : 0;
    });
  const drawn = (map: Float64Array, seed = 0) =>
    interpret([image], {
      ...feeds,
      maps: map,
      z: Float64Array.from({ length: a.latent }, (_, i) => Math.sin(seed + i)),
    })[0]!;
  const base = drawn(mapOf(0.5, 0.5, 4));
  const difference = (other: ArrayLike<number>) =>
    base.reduce((most, value, i) => Math.max(most, Math.abs(value - other[i]!)), 0);
  expect(difference(drawn(mapOf(0.8, 0.5, 4)))).toBeGreaterThan(1e-3);
  expect(difference(drawn(mapOf(0.5, 1, 4)))).toBeGreaterThan(1e-3);
  expect(difference(drawn(mapOf(0.5, 0.5, 8)))).toBeGreaterThan(1e-3);
  if (latentKind === "none") expect(difference(drawn(mapOf(0.5, 0.5, 4), 1))).toBe(0);
  else expect(difference(drawn(mapOf(0.5, 0.5, 4), 1))).toBeGreaterThan(1e-3);
});

test("transposed convolutions in place of resizing make images of the same size from other kernels", () => {
  const a = designDermgan({ ...small, resizeConv: false }, shape);
  const layout = dermganGeneratorLayout(a);
  expect(layout.parameters.find(({ name }) => name === "up0.weight")?.shape.slice(2)).toEqual([4, 4]);
  const views = viewWeights(layout, input("g", [layout.length]));
  const image = fillImage(a, views, input("maps", [1, 3, 16, 16]), input("z", [1, a.latent]));
  expect(image.shape).toEqual([1, 3, 16, 16]);
});
