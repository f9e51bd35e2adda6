import { describe, expect, test } from "vitest";
import { Rng } from "../../core/rng.ts";
import { type Matrix, matrix } from "../../math/linear/linear64.ts";
import { referenceLinear64 } from "../../math/linear/reference-linear64.ts";
import { quantile } from "../../math/quantile.ts";
import { fid } from "./fid.ts";
import { kid, weightedKid } from "./kid.ts";
import { measure, measureValues } from "./measure.ts";
import { metricsOf } from "./registry.ts";

const linear = referenceLinear64();
const normal = (n: number, d: number, key: string, shift = 0): Matrix =>
  matrix(
    n,
    d,
    new Rng(key).fillNormal(new Float64Array(n * d)).map((v) => v + shift),
  );

test("quantiles are linear between the neighbours", () => {
  expect(quantile([1, 2, 4], 0.5)).toBe(2);
  expect(quantile([1, 2, 4], 0.75)).toBe(3);
  expect(quantile([7], 0.975)).toBe(7);
});

test("a KID weighted by counts is the KID of the repeated images without pairs of an image with itself", async () => {
  const x = normal(5, 3, "x");
  const y = normal(4, 3, "y");
  const ones = (n: number) => matrix(n, 1, new Float64Array(n).fill(1));
  expect((await weightedKid(x, y, ones(5), ones(4), linear))[0]).toBeCloseTo(await kid(x, y, linear), 12);
  // Weight 0 takes an image out.
  const without = await weightedKid(x, y, matrix(5, 1, Float64Array.of(1, 1, 1, 1, 0)), ones(4), linear);
  const four = matrix(4, 3, x.data.slice(0, 12));
  expect(without[0]).toBeCloseTo(await kid(four, y, linear), 12);
});

describe("intervals", () => {
  test("hold the value, are seeded, and agree with the plain metrics", async () => {
    const x = normal(60, 4, "x");
    const y = normal(50, 4, "y", 0.3);
    const first = await measure(x, y, linear, 7, "radiomics");
    expect(await measure(x, y, linear, 7, "radiomics")).toEqual(first);
    expect(await measure(x, y, linear, 8, "radiomics")).not.toEqual(first);
    const values = await measureValues(x, y, linear, "radiomics");
    for (const name of metricsOf("radiomics")) {
      const found = first[name];
      expect(found!.low, name).toBeLessThanOrEqual(found!.value);
      expect(found!.high, name).toBeGreaterThanOrEqual(found!.value);
      expect(found!.value, name).toBeCloseTo(values[name]!, 12);
    }
  });

  test("narrow as the sets grow", async () => {
    const width = async (n: number) => {
      const { fid: f, kid: k, coverage: c } = await measure(normal(n, 3, "x"), normal(n, 3, "y", 0.5), linear, 1);
      return [f, k, c].map((found) => found!.high - found!.low);
    };
    const [few, many] = [await width(30), await width(270)];
    for (let i = 0; i < 3; i++) expect(many[i]).toBeLessThan(0.7 * few[i]!);
  });

  test("of KID cover the true value about as often as they say", async () => {
    // A large sample stands for the truth; 60 small ones each give an interval.
    const truth = await kid(normal(1500, 2, "big x"), normal(1500, 2, "big y", 0.5), linear);
    let held = 0;
    for (let i = 0; i < 60; i++) {
      const found = (await measure(normal(40, 2, `x${i}`), normal(40, 2, `y${i}`, 0.5), linear, i)).kid!;
      if (found.low <= truth && truth <= found.high) held++;
    }
    expect(held).toBeGreaterThanOrEqual(50);
  });
});

test("sets too small for a metric give none, and sets of one image none at all", async () => {
  const small = await measure(normal(4, 3, "x"), normal(5, 3, "y"), linear, 1);
  expect(small.precision).toBeNull();
  expect(small.coverage).toBeNull();
  expect(small.fid!.value).toBeCloseTo(await fid(normal(4, 3, "x"), normal(5, 3, "y"), linear), 12);
  expect(small.authenticity!.value).toBeGreaterThanOrEqual(0);
  expect(Object.values(await measure(normal(1, 3, "x"), normal(5, 3, "y"), linear, 1)).every((v) => v === null)).toBe(
    true,
  );
});
