import { semidefiniteFactor } from "../../math/linear/cholesky.ts";
import { centred, columnMeans, type Linear64, type Matrix } from "../../math/linear/linear64.ts";
import { singularValues } from "../../math/linear/singular-values.ts";
import { symmetricEigenvalues } from "../../math/linear/symmetric-eigenvalues.ts";

/**
 * Least ratio of the smallest to the largest eigenvalue at which their square roots are good to 1e-10 of the largest
 * one; below it singular values are taken, which are never squared.
 */
const WELL_CONDITIONED = 1e-12;

/**
 * How good a distance must be: `full` to about 1e-10 of the traces, `spread` to about 1e-7 of them at a quarter of the time,
 * for the resampled values of which only the spread is used.
 */
export type FrechetPrecision = "full" | "spread";

/** Mean and covariance of one set of features (divisor n-1). */
interface Moments {
  readonly mean: Float64Array;
  /** Trace of the covariance. */
  readonly trace: number;
  /** `[d,d]`, null where there are no more images than features. */
  readonly covariance: Matrix | null;
  /** Centred and scaled features `[n,d]`, whose product with themselves is the covariance; null where it is given. */
  readonly rows: Matrix | null;
}

async function momentsOf(features: Matrix, linear: Linear64): Promise<Moments> {
  const { rows: n, columns: d } = features;
  const mean = columnMeans(features);
  let trace = 0;
  if (n <= d) {
    const rows = centred(features, mean, 1 / Math.sqrt(n - 1));
    for (const value of rows.data) trace += value * value;
    return { mean, trace, covariance: null, rows };
  }
  const covariance = await linear.moments(features, mean);
  for (let i = 0; i < covariance.data.length; i++) covariance.data[i]! /= n - 1;
  for (let i = 0; i < d; i++) trace += covariance.data[i * d + i]!;
  return { mean, trace, covariance, rows: null };
}

/** F with FᵀF = covariance. */
const factorOf = ({ covariance, rows }: Moments): Matrix => rows ?? semidefiniteFactor(covariance!);

/**
 * tr (S1 S2)^½: with S = FᵀF it is the sum of the singular values of F1 F2ᵀ. Between two covariances of full rank their
 * squares, the eigenvalues of F1 S2 F1ᵀ, are cheaper and as good.
 */
async function traceOfRoot(a: Moments, b: Moments, linear: Linear64, precision: FrechetPrecision): Promise<number> {
  const first = factorOf(a);
  if (first.rows === 0) return 0;
  if (precision === "spread") {
    const half = await linear.multiplyTransposed(first, b.covariance ?? b.rows!);
    const product = await linear.multiplyTransposed(half, b.covariance === null ? half : first);
    // Rounding makes some of the eigenvalues that are 0 negative.
    return symmetricEigenvalues(product).reduce((sum, value) => sum + Math.sqrt(Math.max(0, value)), 0);
  }
  if (b.covariance !== null && first.rows === first.columns) {
    const product = await linear.multiplyTransposed(await linear.multiplyTransposed(first, b.covariance), first);
    const squares = symmetricEigenvalues(product);
    if (squares[0]! > WELL_CONDITIONED * squares[squares.length - 1]!) {
      return squares.reduce((sum, value) => sum + Math.sqrt(value), 0);
    }
  }
  const second = factorOf(b);
  if (second.rows === 0) return 0;
  return singularValues(await linear.multiplyTransposed(first, second)).reduce((sum, value) => sum + value, 0);
}

/**
 * Fréchet distance between Gaussians fitted to two sets of features (Heusel et al. 2017, arXiv 1706.08500, section 3):
 * |m1 - m2|² + tr(S1 + S2 - 2 (S1 S2)^½), covariances with divisor n-1. Lower is better, 0 for equal sets. No matrix
 * square root is formed, and with fewer images than features nothing larger than the images' own product.
 * @param real `[n,d]`, n >= 2
 * @param synthetic `[m,d]`, m >= 2
 */
export async function fid(
  real: Matrix,
  synthetic: Matrix,
  linear: Linear64,
  precision: FrechetPrecision = "full",
): Promise<number> {
  const a = await momentsOf(real, linear);
  const b = await momentsOf(synthetic, linear);
  let distance = a.trace + b.trace - 2 * (await traceOfRoot(a, b, linear, precision));
  for (let c = 0; c < real.columns; c++) distance += (a.mean[c]! - b.mean[c]!) ** 2;
  return distance;
}
