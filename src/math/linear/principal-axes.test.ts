import { expect, test } from "vitest";
import { Rng } from "../../core/rng.ts";
import { matrix } from "./linear64.ts";
import { principalAxes } from "./principal-axes.ts";
import { referenceLinear64 } from "./reference-linear64.ts";

test("the axes are orthonormal, the first along the largest variance, and hold the share they say", async () => {
  const rng = new Rng("axes");
  const rows = Float64Array.from({ length: 200 * 5 }, (_, i) => rng.normal() * [1, 8, 0.5, 3, 0][i % 5]! + (i % 5));
  const { mean, axes, share } = await principalAxes(matrix(200, 5, rows), 2, referenceLinear64());
  expect(Math.abs(axes.data[1]!)).toBeGreaterThan(0.99);
  expect(Math.abs(axes.data[5 + 3]!)).toBeGreaterThan(0.99);
  const product = (a: number, b: number) =>
    [0, 1, 2, 3, 4].reduce((sum, c) => sum + axes.data[5 * a + c]! * axes.data[5 * b + c]!, 0);
  expect(product(0, 0)).toBeCloseTo(1, 10);
  expect(product(0, 1)).toBeCloseTo(0, 10);
  expect(mean[4]).toBeCloseTo(4, 10);
  expect(share).toBeCloseTo((64 + 9) / (64 + 9 + 1.25), 1);
});

test("rows that are all equal have axes of length 0 and the share 1", async () => {
  const { axes, share } = await principalAxes(matrix(9, 3, new Float64Array(27).fill(2)), 2, referenceLinear64());
  expect([...axes.data]).toEqual([0, 0, 0, 0, 0, 0]);
  expect(share).toBe(1);
});
