import { expect, test } from "vitest";
import { axisOf } from "./axis.ts";
import { number } from "./format.ts";

/** Places and half widths of the labels of an axis, in CSS pixels; a digit is 7.2 px wide. */
function labels(values: readonly number[], length: number, options = {}) {
  const { domain, ticks, tickFormat } = axisOf(values, length, options);
  return ticks.map((tick) => ({
    at: ((tick - domain[0]) / (domain[1] - domain[0])) * length,
    half: (tickFormat(tick).length * 7.2) / 2,
  }));
}

test.each([
  [[0, 0.0000123], 60],
  [[-0.00041, 0.0003], 80],
  [[0, 123_456_789], 70],
  [[0, 0.5, 1], 120],
  [[0.0121, 0.0122], 150],
  [[-3, 4_000], 200],
  [[0, 1e-14], 100],
])("the labels of an axis of %j at %i px do not overlap, and its ends hold all values", (values, length) => {
  const placed = labels(values, length, { signed: true });
  expect(placed.length).toBeGreaterThanOrEqual(2);
  placed.slice(1).forEach(({ at, half }, i) => {
    expect(at - half).toBeGreaterThan(placed[i]!.at + placed[i]!.half);
  });
  const { domain } = axisOf(values, length);
  expect(domain[0]).toBeLessThanOrEqual(Math.min(...values) + 1e-12);
  expect(domain[1]).toBeGreaterThanOrEqual(Math.max(...values) - 1e-12);
});

test("ticks are round, as many as there is room for, with a sign and a unit where asked for", () => {
  const texts = (values: readonly number[], length: number, options = {}) => {
    const { ticks, tickFormat } = axisOf(values, length, options);
    return ticks.map((tick) => tickFormat(tick));
  };
  expect(texts([0, 1], 400)).toEqual(["0.0", "0.5", "1.0"]);
  expect(texts([-0.1, 0.32], 400, { signed: true })).toEqual(["−0.2", "0.0", "+0.2", "+0.4"]);
  expect(texts([0, 80], 400, { unit: " %" })).toEqual(["0 %", "20 %", "40 %", "60 %", "80 %"]);
  expect(texts([0, 3141], 400)).toEqual(["0", "1,000", "2,000", "3,000", "4,000"]);
  // A sum of steps is never written as 0.30000000000000004 or -2.2e-16.
  for (const text of texts([-0.3, 0.3], 900, { most: 10 })) expect(text).toMatch(/^−?0\.\d$/);
  expect(texts([], 100)).toEqual(["0.0", "0.5", "1.0"]);
  expect(texts([Number.NaN, 5, 5], 100).length).toBeGreaterThan(1);
});

test("numbers: three digits, powers of ten as people write them, rounding errors are 0", () => {
  expect([-2.22e-16, 1e-12, 0, 0.0123456, 12.3456, 1234.5, -0.5].map(number)).toEqual([
    "0",
    "0",
    "0",
    "0.0123",
    "12.3",
    "1,235",
    "−0.500",
  ]);
  expect(number(0.0000123)).toBe("1.2\u00a0×\u00a010⁻⁵");
  expect(number(-12_345_678)).toBe("−1.2\u00a0×\u00a010⁷");
  expect([null, Number.NaN, Number.POSITIVE_INFINITY].map(number)).toEqual(["–", "–", "–"]);
});
