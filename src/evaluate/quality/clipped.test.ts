import { expect, test } from "vitest";
import { type Matrix, matrix } from "../../math/linear/linear64.ts";
import { referenceLinear64 } from "../../math/linear/reference-linear64.ts";
import { mean } from "../../math/mean.ts";
import { parkMillerNormal } from "../testing/samples.ts";
import { clippedCoverage, clippedCoverageParts, clippedDensity, clippedDensityParts } from "./clipped.ts";
import { measure, measureValues } from "./measure.ts";
import { neighbourhoods } from "./neighbourhood.ts";

const linear = referenceLinear64();

async function clipped(
  real: Matrix,
  synthetic: Matrix,
): Promise<[density: number, rawCoverage: number, coverage: number]> {
  const near = await neighbourhoods(real, synthetic, 5, linear);
  const coverage = mean(clippedCoverageParts(near));
  return [clippedDensity(mean(clippedDensityParts(near))), coverage, clippedCoverage(coverage, near)];
}

// NumPy and SciPy, after the authors' code (github.com/nicolassalvy/ClippedDensityCoverage), K = 5, D and X the distances
// within the real set and from it to the synthetic one (D[i,i] = inf):
//   r = np.sort(D, 1)[:, K-1]; c = np.minimum(r, np.median(r))
//   density = min(1, np.minimum((X <= c[:,None]).sum(0) / K, 1).mean() / np.minimum((D <= c[:,None]).sum(0) / K, 1).mean())
//   raw = np.minimum((X < r[:,None]).sum(1) / K, 1).mean(); coverage = np.searchsorted(f, raw) / (M + 1) with f[m] = 0 below K, else
//   sum_j min(j, K) C(m, j) B(K + j, N - K + m - j) / B(K, N - K) / K (scipy.special.gammaln, betaln)
test.each([
  [60, 60, 4, 1, 0, 0.8908045977011496, 0.7633333333333334, 0.9836065573770492],
  [60, 45, 4, 0.6, 0.4, 1, 0.63, 0.9565217391304348],
  [80, 50, 8, 1.2, 0.3, 0.4285714285714285, 0.315, 0.5098039215686274],
])("equal NumPy's for %i real, %i synthetic, %i features", async (n, m, d, scale, shift, ...expected) => {
  const found = await clipped(parkMillerNormal(n, d, 101), parkMillerNormal(m, d, 202, scale, shift));
  for (const [i, value] of expected.entries()) expect(found[i]).toBeCloseTo(value, 12);
});

/** A set with one row far away. */
function withOutlier(x: Matrix, at: number): Matrix {
  const out = matrix(x.rows, x.columns, x.data.slice());
  out.data.fill(at, 0, x.columns);
  return out;
}

test("one real outlier gives a set far from all others a precision of 1, and no clipped density", async () => {
  const real = parkMillerNormal(100, 4, 101);
  const synthetic = parkMillerNormal(100, 4, 202, 1, 10);
  const values = (of: Matrix) => measureValues(of, synthetic, linear);
  expect(await values(real)).toMatchObject({ precision: 0, density: 0, clippedDensity: 0 });
  const found = await values(withOutlier(real, 30));
  expect(found.precision).toBe(1);
  expect(found.clippedDensity).toBe(0);
  expect(found.clippedCoverage).toBeLessThan(0.05);
});

test("one synthetic outlier gives a set that covers nothing a recall of 1, and no clipped coverage", async () => {
  const real = parkMillerNormal(100, 4, 101);
  const synthetic = parkMillerNormal(100, 4, 202, 1, 10);
  expect(await measureValues(real, synthetic, linear)).toMatchObject({ recall: 0, clippedCoverage: 0 });
  const found = await measureValues(real, withOutlier(synthetic, -30), linear);
  expect(found.recall).toBe(1);
  expect(found.clippedCoverage).toBe(0);
});

test("the share of good images is what is given back; intervals hold the value and stay within 0..1", async () => {
  const real = parkMillerNormal(200, 3, 5);
  for (const good of [1, 0.5, 0.2]) {
    const synthetic = parkMillerNormal(200, 3, 6);
    synthetic.data.fill(40, Math.round(200 * good) * 3);
    const { clippedDensity: density, clippedCoverage: coverage } = await measure(real, synthetic, linear, 0);
    for (const found of [density!, coverage!]) {
      expect(Math.abs(found.value - good)).toBeLessThan(0.12);
      expect([0 <= found.low, found.low <= found.value, found.value <= found.high, found.high <= 1]).toEqual(
        Array(4).fill(true),
      );
    }
  }
});

test("equal images, and two of them, give numbers", async () => {
  const equal = matrix(12, 3, new Float64Array(36).fill(2));
  expect(await measureValues(equal, equal, linear)).toMatchObject({ clippedDensity: 1, clippedCoverage: 0 });
  const two = matrix(2, 3, Float64Array.of(1, 2, 3, 4, 5, 6));
  expect(await measureValues(two, two, linear)).toMatchObject({ clippedDensity: null, clippedCoverage: null });
});
