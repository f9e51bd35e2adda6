import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { Rng } from "../../core/rng.ts";
import { imagesInMemory, selectImages } from "../extractor.ts";
import { TRANSFORMS, transformedImages } from "../pixel-vectors.ts";
import { openRadiomicsExtractor, openRadiomicsReader } from "./radiomics-extractor.ts";
import { radiomicsSettings } from "./settings.ts";

const SIDE = 24;

/** Noisy waves, each image with its own. */
function pictures(count: number, seed: string): Uint8Array {
  const rng = new Rng("radiomics", seed);
  const out = new Uint8Array(count * SIDE * SIDE);
  for (let k = 0, at = 0; k < count; k++) {
    const [wide, high, noise] = [rng.between(2, 9), rng.between(20, 90), rng.between(2, 30)];
    for (let i = 0; i < SIDE * SIDE; i++, at++) {
      out[at] = 128 + high * Math.sin((i % SIDE) / wide) + rng.between(-noise, noise);
    }
  }
  return out;
}

test("features are standardised over the real images, whatever is extracted later", async () => {
  const real = imagesInMemory(pictures(20, "real"), SIDE, 1);
  const extractor = await openRadiomicsExtractor(real);
  expect(extractor.dimension).toBe(93);
  const { n, d, data } = await extractor.extract(real);
  expect([n, d]).toEqual([20, 93]);
  for (let c = 0; c < d; c++) {
    const column = Array.from({ length: n }, (_, i) => data[i * d + c]!);
    const mean = column.reduce((sum, v) => sum! + v!, 0) / n;
    const variance = column.reduce((sum, v) => sum! + (v! - mean) ** 2, 0) / (n - 1);
    expect(Math.abs(mean)).toBeLessThan(1e-6);
    if (variance > 0) expect(variance).toBeCloseTo(1, 6);
  }
  const some = await extractor.extract(selectImages(real, [7, 3]));
  expect([...some.data]).toEqual([...data.slice(7 * d, 8 * d), ...data.slice(3 * d, 4 * d)]);
  await extractor.close();
});

test("flips and quarter turns of a picture have its features, which the extractor says", async () => {
  const real = imagesInMemory(pictures(12, "turned"), SIDE, 1);
  const extractor = await openRadiomicsExtractor(real);
  expect(extractor.symmetric).toBe(true);
  const { data } = await extractor.extract(real);
  for (let t = 1; t < TRANSFORMS.length; t++) {
    const turned = await extractor.extract(transformedImages(real, t));
    for (let i = 0; i < data.length; i++) expect(turned.data[i]).toBeCloseTo(data[i]!, 6);
  }
  await extractor.close();
});

test("a grey picture in three channels has the features of one in one; flat ones have finite features", async () => {
  const reader = openRadiomicsReader();
  const grey = pictures(3, "grey");
  grey.fill(77, 0, SIDE * SIDE);
  const colour = new Uint8Array(3 * grey.length);
  for (let k = 0; k < 3; k++) {
    const one = grey.subarray(k * SIDE * SIDE, (k + 1) * SIDE * SIDE);
    for (let c = 0; c < 3; c++) colour.set(one, (3 * k + c) * SIDE * SIDE);
  }
  const first = await reader.read(imagesInMemory(grey, SIDE, 1));
  expect(await reader.read(imagesInMemory(colour, SIDE, 3))).toEqual(first);
  expect(first.data[reader.names.indexOf("original_firstorder_Mean")]).toBe(77);
  await reader.close();
});

test("the full kind has wavelet and LoG images, and flat pictures have finite features", async () => {
  const grey = pictures(8, "full");
  grey.fill(77, 0, SIDE * SIDE);
  const real = imagesInMemory(grey, SIDE, 1);
  const extractor = await openRadiomicsExtractor(real, { kind: "full" });
  // 18 first order, 22 GLCM, 16 GLRLM, 16 GLSZM and 5 NGTDM of the image, four scales and four bands.
  expect([extractor.name, extractor.dimension, extractor.symmetric]).toEqual(["radiomics:full", 9 * 77, false]);
  const { data } = await extractor.extract(real);
  expect([...data].every(Number.isFinite)).toBe(true);
  await extractor.close();
  const reader = openRadiomicsReader({ kind: "full" });
  expect(reader.names).toEqual(
    expect.arrayContaining([
      "original_glcm_Contrast",
      "log-sigma-5-0-mm-2D_glszm_ZoneEntropy",
      "wavelet-LH_firstorder_Energy",
      "wavelet-LL_ngtdm_Busyness",
    ]),
  );
  expect(reader.names.filter((name) => /MCC|SumAverage|gldm|shape/.test(name))).toEqual([]);
  const plain = pictures(2, "level");
  const brighter = plain.map((value) => value / 2 + 20);
  const first = await reader.read(imagesInMemory(plain, SIDE, 1));
  const mean = reader.names.indexOf("original_firstorder_Mean");
  const moved = await reader.read(imagesInMemory(brighter, SIDE, 1));
  // Each picture is brought to mean 0 and deviation 100, so its brightness is no feature.
  expect(Math.abs(first.data[mean]!)).toBeLessThan(1e-9);
  expect(Math.abs(moved.data[mean]!)).toBeLessThan(1e-9);
  const variance = reader.names.indexOf("original_firstorder_Variance");
  expect(moved.data[variance]).toBeCloseTo(first.data[variance]!, 6);
  await reader.close();
}, 60_000);

const built = existsSync("dist/features/radiomics/radiomics-worker.js") || process.env.CI === "true";
if (!built) console.warn("skipped: dist has no radiomics worker (npm run build)");

describe.skipIf(!built)("threads", () => {
  test("give the numbers of one thread", async () => {
    const images = imagesInMemory(pictures(37, "threads"), SIDE, 1);
    const [one, two] = [openRadiomicsReader(), openRadiomicsReader({ threads: 2 })];
    try {
      const told: number[] = [];
      const found = await two.read(images, ({ done }) => told.push(done));
      expect(found).toEqual(await one.read(images));
      expect(told.at(-1)).toBe(37);
      await expect(two.read(imagesInMemory(new Uint8Array(1), 1, 1))).rejects.toThrow(
        /glcm_Autocorrelation of image 0/,
      );
    } finally {
      await two.close();
    }
  });

  test("a failure in a thread is told as it was", async () => {
    const settings = radiomicsSettings({ imageTypes: { Wavelet: {} } });
    const reader = openRadiomicsReader({ threads: 2, settings });
    try {
      const failure = reader.read(imagesInMemory(pictures(40, "failure"), SIDE, 1));
      await expect(failure).rejects.toMatchObject({ code: "dataset", message: expect.stringContaining("set force2D") });
    } finally {
      await reader.close();
    }
  });
});
