import { describe, expect, test } from "vitest";
import { type Matrix, matrix, rowsView } from "../../math/linear/linear64.ts";
import { referenceLinear64 } from "../../math/linear/reference-linear64.ts";
import { runtimeLinear64 } from "../../math/linear/runtime-linear64.ts";
import { parkMillerNormal } from "../testing/samples.ts";
import { frd, frdV1 } from "./frd.ts";
import { measure, measureValues } from "./measure.ts";

const linear = referenceLinear64();
const UNITS = [1, 10, 100, 1e3, 1e-3, 5];
const OFFSETS = [0, 5, -100, 1e4, 1, 0];

const inUnits = (rows: Matrix): Matrix =>
  matrix(
    rows.rows,
    6,
    rows.data.map((value, i) => value * UNITS[i % 6]! + OFFSETS[i % 6]!),
  );

const real = inUnits(parkMillerNormal(40, 6, 11));
const synthetic = inUnits(parkMillerNormal(30, 6, 23, 1.3, 0.4));

describe("FRD", () => {
  test("equals log d of NumPy and SciPy on standardised features, in any units", async () => {
    expect(await frd(real, synthetic, linear)).toBeCloseTo(0.6046658665130106, 9);
    const seconds = (rows: Matrix) => ({ ...rows, data: rows.data.map((v, i) => (i % 6 === 2 ? 60 * v + 7 : v)) });
    expect(await frd(seconds(real), seconds(synthetic), linear)).toBeCloseTo(0.6046658665130106, 9);
  });

  test("features in which the real images do not vary have no part; equal sets give a number", async () => {
    const wider = (rows: Matrix, last: (i: number) => number) =>
      matrix(
        rows.rows,
        7,
        Float64Array.from({ length: rows.rows * 7 }, (_, k) =>
          k % 7 === 6 ? last(Math.floor(k / 7)) : rows.data[Math.floor(k / 7) * 6 + (k % 7)]!,
        ),
      );
    const found = await frd(
      wider(real, () => 0.1),
      wider(synthetic, (i) => i),
      linear,
    );
    expect(found).toBeCloseTo(0.6046658665130106, 9);
    expect(await frd(real, real, linear)).toBeLessThan(-6);
    expect(await frd(real, real, linear)).toBeGreaterThan(-14);
  });

  test("of few images, and of equal ones, it is a number with an interval or null, never an error", async () => {
    const runtime = runtimeLinear64();
    try {
      for (const n of [2, 3, 5]) {
        const part = (rows: Matrix) => rowsView(rows, 0, n);
        const { frd: found } = await measure(part(real), part(synthetic), runtime, 0, "radiomics");
        expect(found!.low).toBeLessThanOrEqual(found!.value);
        expect(Number.isFinite(found!.value) && Number.isFinite(found!.high)).toBe(true);
      }
      const equal = matrix(
        4,
        6,
        Float64Array.from({ length: 24 }, (_, i) => i % 6),
      );
      expect(await frd(equal, synthetic, runtime)).toBeNaN();
      expect((await measure(equal, synthetic, runtime, 0, "radiomics")).frd).toBeNull();
      expect((await measureValues(equal, synthetic, runtime, "radiomics")).frd).toBeNull();
    } finally {
      await runtime.close();
    }
  });

  test("is measured on radiomics alone, with an interval", async () => {
    const measured = await measure(real, synthetic, linear, 0, "radiomics");
    expect(measured.frd!.value).toBeCloseTo(0.6046658665130106, 9);
    expect(measured.frd!.low).toBeLessThan(measured.frd!.value);
    expect(measured.frd!.high).toBeGreaterThan(measured.frd!.value);
    expect((await measureValues(real, synthetic, linear, "radiomics")).frd).toBe(measured.frd!.value);
    expect((await measure(real, synthetic, linear, 0, "encoder")).frd).toBeNull();
    expect((await measureValues(real, synthetic, linear)).frd).toBeNull();
  });
});

// NumPy and SciPy, after convert_radiomic_dfs_to_vectors and frechet_distance of github.com/RichardObi/frd-score, frd_v1:
//   x, y = (a - a.mean(0)) / a.std(0), (b - a.mean(0)) / a.std(0)
//   np.log(|x.mean(0) - y.mean(0)|² + trace(cov x) + trace(cov y) - 2 trace(scipy.linalg.sqrtm(cov x @ cov y)))
describe("FRD v1", () => {
  test("equals log d² of NumPy and SciPy as the authors' package computes it, not twice our FRD", async () => {
    const found = await frdV1(real, synthetic, linear);
    expect(found).toBeCloseTo(1.2346495410103064, 9);
    expect(found).toBeCloseTo(2 * (await frd(real, synthetic, linear)) + Math.log(40 / 39), 9);
  });

  test("is measured on radiomics:full alone, with an interval; null where no real feature varies", async () => {
    const { frdV1: found, frd: other } = await measure(real, synthetic, linear, 0, "radiomics:full");
    expect(other).toBeNull();
    expect([found!.low < found!.value, found!.value < found!.high]).toEqual([true, true]);
    expect((await measure(real, synthetic, linear, 0, "radiomics")).frdV1).toBeNull();
    const equal = matrix(40, 6, new Float64Array(240).fill(3));
    expect((await measure(equal, synthetic, linear, 0, "radiomics:full")).frdV1).toBeNull();
  });
});
