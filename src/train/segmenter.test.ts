import { describe, expect, test } from "vitest";
import { Rng } from "../core/rng.ts";
import { input, interpret } from "../graph/index.ts";
import { expectGradient, expectRuntimeAgrees } from "../graph/testing/checks.ts";
import { designSegmenter, segment, segmenterLayout, viewWeights } from "../model/index.ts";
import { openSegmenter, segmentationLoss, trainSegmenter } from "./segmenter.ts";

describe("loss of the segmenter", () => {
  test("by hand: two pixels, probability a half, one of them inside", () => {
    const logits = input("logits", [1, 1, 1, 2]);
    const truth = input("truth", [1, 1, 1, 2]);
    const [loss] = interpret([segmentationLoss(logits, truth)], {
      logits: Float64Array.of(0, 0),
      truth: Float64Array.of(1, 0),
    });
    // Cross-entropy log 2; Dice (2 * 0.5 + 1) / (1 + 1 + 1).
    expect(loss![0]).toBeCloseTo(Math.log(2) + 1 - 2 / 3, 12);
  });

  test("is nearly zero where every pixel is right and sure, also of an empty region", () => {
    const logits = input("logits", [2, 1, 1, 2]);
    const truth = input("truth", [2, 1, 1, 2]);
    const [loss] = interpret([segmentationLoss(logits, truth)], {
      logits: Float64Array.of(40, -40, -40, -40),
      truth: Float64Array.of(1, 0, 0, 0),
    });
    expect(loss![0]).toBeLessThan(1e-12);
  });

  test("Dice is a mean over images, not of the batch as one", () => {
    const shape = [2, 1, 1, 2];
    const feeds = { logits: Float64Array.of(40, 40, 40, -40), truth: Float64Array.of(1, 1, 0, 0) };
    const [loss] = interpret([segmentationLoss(input("logits", shape), input("truth", shape))], feeds);
    // Entropy 40 on one pixel of four; Dice 1 of the first image, 1 / 2 of the second.
    expect(loss![0]).toBeCloseTo(10 + 1 - 0.75, 9);
  });

  const expression = {
    shapes: [
      [2, 1, 3, 3],
      [2, 1, 3, 3],
    ],
    build: ([logits, truth]: readonly Parameters<typeof segmentationLoss>[0][]) => segmentationLoss(logits!, truth!),
    wrt: [0],
  };
  test("gradient equals central differences, and the runtime the interpreter", async () => {
    expectGradient(expression);
    await expectRuntimeAgrees(expression);
  });
});

describe("network of the segmenter", () => {
  test("halves down to eight pixels, and gives a logit a pixel", () => {
    expect(designSegmenter(64, 3).widths).toEqual([16, 32, 64, 64]);
    expect(designSegmenter(128, 1).widths).toEqual([16, 32, 64, 64, 64]);
    expect(designSegmenter(27, 3).widths).toEqual([16]);
    const a = designSegmenter(32, 1);
    const layout = segmenterLayout(a);
    const views = viewWeights(layout, input("weights", [layout.length]));
    expect(segment(a, views, input("images", [2, 1, 32, 32])).shape).toEqual([2, 1, 32, 32]);
    expect(new Set(layout.parameters.map(({ name }) => name)).size).toBe(layout.parameters.length);
  });

  test("the runtime computes what the interpreter does", async () => {
    const a = { resolution: 8, channels: 1 as const, widths: [2, 3] };
    const layout = segmenterLayout(a);
    await expectRuntimeAgrees({
      shapes: [[layout.length], [2, 1, 8, 8]],
      build: ([weights, images]) => segment(a, viewWeights(layout, weights!), images!),
    });
  });
});

const SIZE = 16;

/** A bright disc on a dark ground with noise, and its region. */
function disc(i: number): { image: Uint8Array; mask: Uint8Array } {
  const rng = new Rng(i, "disc");
  const [x, y, radius] = [rng.between(4, 12), rng.between(4, 12), rng.between(2, 5)];
  const mask = Uint8Array.from({ length: SIZE ** 2 }, (_, p) =>
    Math.hypot((p % SIZE) + 0.5 - x, Math.floor(p / SIZE) + 0.5 - y) < radius ? 255 : 0,
  );
  return { image: mask.map((inside) => (inside > 0 ? 170 : 90) + rng.integer(40)), mask };
}

describe("trainSegmenter", () => {
  const drawn = Array.from({ length: 60 }, (_, i) => disc(i));
  const images = {
    resolution: SIZE,
    channels: 1 as const,
    readInto: (indices: ArrayLike<number>, out: Uint8Array) => {
      for (let n = 0; n < indices.length; n++) out.set(drawn[indices[n]!]!.image, n * SIZE ** 2);
    },
    readMasksInto: (indices: ArrayLike<number>, out: Uint8Array) => {
      for (let n = 0; n < indices.length; n++) out.set(drawn[indices[n]!]!.mask, n * SIZE ** 2);
    },
  };
  const train = Array.from({ length: 40 }, (_, i) => i);

  test("finds the discs of images it has not seen, whatever their place in the batch; equal seeds, equal weights", async () => {
    const trained = await trainSegmenter(images, { train, imagesSeen: 1200 });
    const again = await trainSegmenter(images, { train, imagesSeen: 1200 });
    expect(again.weights).toEqual(trained.weights);
    const reader = await openSegmenter(trained);
    try {
      const held = drawn.slice(40);
      const bytes = new Uint8Array(held.length * SIZE ** 2);
      held.forEach(({ image }, n) => {
        bytes.set(image, n * SIZE ** 2);
      });
      const found = await reader.find(bytes);
      held.forEach(({ mask }, n) => {
        const own = found.subarray(n * SIZE ** 2, (n + 1) * SIZE ** 2);
        const [both, either] = own.reduce(
          ([a, o], value, p) => [a + Number(value > 0 && mask[p]! > 0), o + Number(value > 0 || mask[p]! > 0)],
          [0, 0],
        );
        expect(both / either, `disc ${n}`).toBeGreaterThan(0.6);
      });
      expect(await reader.find(bytes.slice(0, SIZE ** 2))).toEqual(found.slice(0, SIZE ** 2));
    } finally {
      await reader.close();
    }
  });

  test("nothing to learn from is an error", async () => {
    await expect(trainSegmenter(images, { train: [] })).rejects.toThrow(/images with masks, found 0/);
  });
});
