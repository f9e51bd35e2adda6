import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Rng } from "../../core/rng.ts";
import { type Matrix, matrix, takeRows } from "../../math/linear/linear64.ts";
import { referenceLinear64 } from "../../math/linear/reference-linear64.ts";
import { authenticity } from "./authenticity.ts";
import { fid } from "./fid.ts";
import { kid } from "./kid.ts";
import { neighbourhoods } from "./neighbourhood.ts";
import { prdc } from "./prdc.ts";

const linear = referenceLinear64();

function normal(n: number, d: number, key: string | number, scale = 1, shift = 0): Matrix {
  const out = matrix(n, d, new Rng("normal", key).fillNormal(new Float64Array(n * d)));
  for (let i = 0; i < out.data.length; i++) out.data[i] = out.data[i]! * scale + shift;
  return out;
}

const shuffled = (x: Matrix): Matrix =>
  takeRows(x, new Rng("order").shuffle(Int32Array.from({ length: x.rows }, (_, i) => i)));
const shifted = (x: Matrix, by: number): Matrix => ({ ...x, data: x.data.map((v) => v + by) });

/** Reflection that mixes all axes: an orthogonal change of the feature space. */
function reflected(x: Matrix): Matrix {
  const v = new Rng("mirror").fillNormal(new Float64Array(x.columns));
  const norm2 = v.reduce((sum, value) => sum + value * value, 0);
  const out = matrix(x.rows, x.columns);
  for (let i = 0; i < x.rows; i++) {
    let along = 0;
    for (let c = 0; c < x.columns; c++) along += x.data[i * x.columns + c]! * v[c]!;
    for (let c = 0; c < x.columns; c++) {
      out.data[i * x.columns + c] = x.data[i * x.columns + c]! - ((2 * along) / norm2) * v[c]!;
    }
  }
  return out;
}

const distance = (a: Matrix, i: number, b: Matrix, j: number): number => {
  let sum = 0;
  for (let c = 0; c < a.columns; c++) sum += (a.data[i * a.columns + c]! - b.data[j * b.columns + c]!) ** 2;
  return Math.sqrt(sum);
};
const rows = (x: Matrix): number[] => Array.from({ length: x.rows }, (_, i) => i);

/** Ascending distances to the other samples of the same set. */
const others = (x: Matrix, i: number): number[] =>
  rows(x)
    .filter((j) => j !== i)
    .map((j) => distance(x, i, x, j))
    .sort((a, b) => a - b);

const sets = fc
  .tuple(fc.integer({ min: 6, max: 40 }), fc.integer({ min: 6, max: 40 }), fc.integer({ min: 1, max: 9 }), fc.nat(9999))
  .map(([n, m, d, seed]) => ({ real: normal(n, d, `${seed}r`), fake: normal(m, d, `${seed}f`, 0.8, 0.3) }));
const runs = { numRuns: 40, seed: 11 };

describe("FID", () => {
  test.each([
    ["more images than dimensions", 60, 8],
    ["fewer images than dimensions", 9, 30],
  ])("of a set with itself is 0, with %s", async (_, n, d) => {
    const x = normal(n, d, "x");
    expect(Math.abs(await fid(x, x, linear))).toBeLessThan(1e-10);
  });

  test("of two clouds on a line is the closed form (m1 - m2)² + (s1 - s2)²", async () => {
    const x = matrix(4, 1, Float64Array.of(-3, -1, 1, 3));
    const y = matrix(
      4,
      1,
      Float64Array.of(-1, 1, 3, 5).map((v) => v * 2),
    );
    const s = Math.sqrt(20 / 3);
    expect(await fid(x, y, linear)).toBeCloseTo((0 - 4) ** 2 + (s - 2 * s) ** 2, 10);
  });

  test("is symmetric, and the same after a shift, a reflection and a shuffle of both sets", async () => {
    for (const [n, m, d] of [
      [50, 40, 7],
      [12, 40, 20],
      [10, 8, 20],
    ]) {
      const x = normal(n!, d!, "x");
      const y = normal(m!, d!, "y", 0.7, 0.4);
      const value = await fid(x, y, linear);
      for (const other of [
        await fid(y, x, linear),
        await fid(shifted(x, 3), shifted(y, 3), linear),
        await fid(reflected(x), reflected(y), linear),
        await fid(shuffled(x), shuffled(y), linear),
      ]) {
        expect(Math.abs(other - value) / value).toBeLessThan(1e-9);
      }
    }
  });

  test("does not depend on which side of n = d the set is: a constant column changes nothing", async () => {
    const pad = (x: Matrix, extra: number): Matrix => {
      const out = matrix(x.rows, x.columns + extra);
      for (let i = 0; i < x.rows; i++) {
        out.data.set(x.data.subarray(i * x.columns, (i + 1) * x.columns), i * out.columns);
      }
      return out;
    };
    const x = normal(30, 6, "x");
    const y = normal(25, 6, "y", 0.5);
    const value = await fid(x, y, linear);
    expect(Math.abs((await fid(pad(x, 40), pad(y, 40), linear)) - value) / value).toBeLessThan(1e-9);
  });

  test.each([
    ["both of full rank", 90, 80, 12],
    ["one with fewer images than dimensions", 90, 20, 40],
    ["the other with fewer", 20, 90, 40],
    ["both with fewer", 15, 25, 40],
  ])("of resampled sets is good enough for their spread, %s", async (_, n, m, d) => {
    const x = normal(n, d, "x");
    // A column that is nearly the sum of others makes the covariance nearly singular.
    for (let i = 0; i < n; i++) x.data[i * d] = x.data[i * d + 1]! + x.data[i * d + 2]! + 1e-9 * x.data[i * d]!;
    const y = normal(m, d, "y", 0.7, 0.2);
    const value = await fid(x, y, linear);
    expect(Math.abs((await fid(x, y, linear, "spread")) - value) / value).toBeLessThan(1e-6);
  });

  test("grows with the shift of the mean", async () => {
    const x = normal(80, 5, "x");
    const values = await Promise.all([0, 0.5, 1, 2].map((by) => fid(x, shifted(normal(80, 5, "y"), by), linear)));
    for (let i = 1; i < values.length; i++) expect(values[i]).toBeGreaterThan(values[i - 1]!);
  });
});

describe("KID", () => {
  test("equals the sum over pairs written out", async () => {
    await fc.assert(
      fc.asyncProperty(sets, async ({ real, fake }) => {
        const k = (a: Matrix, i: number, b: Matrix, j: number) => {
          let dot = 0;
          for (let c = 0; c < a.columns; c++) dot += a.data[i * a.columns + c]! * b.data[j * b.columns + c]!;
          return (dot / a.columns + 1) ** 3;
        };
        const own = (x: Matrix) => {
          let sum = 0;
          for (const i of rows(x)) for (const j of rows(x)) if (i !== j) sum += k(x, i, x, j);
          return sum / (x.rows * (x.rows - 1));
        };
        let cross = 0;
        for (const i of rows(real)) for (const j of rows(fake)) cross += k(real, i, fake, j);
        const wanted = own(real) + own(fake) - (2 * cross) / (real.rows * fake.rows);
        const scale = own(real) + own(fake);
        expect(Math.abs((await kid(real, fake, linear)) - wanted) / scale).toBeLessThan(1e-12);
      }),
      runs,
    );
  });

  test("has mean 0 over draws of one distribution, as an unbiased estimate has", async () => {
    const values = await Promise.all(
      Array.from({ length: 200 }, (_, i) => kid(normal(20, 4, `a${i}`), normal(15, 4, `b${i}`), linear)),
    );
    const mean = values.reduce((a, b) => a + b) / values.length;
    const deviation = Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (values.length - 1));
    expect(Math.abs(mean)).toBeLessThan((4 * deviation) / Math.sqrt(values.length));
    expect(values.some((v) => v < 0)).toBe(true);
  });

  test("does not depend on the order of images or of features, and grows with the shift", async () => {
    const x = normal(40, 6, "x");
    const y = normal(30, 6, "y");
    const value = await kid(x, y, linear);
    expect(await kid(shuffled(x), shuffled(y), linear)).toBeCloseTo(value, 10);
    expect(await kid(reflected(x), reflected(y), linear)).toBeCloseTo(value, 10);
    expect(await kid(x, shifted(y, 1), linear)).toBeGreaterThan(value);
    expect(await kid(x, shifted(y, 2), linear)).toBeGreaterThan(await kid(x, shifted(y, 1), linear));
  });
});

describe("precision, recall, density and coverage", () => {
  test("equal their definitions written out", async () => {
    await fc.assert(
      fc.asyncProperty(sets, async ({ real, fake }) => {
        const k = 5;
        const realRadius = rows(real).map((i) => others(real, i)[k - 1]);
        const fakeRadius = rows(fake).map((j) => others(fake, j)[k - 1]);
        const inReal = (j: number) => rows(real).filter((i) => distance(real, i, fake, j) < realRadius[i]!).length;
        const share = (list: boolean[]) => list.filter(Boolean).length / list.length;
        const got = await prdc(real, fake, linear);
        expect(got.precision).toBeCloseTo(share(rows(fake).map((j) => inReal(j) > 0)), 12);
        expect(got.recall).toBeCloseTo(
          share(rows(real).map((i) => rows(fake).some((j) => distance(real, i, fake, j) < fakeRadius[j]!))),
          12,
        );
        expect(got.density).toBeCloseTo(rows(fake).reduce((sum, j) => sum + inReal(j), 0) / (k * fake.rows), 12);
        expect(got.coverage).toBeCloseTo(
          share(rows(real).map((i) => rows(fake).some((j) => distance(real, i, fake, j) < realRadius[i]!))),
          12,
        );
      }),
      runs,
    );
  });

  test("precision of (x, y) is recall of (y, x)", async () => {
    const x = normal(40, 3, "x");
    const y = normal(30, 3, "y", 0.5);
    expect((await prdc(x, y, linear)).precision).toBe((await prdc(y, x, linear)).recall);
  });

  test("a collapsed set has precision but no recall, a far set has nothing, a set with itself has all", async () => {
    const x = normal(100, 3, "x");
    const collapsed = await prdc(x, normal(100, 3, "c", 0.01), linear);
    expect(collapsed.precision).toBe(1);
    expect(collapsed.recall).toBeLessThan(0.05);
    expect(collapsed.coverage).toBeLessThan(0.3);
    expect(await prdc(x, shifted(x, 50), linear)).toEqual({ precision: 0, recall: 0, density: 0, coverage: 0 });
    expect(await prdc(x, x, linear)).toMatchObject({ precision: 1, recall: 1, coverage: 1 });
  });

  test("do not change under a shift far from zero, where inner products lose digits", async () => {
    const x = normal(60, 4, "x");
    const y = normal(50, 4, "y", 0.8);
    expect(await prdc(shifted(x, 1e5), shifted(y, 1e5), linear)).toEqual(await prdc(x, y, linear));
  });
});

describe("authenticity", () => {
  test("equals its definition per synthetic sample, for sets of different size", async () => {
    await fc.assert(
      fc.asyncProperty(sets, async ({ real, fake }) => {
        const flags = rows(fake).map((j) => {
          const nearest = rows(real).reduce((a, b) =>
            distance(real, b, fake, j) < distance(real, a, fake, j) ? b : a,
          );
          return distance(real, nearest, fake, j) > others(real, nearest)[0]!;
        });
        expect(await authenticity(real, fake, linear)).toBeCloseTo(flags.filter(Boolean).length / fake.rows, 12);
      }),
      runs,
    );
  });

  test("is 0 for copies, for copies with a little noise, and 1 for a set far away", async () => {
    const x = normal(50, 6, "x");
    const noisy = { ...x, data: x.data.map((v, i) => v + 1e-3 * Math.sin(i)) };
    expect(await authenticity(x, x, linear)).toBe(0);
    expect(await authenticity(x, noisy, linear)).toBe(0);
    expect(await authenticity(x, shifted(x, 100), linear)).toBe(1);
  });

  test("is somewhat above one half for further samples of the same distribution", async () => {
    const value = await authenticity(normal(400, 8, "x"), normal(400, 8, "y"), linear);
    expect(value).toBeGreaterThan(0.5);
    expect(value).toBeLessThan(0.75);
  });
});

test("neighbourhoods name the nearest real sample", async () => {
  const real = matrix(4, 1, Float64Array.of(0, 10, 20, 30));
  const near = await neighbourhoods(real, matrix(2, 1, Float64Array.of(19, 2)), 1, linear);
  expect([...near.nearestReal]).toEqual([2, 0]);
  expect([...near.nearestReal2]).toEqual([1, 4]);
  expect([...near.nearestSynthetic2]).toEqual([4, 64, 1, 121]);
  expect([...near.realBallsAround]).toEqual([2, 2]);
});
