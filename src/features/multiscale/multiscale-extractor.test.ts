import { existsSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Rng } from "../../core/rng.ts";
import { phantomPlan, renderPhantom } from "../../phantom/index.ts";
import {
  type FeatureExtractor,
  type FeatureMatrix,
  imagesInMemory,
  readAll,
  selectImages,
  shrunkImages,
} from "../extractor.ts";
import { greyToRgb } from "../resize.ts";
import { memorySource } from "../testing/lesions.ts";
import { openMultiscaleExtractor } from "./multiscale-extractor.ts";

const phantom = (count: number, side: number, seed = 1) =>
  memorySource(phantomPlan(count, seed).map((spec) => renderPhantom(spec, side).image));

const range = (start: number, count: number) => Array.from({ length: count }, (_, i) => start + i);

/** One plane of each image as a grey set. */
function greyOf(source: ReturnType<typeof phantom>) {
  const area = source.resolution ** 2;
  return imagesInMemory(
    readAll(source).filter((_, i) => Math.floor(i / area) % 3 === 0),
    source.resolution,
    1,
  );
}

test.each([8, 28, 32, 64, 256])("at %i px every feature is finite and of the size of 1", async (side) => {
  const real = shrunkImages(phantom(20, Math.max(16, side)), side);
  const extractor = await openMultiscaleExtractor(real);
  const { n, d, data } = await extractor.extract(real);
  expect([n, d]).toEqual([20, extractor.dimension]);
  expect(d).toBeLessThan(260);
  expect(data.every(Number.isFinite)).toBe(true);
  const square = data.reduce((sum, value) => sum + value * value, 0) / data.length;
  expect(square).toBeGreaterThan(0.3);
  expect(square).toBeLessThan(2);
});

test("an image has its features, in whichever company and order, on the scale of the real images", async () => {
  const real = phantom(40, 32);
  const extractor = await openMultiscaleExtractor(selectImages(real, range(0, 20)));
  const all = await extractor.extract(real);
  const two = await extractor.extract(selectImages(real, [33, 7]));
  const d = extractor.dimension;
  expect([...two.data]).toEqual([...all.data.slice(33 * d, 34 * d), ...all.data.slice(7 * d, 8 * d)]);
});

test("a grey set has the same features in one channel and in three; colour beside it is seen", async () => {
  const grey = greyOf(phantom(20, 32));
  const three = imagesInMemory(greyToRgb(readAll(grey), 1, 32 ** 2), 32, 3);
  const extractor = await openMultiscaleExtractor(grey);
  const found = await extractor.extract(grey);
  expect(await extractor.extract(three)).toEqual(found);
  const tinted = readAll(three).map((value, i) => (Math.floor(i / 32 ** 2) % 3 === 2 ? value * 0.9 : value));
  expect(shift(found, await extractor.extract(imagesInMemory(tinted, 32, 3)))).toBeGreaterThan(10);
});

test("constant images have finite features, also where all real images are one colour", async () => {
  const flat = imagesInMemory(new Uint8Array(5 * 3 * 32 ** 2).fill(77), 32, 3);
  const ofFlat = await openMultiscaleExtractor(flat);
  expect((await ofFlat.extract(flat)).data.every((value) => value === 0)).toBe(true);
  expect((await ofFlat.extract(phantom(7, 32))).data.every(Number.isFinite)).toBe(true);
  const ofPhantom = await openMultiscaleExtractor(phantom(20, 32));
  expect((await ofPhantom.extract(flat)).data.every(Number.isFinite)).toBe(true);
});

test("noise among the real images changes no other image by much, and stands less than 25 deviations aside", async () => {
  const bytes = readAll(phantom(60, 32));
  const rng = new Rng("noise");
  const spoilt = bytes.map((value, i) => (i < 3 * 32 ** 2 ? rng.integer(256) : value));
  const clean = await openMultiscaleExtractor(imagesInMemory(bytes, 32, 3));
  const dirty = await openMultiscaleExtractor(imagesInMemory(spoilt, 32, 3));
  const rest = selectImages(imagesInMemory(bytes, 32, 3), range(1, 59));
  const [a, b] = [await clean.extract(rest), await dirty.extract(rest)];
  const change = a.data.reduce((sum, value, i) => sum + (value - b.data[i]!) ** 2, 0) / a.data.length;
  expect(change).toBeLessThan(0.02);
  const far = await clean.extract(selectImages(imagesInMemory(spoilt, 32, 3), [0]));
  expect(Math.max(...far.data.map(Math.abs))).toBeLessThan(25);
});

test("images below 8 px are refused", async () => {
  await expect(openMultiscaleExtractor(imagesInMemory(new Uint8Array(49), 7, 1))).rejects.toThrow(
    /--features multiscale: images of 7 px are too small, 8 px are needed/,
  );
});

/** Squared distance of the means of two sets. */
function shift(a: FeatureMatrix, b: FeatureMatrix): number {
  const mean = ({ n, d, data }: FeatureMatrix) => {
    const out = new Float64Array(d);
    data.forEach((value, i) => {
      out[i % d]! += value / n;
    });
    return out;
  };
  const other = mean(b);
  return mean(a).reduce((sum, value, c) => sum + (value - other[c]!) ** 2, 0);
}

const byte = (value: number) => Math.max(0, Math.min(255, Math.round(value)));

/** Ways to change pixel (x, y) of a plane, slightly. */
const SPOILT: Record<string, (plane: Uint8Array, side: number, channel: number) => Uint8Array> = {
  "a blur of half a pixel": (plane, side) =>
    plane.map((value, i) => {
      const x = i % side;
      const [left, right] = [x > 0 ? plane[i - 1]! : value, x + 1 < side ? plane[i + 1]! : value];
      return byte(0.76 * value + 0.12 * (left + right));
    }),
  "noise of 4 grey levels": (plane, _, channel) => {
    const rng = new Rng("grain", channel, plane[0]!, plane[99]!);
    return plane.map((value) => byte(value + 4 * rng.normal()));
  },
  "a checkerboard of 3 grey levels": (plane, side) =>
    plane.map((value, i) => byte(value + ((i + Math.floor(i / side)) % 2 === 0 ? 3 : -3))),
  "half the resolution": (plane, side) =>
    plane.map((_, i) => {
      const at = (Math.floor(i / side) & ~1) * side + ((i % side) & ~1);
      return byte((plane[at]! + plane[at + 1]! + plane[at + side]! + plane[at + side + 1]!) / 4);
    }),
  "quarters exchanged": (plane, side) => {
    const half = side >> 1;
    return plane.map((_, i) => plane[((Math.floor(i / side) + half) % side) * side + (((i % side) + half) % side)]!);
  },
  "colours shifted by a twentieth": (plane, _, channel) => plane.map((value) => byte(value * (1.05 - 0.05 * channel))),
};

describe.each([
  ["28 px colour", phantom(240, 28)],
  ["32 px grey", greyOf(phantom(240, 32))],
])("phantom at %s", (_, all) => {
  const [real, other] = [selectImages(all, range(0, 120)), selectImages(all, range(120, 120))];
  let extractor: FeatureExtractor;
  let [own, held]: FeatureMatrix[] = [];
  beforeAll(async () => {
    extractor = await openMultiscaleExtractor(real);
    own = await extractor.extract(real);
    held = await extractor.extract(other);
  });
  afterAll(() => extractor.close());

  // Grey images have no colours; that much brightness differs between them anyway.
  const ways = Object.entries(SPOILT).filter(([name]) => all.channels === 3 || !name.startsWith("colours"));
  test.each(ways)("%s lies farther from real images than other real images do", async (_, spoil) => {
    const area = all.resolution ** 2;
    const bytes = readAll(other);
    for (let at = 0; at < bytes.length; at += area) {
      const channel = (at / area) % all.channels;
      bytes.set(spoil(bytes.slice(at, at + area), all.resolution, channel), at);
    }
    const spoilt = await extractor.extract(imagesInMemory(bytes, all.resolution, all.channels));
    expect(shift(own!, spoilt)).toBeGreaterThan(2 * shift(own!, held!));
  });
});

const built = existsSync("dist/features/multiscale/multiscale-worker.js") || process.env.CI === "true";
if (!built) console.warn("skipped: dist has no multiscale worker (npm run build)");

test.skipIf(!built)("threads give the numbers of one thread", async () => {
  const real = phantom(37, 28);
  const [one, two] = [await openMultiscaleExtractor(real), await openMultiscaleExtractor(real, { threads: 2 })];
  try {
    expect(await two.extract(real)).toEqual(await one.extract(real));
    const part = selectImages(real, range(3, 30));
    expect(await two.extract(part)).toEqual(await one.extract(part));
  } finally {
    await two.close();
  }
});
