import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Rng } from "../core/rng.ts";
import { selectImages, shrunkImages } from "./extractor.ts";
import { openOnnxExtractor } from "./onnx-extractor.ts";
import { greyToRgb, resizeArea, resizeBilinear } from "./resize.ts";
import { drawLesion, memorySource, writeExtractor } from "./testing/lesions.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ganglion-features-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("resize", () => {
  test("bilinear follows the rule of torch.nn.functional.interpolate(align_corners=False)", () => {
    // Values made with PyTorch's rule by hand: source = (i + 0.5) * 2 / 4 - 0.5, clamped.
    const out = new Float32Array(16);
    resizeBilinear(Uint8Array.of(0, 255, 51, 102), 1, 2, 4, out);
    const wanted = [0, 0.25, 0.75, 1, 0.05, 0.25, 0.65, 0.85, 0.15, 0.25, 0.45, 0.55, 0.2, 0.25, 0.35, 0.4];
    wanted.forEach((value, i) => {
      expect(out[i]).toBeCloseTo(value, 6);
    });
  });

  test("to the same size only divides by 255; a flat image stays flat", () => {
    const planes = Uint8Array.from({ length: 2 * 25 }, (_, i) => i * 5);
    const out = new Float32Array(50);
    resizeBilinear(planes, 2, 5, 5, out);
    out.forEach((value, i) => {
      expect(value).toBeCloseTo(planes[i]! / 255, 6);
    });
    const flat = new Float32Array(49);
    resizeBilinear(new Uint8Array(9).fill(200), 1, 3, 7, flat);
    for (const value of flat) expect(value).toBeCloseTo(200 / 255, 6);
  });

  test("the area average keeps the mean, also where sizes do not divide", () => {
    for (const [from, to] of [
      [6, 3],
      [7, 3],
      [5, 5],
      [10, 4],
    ]) {
      const planes = Uint8Array.from({ length: from! * from! }, (_, i) => (i * 37) % 256);
      const out = resizeArea(planes, 1, from!, to!);
      const mean = (list: ArrayLike<number>) => Array.from(list).reduce((a, b) => a + b, 0) / list.length;
      expect(mean(out)).toBeCloseTo(mean(planes) / 255, 12);
    }
    expect(resizeArea(Uint8Array.of(0, 255, 255, 0), 1, 2, 1)[0]).toBeCloseTo(0.5, 12);
  });

  test("grey is repeated three times, image by image", () => {
    expect([...greyToRgb(Uint8Array.of(1, 2, 3, 4), 1, 2)]).toEqual([1, 2, 1, 2, 1, 2, 3, 4, 3, 4, 3, 4]);
  });
});

test("images above a size are area-averaged, others are the same object", () => {
  const source = memorySource([{ width: 2, height: 2, channels: 1, data: Uint8Array.of(10, 20, 30, 41) }]);
  expect(shrunkImages(source, 2)).toBe(source);
  const out = new Uint8Array(1);
  shrunkImages(source, 1).readInto([0], out);
  expect(out[0]).toBe(25);
});

describe("onnx extractor", () => {
  const images = Array.from({ length: 11 }, (_, i) => drawLesion("red", new Rng("image", i)));

  test("gives one row an image, whatever the batch of the model, in the order asked for", async () => {
    const extractor = await openOnnxExtractor(await writeExtractor(folder, 8));
    try {
      expect(extractor).toMatchObject({ name: "onnx:small.onnx", dimension: 12 });
      const whole = await extractor.extract(memorySource(images));
      expect([whole.n, whole.d, whole.data.length]).toEqual([11, 12, 132]);
      const one = await extractor.extract(selectImages(memorySource(images), [9, 2]));
      expect(one.data.subarray(0, 12)).toEqual(whole.data.subarray(108, 120));
      expect(one.data.subarray(12, 24)).toEqual(whole.data.subarray(24, 36));
    } finally {
      await extractor.close();
    }
  });

  const weights = join(process.env.GANGLION_SHARED ?? "../shared", "weights/squeezenet1_0.onnx");
  const missing = !existsSync(weights) && process.env.CI !== "true";
  if (missing) console.warn(`skipped: ${weights} is absent, so no published model is loaded`);
  test.skipIf(missing)("reads size and features of a published model, and takes grey as equal channels", async () => {
    const extractor = await openOnnxExtractor(weights);
    try {
      expect(extractor.dimension).toBe(512);
      expect(extractor.description).toContain("224 x 224");
      const grey = {
        width: 24,
        height: 24,
        channels: 1 as const,
        data: Uint8Array.from({ length: 576 }, (_, i) => i % 256),
      };
      const colour = {
        ...grey,
        channels: 3 as const,
        data: Uint8Array.from({ length: 1728 }, (_, i) => Math.floor(i / 3) % 256),
      };
      const a = await extractor.extract(memorySource([grey]));
      const b = await extractor.extract(memorySource([colour]));
      expect(a.data).toEqual(b.data);
      expect(a.data.some((v) => v !== 0)).toBe(true);
    } finally {
      await extractor.close();
    }
  });
});
