import { Rng } from "../../core/rng.ts";
import { columnMeans, type Linear64, type Matrix, matrix } from "./linear64.ts";

/** Sweeps of the subspace iteration: the larger axes settle first. */
const SWEEPS = 15;

/** Orthogonal axes of the largest variance. */
export interface PrincipalAxes {
  /** Column means `[d]`. */
  readonly mean: Float64Array;
  /** Orthonormal rows `[k,d]`. */
  readonly axes: Matrix;
  /** Part of all variance along them, 0..1; 1 where there is none. */
  readonly share: number;
}

const norm = (row: Float64Array): number => Math.sqrt(row.reduce((square, value) => square + value * value, 0));

/** Makes the rows orthonormal, one after the other (modified Gram-Schmidt); a row that depends on others becomes 0. @returns their lengths before */
function orthonormalise({ rows, columns: d, data }: Matrix): Float64Array {
  const lengths = new Float64Array(rows);
  for (let a = 0; a < rows; a++) {
    const row = data.subarray(a * d, (a + 1) * d);
    const whole = norm(row);
    for (let b = 0; b < a; b++) {
      let product = 0;
      for (let i = 0; i < d; i++) product += row[i]! * data[b * d + i]!;
      for (let i = 0; i < d; i++) row[i]! -= product * data[b * d + i]!;
    }
    const length = norm(row);
    lengths[a] = length > 1e-10 * whole ? length : 0;
    const scale = lengths[a]! > 0 ? 1 / length : 0;
    for (let i = 0; i < d; i++) row[i]! *= scale;
  }
  return lengths;
}

/**
 * The `most` axes of largest variance of the rows of `x` (principal component analysis), by subspace iteration on the
 * covariance from random rows that are the same every time.
 * @param x `[n,d]`, n >= 2
 */
export async function principalAxes(x: Matrix, most: number, linear: Linear64): Promise<PrincipalAxes> {
  const { rows: n, columns: d } = x;
  const k = Math.min(most, d, n - 1);
  const mean = columnMeans(x);
  const covariance = await linear.moments(x, mean);
  let total = 0;
  for (let c = 0; c < d; c++) total += covariance.data[c * d + c]!;
  let axes = matrix(k, d, new Rng("principal axes").fillNormal(new Float64Array(k * d)));
  orthonormalise(axes);
  let lengths: Float64Array = new Float64Array(k);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    axes = await linear.multiplyTransposed(axes, covariance);
    lengths = orthonormalise(axes);
  }
  return { mean, axes, share: total > 0 ? lengths.reduce((a, b) => a + b, 0) / total : 1 };
}
