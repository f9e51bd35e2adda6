import { expect, test } from "vitest";
import { Rng } from "../../core/rng.ts";
import { failure } from "../../core/testing/fixtures.ts";
import { input, interpret } from "../../graph/index.ts";
import { type Expression, expectGradient, expectRuntimeAgrees } from "../../graph/testing/checks.ts";
import { initialise, viewWeights } from "../parameters.ts";
import { PRESETS } from "../presets.ts";
import { designPix2pixhd, pix2pixhdSizes } from "./architecture.ts";
import { boundaries } from "./boundaries.ts";
import { pix2pixhdDiscriminatorLayout, scoreTranslated } from "./discriminator.ts";
import { pix2pixhdGeneratorLayout, translateMaps } from "./generator.ts";

const normal = (length: number, stream: string): Float64Array =>
  new Rng(0, stream).fillNormal(new Float64Array(length));

const size = {
  ...pix2pixhdSizes.tiny,
  generatorMaps: 2,
  widest: 4,
  coarseBlocks: 1,
  fineBlocks: 1,
  discriminatorMaps: 2,
};
const a = designPix2pixhd(size, { resolution: 16, channels: 3, classes: 2 });

test("a boundary is where the condition differs from that of one of the four neighbours", () => {
  const region = ["00000", "01100", "01210", "00000", "00003"].map((row) => Array.from(row, Number));
  const expected = ["01100", "11110", "11111", "01111", "00011"].map((row) => Array.from(row, Number));
  // Conditions 1 to 3 as maps have them, and a tone that is no boundary.
  const colours = [
    [0, 0],
    [0.5, 0.5],
    [1, 0.5],
    [0.5, 1],
  ];
  const channel = (c: number) => region.flat().map((condition) => colours[condition]![c]!);
  const maps = [...region.flat().map(() => 1 / 6), ...channel(0), ...channel(1)];
  const [found] = interpret([boundaries(input("maps", [1, 3, 5, 5]))], { maps });
  expect(Array.from(found!)).toEqual(expected.flat());
});

test("the generator has the gradient of central differences in its weights, and the runtime agrees", async () => {
  const layout = pix2pixhdGeneratorLayout(a);
  // One of each kind of layer: those next to map and image have thousands of numbers.
  const names = ["coarse.map.bias", "coarse.block0.second.weight", "fine.down.weight", "fine.up.weight", "image.bias"];
  const chosen = names.map((name) => layout.parameters.find((parameter) => parameter.name === name)!);
  const expression: Expression = {
    shapes: [[layout.length], [1, 3, 16, 16], ...chosen.map(({ shape }) => shape)],
    build: ([weights, map, ...own]) => {
      const views = viewWeights(layout, weights!);
      return translateMaps(a, { ...views, ...Object.fromEntries(names.map((name, i) => [name, own[i]!])) }, map!);
    },
    domain: (x) => 0.3 * x,
    wrt: names.map((_, i) => i + 2),
  };
  expectGradient(expression);
  await expectRuntimeAgrees(expression);
});

test("the discriminators see map, boundaries and image at both scales", async () => {
  const layout = pix2pixhdDiscriminatorLayout(a);
  const views = viewWeights(layout, input("d", [layout.length]));
  const [maps, images] = [input("maps", [2, 3, 16, 16]), input("images", [2, 3, 16, 16])];
  const scores = scoreTranslated(a, views, maps, images);
  expect(scores.map(({ logits }) => logits.shape)).toEqual([
    [2, 1, 6, 6],
    [2, 1, 2, 2],
  ]);
  expect(layout.parameters.find(({ name }) => name === "scale1.conv0.weight")?.shape).toEqual([2, 7, 4, 4]);
  const feeds = { d: initialise(layout, 1, "d"), maps: normal(1536, "maps"), images: normal(1536, "images") };
  const before = interpret(
    scores.map(({ logits }) => logits),
    feeds,
  );
  const after = interpret(
    scores.map(({ logits }) => logits),
    { ...feeds, images: feeds.images.map((x, i) => (i < 768 ? x : -x)) },
  );
  // An image is scored by itself.
  for (const k of [0, 1]) {
    const half = before[k]!.length / 2;
    expect(after[k]!.subarray(0, half)).toEqual(before[k]!.subarray(0, half));
    expect(after[k]!.subarray(half)).not.toEqual(before[k]!.subarray(half));
  }
});

test("tone, condition and region reach the image, which depends on no other of its batch", () => {
  const layout = pix2pixhdGeneratorLayout(a);
  const image = translateMaps(a, viewWeights(layout, input("g", [layout.length])), input("maps", [2, 3, 16, 16]));
  const mapOf = (tone: number, colour: number, left: number) =>
    Array.from({ length: 768 }, (_, i) => (i < 256 ? tone : i % 16 >= left && i % 16 < left + 6 ? colour : 0));
  const g = initialise(layout, 1, "generator");
  const drawn = (map: number[], neighbour = 0.5) =>
    interpret([image], { g, maps: [...map, ...mapOf(neighbour, 0.5, 4)] })[0]!.subarray(0, 768);
  const base = drawn(mapOf(0.5, 0.5, 4));
  const difference = (other: ArrayLike<number>) =>
    base.reduce((most, value, i) => Math.max(most, Math.abs(value - other[i]!)), 0);
  for (const other of [mapOf(0.8, 0.5, 4), mapOf(0.5, 1, 4), mapOf(0.5, 0.5, 8)])
    expect(difference(drawn(other))).toBeGreaterThan(1e-3);
  expect(difference(drawn(mapOf(0.5, 0.5, 4), 1))).toBe(0);
});

test.each(PRESETS)("preset %s has networks for every resolution that its discriminators fit", (preset) => {
  for (const resolution of [32, 64, 128, 256]) {
    const fitting = { ...pix2pixhdSizes[preset], discriminatorHalvings: 2 };
    const whole = designPix2pixhd(fitting, { resolution, channels: 3, classes: 7 });
    const layout = pix2pixhdGeneratorLayout(whole);
    const views = viewWeights(layout, input("g", [layout.length]));
    const images = translateMaps(whole, views, input("maps", [1, 3, resolution, resolution]));
    expect(images.shape).toEqual([1, 3, resolution, resolution]);
  }
});

test("sizes that do not fit are refused with what would", async () => {
  const refused = async (changes: object, resolution: number) =>
    (
      await failure(
        Promise.resolve().then(() => designPix2pixhd({ ...size, ...changes }, { resolution, channels: 1, classes: 1 })),
      )
    ).message;
  expect(await refused({}, 8)).toMatch(/--resolution 8 does not fit: pix2pixhd .*use 16, 32/);
  expect(await refused({ discriminatorHalvings: 3 }, 16)).toMatch(/discriminatorHalvings=3 .* add up to 3 at most/);
});
