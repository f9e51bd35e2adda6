import { type Matrix, matrix } from "./linear64.ts";

/**
 * Pivoted Cholesky factor of a symmetric positive semidefinite matrix S `[d,d]`: F `[r,d]` with FᵀF = S and r the
 * numerical rank (pivots below d * 2^-52 of the largest are rounding noise and end the factorisation).
 * Golub and Van Loan, Matrix Computations, 4th ed., section 4.2.8.
 */
export function semidefiniteFactor(s: Matrix): Matrix {
  const d = s.columns;
  const factor = new Float64Array(d * d);
  const left = new Float64Array(d);
  for (let i = 0; i < d; i++) left[i] = s.data[i * d + i];
  const floor = d * Number.EPSILON * left.reduce((a, b) => Math.max(a, b), 0);
  let rank = 0;
  for (; rank < d; rank++) {
    let pivot = 0;
    for (let i = 1; i < d; i++) if (left[i] > left[pivot]) pivot = i;
    if (!(left[pivot] > floor)) break;
    const row = factor.subarray(rank * d, rank * d + d);
    row.set(s.data.subarray(pivot * d, pivot * d + d));
    let t = 0;
    for (; t + 1 < rank; t += 2) {
      const f = factor[t * d + pivot];
      const g = factor[(t + 1) * d + pivot];
      for (let c = 0, at = t * d, next = at + d; c < d; c++) row[c] -= f * factor[at + c] + g * factor[next + c];
    }
    for (; t < rank; t++) {
      const f = factor[t * d + pivot];
      for (let c = 0, at = t * d; c < d; c++) row[c] -= f * factor[at + c];
    }
    const scale = 1 / Math.sqrt(left[pivot]);
    for (let c = 0; c < d; c++) {
      row[c] *= scale;
      left[c] -= row[c] * row[c];
    }
    left[pivot] = Number.NEGATIVE_INFINITY;
  }
  return matrix(rank, d, factor.subarray(0, rank * d));
}
