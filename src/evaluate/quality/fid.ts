import { semidefiniteFactor } from "../linear/cholesky.ts";
import { centred, columnMeans, type Linear64, type Matrix } from "../linear/linear64.ts";
import { singularValues } from "../linear/singular-values.ts";

/** Mean and a factor of the covariance of one set of features. */
interface Moments {
  readonly mean: Float64Array;
  /** trace of the covariance */
  readonly trace: number;
  /** `[r,d]`, factorᵀ factor = covariance (divisor n-1), r = min(n, rank). */
  readonly factor: Matrix;
}

async function moments(features: Matrix, linear: Linear64): Promise<Moments> {
  const { rows: n, columns: d } = features;
  const mean = columnMeans(features);
  const scaled = centred(features, mean, 1 / Math.sqrt(n - 1));
  let trace = 0;
  for (const value of scaled.data) trace += value * value;
  const factor = n <= d ? scaled : semidefiniteFactor(await linear.gram(scaled));
  return { mean, trace, factor };
}

/**
 * Fréchet distance between Gaussians fitted to two sets of features (Heusel et al. 2017, arXiv 1706.08500, section 3):
 * |m1 - m2|² + tr(S1 + S2 - 2 (S1 S2)^½), covariances with divisor n-1. Lower is better, 0 for equal sets.
 *
 * With S = FᵀF the last trace is the sum of the singular values of F1 F2ᵀ, so no matrix square root is taken, and with
 * fewer images than dimensions nothing larger than the images' own product is formed.
 * @param real `[n,d]`, n >= 2
 * @param synthetic `[m,d]`, m >= 2
 */
export async function fid(real: Matrix, synthetic: Matrix, linear: Linear64): Promise<number> {
  const a = await moments(real, linear);
  const b = await moments(synthetic, linear);
  let distance = a.trace + b.trace;
  for (let c = 0; c < real.columns; c++) distance += (a.mean[c] - b.mean[c]) ** 2;
  if (a.factor.rows === 0 || b.factor.rows === 0) return distance;
  const cross = await linear.multiplyTransposed(a.factor, b.factor);
  for (const value of singularValues(cross)) distance -= 2 * value;
  return distance;
}
