import { describe, expect, test } from "vitest";
import { learntImages, repeatedImages, selectPacked, validationImages } from "./select-images.ts";

const labels = [0, 0, 0, 0, 1, 1];
const chosen = [0, 1, 2, 3, 4, 5];
const times = (found: readonly number[]) => chosen.map((i) => found.filter((own) => own === i).length);

describe("repeats", () => {
  test("none, all, and all twice", () => {
    expect(repeatedImages(labels, chosen, { copies: 0, oversampled: false }, 0)).toEqual([]);
    expect(times(repeatedImages(labels, chosen, { copies: 1, oversampled: false }, 0))).toEqual([1, 1, 1, 1, 1, 1]);
    expect(times(repeatedImages(labels, chosen, { copies: 2, oversampled: false }, 0))).toEqual([2, 2, 2, 2, 2, 2]);
  });
  test("half again, class by class, drawn from the seed", () => {
    const found = times(repeatedImages(labels, chosen, { copies: 1.5, oversampled: false }, 0));
    expect(found.slice(0, 4).sort()).toEqual([1, 1, 2, 2]);
    expect(found.slice(4).sort()).toEqual([1, 2]);
    const others = Array.from({ length: 8 }, (_, seed) =>
      times(repeatedImages(labels, chosen, { copies: 1.5, oversampled: false }, seed)).join(),
    );
    expect(new Set(others).size).toBeGreaterThan(1);
  });
  test("oversampled: smaller classes up to the largest", () => {
    expect(times(repeatedImages(labels, chosen, { copies: 1, oversampled: true }, 0))).toEqual([1, 1, 1, 1, 2, 2]);
  });
});

test("a share takes its own images to learn from and to stop on", () => {
  const index = {
    ...{ resolution: 8, channels: 1 as const, classes: ["a", "b"], labels },
    validation: [false, true, false, true, false, false],
    ranks: [0.1, 0.2, 0.6, 0.7, 0.4, 0.9],
  };
  expect(learntImages(index, 1)).toEqual([0, 2, 4, 5]);
  expect(learntImages(index, 0.5)).toEqual([0, 4]);
  expect(validationImages(index, 0.5)).toEqual([1]);
});

test("selected images keep their pixels and classes", () => {
  const pixels = Uint8Array.from({ length: 6 * 64 }, (_, i) => Math.floor(i / 64));
  const found = selectPacked({ resolution: 8, channels: 1, classes: ["a", "b"], labels, pixels }, [5, 0]);
  expect(found.labels).toEqual([1, 0]);
  expect([found.pixels[0], found.pixels[63], found.pixels[64]]).toEqual([5, 5, 0]);
});
