import { expect, test } from "vitest";
import { deviation, mean, sum, variance } from "./mean.ts";

test("sum, mean, variance and deviation of 2, 4, 4, 4, 5, 5, 7, 9", () => {
  const values = [2, 4, 4, 4, 5, 5, 7, 9];
  expect([sum(values), mean(values)]).toEqual([40, 5]);
  expect(variance(values)).toBeCloseTo(32 / 7, 14);
  expect(deviation(Float64Array.from(values))).toBeCloseTo(2.13808993529939, 13);
});

test("of nothing the sum is 0 and there is no mean", () => {
  expect([sum([]), mean([])]).toEqual([0, Number.NaN]);
});
