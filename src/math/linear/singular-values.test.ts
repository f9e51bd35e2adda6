import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Rng } from "../../core/rng.ts";
import { semidefiniteFactor } from "./cholesky.ts";
import { type Matrix, matrix } from "./linear64.ts";
import { referenceLinear64 } from "./reference-linear64.ts";
import { singularValues, tridiagonalEigenvalues } from "./singular-values.ts";
import { symmetricEigenvalues } from "./symmetric-eigenvalues.ts";

const linear = referenceLinear64();
const gram = (a: Matrix) => linear.moments(a, new Float64Array(a.columns));
const random = (rows: number, columns: number, ...keys: (string | number)[]) =>
  matrix(rows, columns, new Rng("matrix", ...keys).fillNormal(new Float64Array(rows * columns)));

describe("singular values", () => {
  test("of a diagonal matrix are the sorted absolute entries", () => {
    const values = [3, -7, 0, 1e-9, 2];
    const a = matrix(5, 5);
    values.forEach((value, i) => {
      a.data[i * 6] = value;
    });
    const got = singularValues(a);
    [7, 3, 2, 1e-9, 0].forEach((value, i) => {
      expect(Math.abs(got[i]! - value)).toBeLessThan(1e-14);
    });
  });

  test("have the sums of squares and fourth powers of the matrix, for any shape", async () => {
    const shape = fc.tuple(fc.integer({ min: 1, max: 24 }), fc.integer({ min: 1, max: 24 }), fc.integer());
    await fc.assert(
      fc.asyncProperty(shape, async ([rows, columns, seed]) => {
        const a = random(rows, columns, seed);
        const values = singularValues(a);
        expect(values.length).toBe(Math.min(rows, columns));
        const square = a.data.reduce((sum, v) => sum + v * v, 0);
        const fourth = (await gram(a)).data.reduce((sum, v) => sum + v * v, 0);
        expect(values.reduce((sum, v) => sum + v * v, 0) / square).toBeCloseTo(1, 11);
        expect(values.reduce((sum, v) => sum + v ** 4, 0) / fourth).toBeCloseTo(1, 11);
        for (let i = 1; i < values.length; i++) expect(values[i]).toBeLessThanOrEqual(values[i - 1]!);
      }),
      { numRuns: 60, seed: 7 },
    );
  });

  test("of a product of rank r vanish beyond r", async () => {
    const a = await linear.multiplyTransposed(random(40, 3, "a"), random(30, 3, "b"));
    const values = singularValues(a);
    expect(values[2]).toBeGreaterThan(1);
    expect(values[3]! / values[0]!).toBeLessThan(1e-13);
  });
});

test("tridiagonal eigenvalues equal the closed form of the second-difference matrix", () => {
  const n = 50;
  const got = tridiagonalEigenvalues(new Float64Array(n).fill(2), new Float64Array(n - 1).fill(-1)).sort();
  for (let k = 1; k <= n; k++) expect(got[k - 1]).toBeCloseTo(2 - 2 * Math.cos((k * Math.PI) / (n + 1)), 12);
});

test("the semidefinite factor gives its matrix back at full and at low rank", async () => {
  for (const n of [4, 60]) {
    const s = await gram(random(n, 12, n));
    const f = semidefiniteFactor(s);
    expect(f.rows).toBe(Math.min(n, 12));
    const back = await gram(f);
    back.data.forEach((value, i) => {
      expect(value).toBeCloseTo(s.data[i]!, 10);
    });
  }
});

describe("symmetric eigenvalues", () => {
  test("of a Gram matrix are the squares of the singular values, for any size", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 21 }), fc.integer(), async (d, seed) => {
        const a = random(d + 3, d, seed);
        const values = symmetricEigenvalues(await gram(a)).reverse();
        const wanted = singularValues(a);
        for (let i = 0; i < d; i++)
          expect(Math.abs(values[i]! - wanted[i]! ** 2)).toBeLessThan(1e-12 * wanted[0]! ** 2);
      }),
      { numRuns: 60, seed: 9 },
    );
  });

  test("keep trace and sum of squares of an indefinite matrix, and read the lower triangle only", () => {
    const d = 37;
    const s = random(d, d, "indefinite");
    let trace = 0;
    let squares = 0;
    for (let i = 0; i < d; i++) {
      trace += s.data[i * d + i]!;
      for (let j = 0; j <= i; j++) squares += (i === j ? 1 : 2) * s.data[i * d + j]! ** 2;
    }
    const values = symmetricEigenvalues(s);
    expect(values.reduce((sum, v) => sum + v, 0)).toBeCloseTo(trace, 11);
    expect(values.reduce((sum, v) => sum + v * v, 0) / squares).toBeCloseTo(1, 12);
  });

  test("of diagonal and of zero matrices are their entries", () => {
    const s = matrix(4, 4);
    [3, -1, 0, 7].forEach((value, i) => {
      s.data[i * 5] = value;
    });
    expect([...symmetricEigenvalues(s)]).toEqual([-1, 0, 3, 7]);
    expect([...symmetricEigenvalues(matrix(3, 3))]).toEqual([0, 0, 0]);
  });
});
