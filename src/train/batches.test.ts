import { describe, expect, test } from "vitest";
import { batchSource, classWeights } from "./batches.ts";
import { memoryStore } from "./testing/memory-store.ts";

/** 90 images of class 0, 9 of class 1, 1 of class 2; every pixel holds the index of its image. */
const store = memoryStore(
  Array.from({ length: 100 }, (_, i) => (i < 90 ? 0 : i < 99 ? 1 : 2)),
  (index) => index,
  { channels: 1, resolution: 2, classes: ["a", "b", "c"] },
);

function drawn(exponent: number, steps: number, batch = 10) {
  const source = batchSource(store, { seed: 4, batch, exponent });
  const [images, labels] = [new Float32Array(batch * 4), new Float32Array(batch * 3)];
  const classes = [0, 0, 0];
  const seen = new Map<number, number>();
  for (let step = 0; step < steps; step++) {
    source.fill(step, images, labels);
    for (let n = 0; n < batch; n++) {
      const label = [0, 1, 2].find((c) => labels[n * 3 + c] === 1) ?? -1;
      expect([...labels.subarray(n * 3, n * 3 + 3)].reduce((a, b) => a + b)).toBe(1);
      const index = Math.round((images[n * 4]! + 1) * 127.5);
      expect(store.labels[index]).toBe(label);
      classes[label]!++;
      seen.set(index, (seen.get(index) ?? 0) + 1);
    }
  }
  return { classes, seen };
}

/** Pearson's statistic of counts against probabilities. */
const chiSquare = (counts: readonly number[], probabilities: readonly number[]) => {
  const total = counts.reduce((a, b) => a + b);
  return counts.reduce((sum, n, i) => sum + (n - total * probabilities[i]!) ** 2 / (total * probabilities[i]!), 0);
};
/** The 99.9th percentile of chi-square with two degrees of freedom. */
const BOUND = 13.8;

describe("classes are drawn with probability proportional to count^exponent", () => {
  test.each([
    [1, [0.9, 0.09, 0.01]],
    [0, [1 / 3, 1 / 3, 1 / 3]],
    [0.5, [Math.sqrt(90) / (Math.sqrt(90) + 4), 3 / (Math.sqrt(90) + 4), 1 / (Math.sqrt(90) + 4)]],
  ])("exponent %s", (exponent, probabilities) => {
    classWeights([90, 9, 1], exponent).forEach((w, i) => {
      expect(w).toBeCloseTo(probabilities[i]!, 12);
    });
    const { classes } = drawn(exponent, 600);
    expect(chiSquare(classes, probabilities)).toBeLessThan(BOUND);
    // The bound can tell: the proportions of the other laws are far outside.
    for (const other of [0, 1].filter((e) => e !== exponent)) {
      expect(chiSquare(classes, classWeights([90, 9, 1], other))).toBeGreaterThan(BOUND);
    }
  });

  test("a class without images is never drawn, even at exponent 0", () => {
    expect(classWeights([5, 0, 5], 0)).toEqual([0.5, 0, 0.5]);
  });
});

test("images of a class are drawn evenly", () => {
  const { seen, classes } = drawn(0, 600);
  const counts = Array.from({ length: 90 }, (_, i) => seen.get(i) ?? 0);
  // 89 degrees of freedom: mean 89, standard deviation 13.3; four of them.
  expect(
    chiSquare(
      counts,
      counts.map(() => 1 / 90),
    ),
  ).toBeLessThan(89 + 4 * 13.3);
  expect(seen.get(99)).toBe(classes[2]);
});

test("what a step sees depends on seed and step alone", () => {
  const fill = (seed: number, ...steps: number[]) => {
    const source = batchSource(store, { seed, batch: 6, exponent: 0.5 });
    const [images, labels] = [new Float32Array(24), new Float32Array(18)];
    for (const step of steps) source.fill(step, images, labels);
    return [...images, ...labels];
  };
  expect(fill(1, 0, 1, 2, 7)).toEqual(fill(1, 7));
  expect(fill(1, 7)).not.toEqual(fill(1, 8));
  expect(fill(1, 7)).not.toEqual(fill(2, 7));
});

test("bytes become [-1, 1]", () => {
  const ends = memoryStore([0, 1], (i) => 255 * i, { channels: 3, resolution: 2, classes: ["a", "b"] });
  const [images, labels] = [new Float32Array(8 * 12), new Float32Array(16)];
  batchSource(ends, { seed: 0, batch: 8, exponent: 1 }).fill(0, images, labels);
  for (let n = 0; n < 8; n++)
    expect(new Set(images.subarray(n * 12, n * 12 + 12))).toEqual(new Set([labels[2 * n] ? -1 : 1]));
});
