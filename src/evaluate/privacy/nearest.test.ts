import { afterAll, describe, expect, test } from "vitest";
import { Rng } from "../../core/rng.ts";
import type { RawImage } from "../../data/index.ts";
import type { FeatureExtractor } from "../../features/extractor.ts";
import { pixelVectors, TRANSFORMS, transformedImages, transformSource } from "../../features/pixel-vectors.ts";
import { drawLesion, memorySource } from "../../features/testing/lesions.ts";
import { runtimeLinear64 } from "../../math/linear/runtime-linear64.ts";
import { nearestInFeatures, nearestInPixels, nearestRows } from "./nearest.ts";
import { equalImages } from "./nearest-summary.ts";

const linear = runtimeLinear64();
afterAll(() => linear.close());

const lesions = (n: number, key: string): RawImage[] =>
  Array.from({ length: n }, (_, i) => drawLesion(["dark", "red", "pale"][i % 3]!, new Rng(key, i)));

/** The image flipped or rotated, pixel by pixel. */
function turned(image: RawImage, transform: number): RawImage {
  const source = transformSource(transform, image.width);
  const data = new Uint8Array(image.data.length);
  source.forEach((from, to) => {
    for (let c = 0; c < 3; c++) data[to * 3 + c] = image.data[from * 3 + c]!;
  });
  return { ...image, data };
}

describe("the eight transforms", () => {
  test("are eight different permutations that form a group", () => {
    const all = TRANSFORMS.map((_, t) => transformSource(t, 5));
    const keys = new Set(all.map((source) => source.join()));
    expect(keys.size).toBe(8);
    for (const a of all) for (const b of all) expect(keys.has([...a].map((_, p) => a[b[p]!]).join())).toBe(true);
  });

  test("turn counter-clockwise and mirror left-right, as their names say", () => {
    // 2 x 2 image a b / c d as indices 0 1 / 2 3.
    expect([...transformSource(TRANSFORMS.indexOf("turned 90°"), 2)]).toEqual([1, 3, 0, 2]);
    expect([...transformSource(TRANSFORMS.indexOf("mirrored"), 2)]).toEqual([1, 0, 3, 2]);
  });
});

describe("nearest in pixels", () => {
  const real = lesions(60, "real");

  test("finds every planted copy through every flip and rotation, at distance 0", async () => {
    const copies = TRANSFORMS.map((_, t) => turned(real[7 * t]!, t));
    const found = await nearestInPixels(memorySource(real), memorySource(copies), linear);
    TRANSFORMS.forEach((_, t) => {
      expect(found.index[t]).toBe(7 * t);
      expect(found.distance[t]).toBe(0);
      const back = turned(copies[t]!, found.transform[t]!);
      expect(back.data).toEqual(real[7 * t]!.data);
    });
  });

  test("counts the images that equal a real one, not those that differ by one grey level", async () => {
    const brighter = { ...real[1]!, data: real[1]!.data.map((value) => (value < 255 ? value + 1 : value)) };
    const queries = [turned(real[0]!, 3), brighter, ...lesions(3, "others")];
    expect(equalImages(await nearestInPixels(memorySource(real), memorySource(queries), linear))).toBe(1);
  });

  test("equals the search written out", async () => {
    const queries = lesions(9, "queries");
    const found = await nearestInPixels(memorySource(real), memorySource(queries), linear, { side: 8 });
    const vectors = (image: RawImage) => pixelVectors(memorySource([image]), [0], 8, 3).data;
    const targets = real.map(vectors);
    queries.forEach((query, q) => {
      let best = Number.POSITIVE_INFINITY;
      for (let t = 0; t < 8; t++) {
        const a = vectors(turned(query, t));
        for (const b of targets) best = Math.min(best, Math.sqrt(a.reduce((sum, v, i) => sum + (v - b[i]!) ** 2, 0)));
      }
      expect(found.distance[q]).toBeCloseTo(best, 12);
    });
  });

  test("among the images of one set, an image is not its own neighbour but a duplicate is", async () => {
    const source = memorySource([...real.slice(0, 10), real[3]!]);
    const own = Int32Array.from({ length: 11 }, (_, i) => i);
    const found = await nearestInPixels(source, source, linear, { own });
    found.index.forEach((target, query) => {
      expect(target).not.toBe(query);
    });
    expect([found.index[3], found.index[10]]).toEqual([10, 3]);
    expect(found.distance[3]).toBe(0);
    expect(found.distance[0]).toBeGreaterThan(0);
  });

  test("black against white is 1", async () => {
    const plain = (value: number): RawImage => ({
      width: 4,
      height: 4,
      channels: 1,
      data: new Uint8Array(16).fill(value),
    });
    const found = await nearestInPixels(memorySource([plain(0)]), memorySource([plain(255)]), linear);
    expect(found.distance[0]).toBeCloseTo(1, 12);
  });
});

describe("nearest in features", () => {
  /** Features that see flips: the four means over quarters, per channel. */
  const quarters: FeatureExtractor = {
    name: "quarters",
    dimension: 12,
    description: "",
    async extract(images) {
      const indices = Int32Array.from({ length: images.count }, (_, i) => i);
      return { n: images.count, d: 12, data: pixelVectors(images, indices, 2, 3).data };
    },
    close: async () => undefined,
  };

  test("finds a mirrored copy that the features as they are do not find at distance 0", async () => {
    const real = memorySource(lesions(40, "real"));
    const features = await quarters.extract(real);
    const targets = { rows: 40, columns: 12, data: features.data };
    const copy = transformedImages(memorySource(lesions(40, "real").slice(5, 6)), 5);
    const found = await nearestInFeatures(targets, copy, quarters, linear);
    expect(found.index[0]).toBe(5);
    expect(found.distance[0]).toBeLessThan(1e-12);
    const plain = await quarters.extract(copy);
    const asIs = await nearestRows(targets, { rows: 1, columns: 12, data: plain.data }, linear);
    expect(asIs.distance[0]).toBeGreaterThan(1e-4);
  });
});
