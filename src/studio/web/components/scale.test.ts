import { expect, test } from "vitest";
import { extent, logTicks, ticks } from "./scale.ts";

test("ticks are round and inside of the range", () => {
  expect(ticks(0.13, 1.42, 4)).toEqual([0.5, 1]);
  expect(ticks(0, 60_000, 5)).toEqual([0, 20_000, 40_000, 60_000]);
  expect(ticks(-0.2, 0.2, 4)).toEqual([-0.2, -0.1, 0, 0.1, 0.2]);
  expect(ticks(3, 3, 4)).toEqual([3]);
});

test("on a logarithmic scale they are powers of ten, where there are two", () => {
  expect(logTicks(0.004, 3)).toEqual([0.01, 0.1, 1]);
  expect(logTicks(2, 8)).toEqual([2, 4, 6, 8]);
});

test("a range has an extent even where all values are equal or there is none", () => {
  const [low, high] = extent([5, 5]);
  expect([low < 5, high > 5]).toEqual([true, true]);
  expect(extent([])).toEqual([0, 1]);
  expect(extent([0, 0])).toEqual([0, 1]);
  expect(extent([3, -1, 2])).toEqual([-1, 3]);
});
