import { expect, test } from "vitest";
import { Rng } from "../../core/rng.ts";
import { fillBoxes, type PackedMaps } from "../../data/index.ts";
import { dermganSizes, designDermgan } from "../../model/index.ts";
import { drawPlacement, placeImage, placeRegion } from "../augment-pair.ts";
import { withDecay } from "../rate-fall.ts";
import { memoryStore } from "../testing/memory-store.ts";
import { feedSource } from "./feeds.ts";
import { dermganRecipes } from "./recipe.ts";
import { scheduleDermgan } from "./schedule.ts";

const SIZE = 16;
const box = { xMin: 0.25, yMin: 0.125, xMax: 0.75, yMax: 0.5 };
/** White inside the box and black outside; image 2 has no lesion. */
const labels = [0, 1, 1];
const store = memoryStore(
  labels,
  (index, position) => {
    const [x, y] = [position % SIZE, Math.floor(position / SIZE)];
    return index < 2 && x >= 4 && x < 12 && y >= 2 && y < 8 ? 255 : 0;
  },
  { channels: 1, resolution: SIZE, classes: ["a", "b"] },
);
function mapsOf(kind: "box" | "mask"): PackedMaps {
  const regions = new Uint8Array(3 * SIZE ** 2);
  for (const i of [0, 1]) fillBoxes(regions.subarray(i * SIZE ** 2, (i + 1) * SIZE ** 2), SIZE, [box]);
  return {
    kind,
    resolution: SIZE,
    boxes: [[box], [box], []],
    regions,
    tones: Uint8Array.of(1, 3, 6),
    tonesEstimated: false,
  };
}
const architecture = designDermgan(
  { ...dermganSizes.tiny, latentKind: "bottleneck", code: 3 },
  { resolution: SIZE, channels: 1, classes: 2 },
);

function feedsOf(augment: object, step = 0, kind: "box" | "mask" = "box") {
  const base = dermganRecipes.tiny;
  const recipe = { ...base, batch: 32, diversityWeight: 1, augment: { ...base.augment, ...augment } };
  const source = feedSource(store, { architecture, recipe, seed: 1, maps: mapsOf(kind) });
  const feeds = source.allocate();
  source.fill(step, 0, feeds);
  return feeds;
}

test("without augmentation an image comes with its own map: tone, condition inside the lesion, nothing outside", () => {
  const { real, maps, inside } = feedsOf({ probability: 0 });
  const pixels = SIZE ** 2;
  const seen = new Set<number>();
  for (let n = 0; n < 32; n++) {
    const [tone, green, blue] = [0, 1, 2].map((c) => maps!.subarray((3 * n + c) * pixels, (3 * n + c + 1) * pixels));
    const index = [1, 3, 6].findIndex((t) => Math.fround(t / 6) === tone![0]);
    seen.add(index);
    expect(tone!.every((value) => value === tone![0])).toBe(true);
    for (let i = 0; i < pixels; i++) {
      const lesion = real![n * pixels + i] === 1;
      expect(inside![n * pixels + i]).toBe(lesion ? 1 : 0);
      expect([green![i], blue![i]]).toEqual(lesion ? [labels[index] === 0 ? 0.5 : 1, 0.5] : [0, 0]);
    }
  }
  expect(seen).toEqual(new Set([0, 1, 2]));
});

test.each(["box", "mask"] as const)("map kind %s: augmentation moves image and map together", (kind) => {
  const augment = { probability: 1, rotate: true, flip: true, translate: 0.2, scale: 0.3 };
  const { real, maps, inside } = feedsOf(augment, 3, kind);
  const pixels = SIZE ** 2;
  const still = feedsOf({ probability: 0 }, 3, kind);
  let moved = 0;
  let disagree = 0;
  for (let n = 0; n < 32; n++) {
    for (let i = 0; i < pixels; i++) {
      const at = n * pixels + i;
      if (real![at] !== still.real![at]) moved++;
      const region = maps![(3 * n + 1) * pixels + i]! > 0;
      expect(inside![at]).toBe(region ? 1 : 0);
      // Interpolation blurs the image's edge; away from it both say the same.
      if (Math.abs(real![at]!) > 0.9 && region !== real![at]! > 0) disagree++;
    }
  }
  expect(moved).toBeGreaterThan(32 * 20);
  expect(disagree).toBeLessThan(0.01 * 32 * pixels);
});

test("the other map differs by its condition alone, each other one comes, and without a lesion nothing is mismatched", () => {
  const recipe = { ...dermganRecipes.tiny, batch: 64, wrongConditionShare: 0.5 };
  const three = designDermgan(dermganSizes.tiny, { resolution: SIZE, channels: 1, classes: 3 });
  const source = feedSource(store, { architecture: three, recipe, seed: 1, maps: mapsOf("box") });
  const feeds = source.allocate();
  source.fill(0, 0, feeds);
  const plane = (name: string, n: number, c: number) =>
    feeds[name]!.subarray((3 * n + c) * SIZE ** 2, (3 * n + c + 1) * SIZE ** 2);
  /** The condition inside the lesion, null where there is none: (G, B) of three conditions are (0.5, 0.5), (1, 0.5), (0.5, 1). */
  const conditionOf = (name: string, n: number) => {
    const [green, blue] = [1, 2].map((c) => plane(name, n, c).find((value) => value > 0));
    return green === undefined ? null : (2 * green + 4 * blue! - 3) % 3;
  };
  const pairs = new Set<string>();
  for (let n = 0; n < 64; n++) {
    expect(plane("otherMaps", n, 0)).toEqual(plane("maps", n, 0));
    const region = (name: string) => plane(name, n, 2).map((value) => (value > 0 ? 1 : 0));
    expect(region("otherMaps")).toEqual(region("maps"));
    expect(feeds.mismatched![n]).toBe(region("maps").includes(1) ? 1 : 0);
    pairs.add(`${conditionOf("maps", n)} ${conditionOf("otherMaps", n)}`);
  }
  expect([...pairs].sort()).toEqual(["0 1", "0 2", "1 0", "1 2", "null null"]);
  const one = feedSource(store, { architecture: { ...three, classes: 1 }, recipe, seed: 1, maps: mapsOf("box") });
  expect(one.allocate()).not.toHaveProperty("otherMaps");
  expect(feedsOf({})).not.toHaveProperty("otherMaps");
});

test("feeds depend on seed and step alone", () => {
  const [first, again, later] = [feedsOf({}, 5), feedsOf({}, 5), feedsOf({}, 6)];
  expect(again).toEqual(first);
  for (const name of ["real", "z", "z2"]) expect(later[name]).not.toEqual(first[name]);
  expect(first.z).not.toEqual(first.z2);
});

test("a placement of probability 0 is the identity for images and regions", () => {
  const placement = drawPlacement(new Rng("p"), 4, { ...dermganRecipes.tiny.augment, probability: 0 });
  const bytes = Uint8Array.from({ length: 16 }, (_, i) => 16 * i);
  const image = new Float32Array(16);
  placeImage(bytes, placement, image, 0);
  expect(Array.from(image, (v) => Math.round((v + 1) * 127.5))).toEqual(Array.from(bytes));
  const region = new Uint8Array(16);
  placeRegion(bytes, placement, region);
  expect(region).toEqual(bytes);
});

test("rates rise, stay, and fall to zero over the images that are stated", () => {
  const recipe = { ...dermganRecipes.tiny, batch: 10, warmUpImages: 100, constantImages: 1000, decayImages: 1000 };
  const rate = (imagesSeen: number) => scheduleDermgan(recipe, imagesSeen / 10).generatorRate! / recipe.generatorRate;
  expect([0, 40, 90, 500, 1000, 1500, 2000, 9000].map(rate)).toEqual([0.1, 0.5, 1, 1, 1, 0.5, 0, 0]);
  expect(scheduleDermgan({ ...recipe, decayImages: null }, 900).generatorRate).toBe(recipe.generatorRate);
  expect(scheduleDermgan(recipe, 0)).toMatchObject({ firstCorrection: 2, decay: 0 });
  expect(scheduleDermgan(recipe, 0).correction).toBeCloseTo(1 / (1 - recipe.beta2), 9);
});

test("rates on a schedule follow the used share of the budget; a budget of minutes has the fall that one of images has", () => {
  const recipe = withDecay(dermganRecipes.tiny, { minutes: 10 });
  const rate = (share: number) => scheduleDermgan(recipe, 1e6, share).generatorRate! / recipe.generatorRate;
  expect([0, 0.5, 0.75, 1].map(rate)).toEqual([1, 1, 0.5, 0]);
  expect(withDecay(dermganRecipes.tiny, {})).toEqual(dermganRecipes.tiny);
  expect(withDecay(recipe, { images: 100 })).toEqual(recipe);
  expect(withDecay(dermganRecipes.tiny, { images: 100, minutes: 10 })).toEqual({
    ...dermganRecipes.tiny,
    constantImages: 50,
    decayImages: 50,
  });
});
