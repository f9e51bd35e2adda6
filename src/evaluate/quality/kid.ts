import { type Linear64, type Matrix, matrix } from "../../math/linear/linear64.ts";

/** Sum over i of w[i,r]² k(x_i, x_i) and of w, w² per column r. */
function diagonalSums(x: Matrix, w: Matrix): { kernel: Float64Array; sum: Float64Array; square: Float64Array } {
  const kernel = new Float64Array(w.columns);
  const sum = new Float64Array(w.columns);
  const square = new Float64Array(w.columns);
  const d = x.columns;
  for (let i = 0; i < x.rows; i++) {
    let norm2 = 0;
    for (let c = 0, at = i * d; c < d; c++, at++) norm2 += x.data[at]! * x.data[at]!;
    const k = (norm2 / d + 1) ** 3;
    for (let r = 0; r < w.columns; r++) {
      const weight = w.data[i * w.columns + r]!;
      kernel[r]! += weight * weight * k;
      sum[r]! += weight;
      square[r]! += weight * weight;
    }
  }
  return { kernel, sum, square };
}

/**
 * KID for several weightings of the images at once: column r of the weights says how often each image counts. Pairs of
 * an image with itself (and with its own repeats) are left out, so that resampled values stay unbiased.
 * @param realWeights `[n,R]`
 * @param syntheticWeights `[m,R]`
 * @returns one value per column
 */
export async function weightedKid(
  real: Matrix,
  synthetic: Matrix,
  realWeights: Matrix,
  syntheticWeights: Matrix,
  linear: Linear64,
): Promise<Float64Array> {
  const xx = await linear.cubicForms(real, real, realWeights, realWeights, { symmetric: true });
  const yy = await linear.cubicForms(synthetic, synthetic, syntheticWeights, syntheticWeights, {
    symmetric: true,
  });
  const xy = await linear.cubicForms(real, synthetic, realWeights, syntheticWeights);
  const x = diagonalSums(real, realWeights);
  const y = diagonalSums(synthetic, syntheticWeights);
  return xx.map(
    (value, r) =>
      (value - x.kernel[r]!) / (x.sum[r]! ** 2 - x.square[r]!) +
      (yy[r]! - y.kernel[r]!) / (y.sum[r]! ** 2 - y.square[r]!) -
      (2 * xy[r]!) / (x.sum[r]! * y.sum[r]!),
  );
}

/**
 * Kernel Inception Distance (Binkowski et al. 2018, arXiv 1801.01401, section 4): the unbiased squared maximum mean
 * discrepancy over all pairs, with kernel (x·y/d + 1)³. Lower is better, expectation 0 for equal distributions; single
 * values may be below 0.
 * @param real `[n,d]`, n >= 2
 * @param synthetic `[m,d]`, m >= 2
 */
export async function kid(real: Matrix, synthetic: Matrix, linear: Linear64): Promise<number> {
  const ones = (n: number) => matrix(n, 1, new Float64Array(n).fill(1));
  return (await weightedKid(real, synthetic, ones(real.rows), ones(synthetic.rows), linear))[0]!;
}
