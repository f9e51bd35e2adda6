import { invariant } from "../../core/errors.ts";

/**
 * Solves S x = b for a symmetric positive definite S [d, d], row-major, by its Cholesky factor (Golub and Van Loan,
 * 4th ed., section 4.2.5). Only the lower triangle of S is read.
 */
export function choleskySolver(s: Float64Array, d: number): (b: Float64Array) => void {
  const l = new Float64Array(d * d);
  for (let i = 0; i < d; i++) {
    for (let j = 0; j <= i; j++) {
      const [row, column] = [i * d, j * d];
      let sum = s[row + j]!;
      for (let t = 0; t < j; t++) sum -= l[row + t]! * l[column + t]!;
      if (i === j) invariant(sum > 0, `the matrix is not positive definite at row ${i} of ${d}`);
      l[row + j] = i === j ? Math.sqrt(sum) : sum / l[column + j]!;
    }
  }
  return (b) => {
    for (let i = 0; i < d; i++) {
      let sum = b[i]!;
      for (let t = 0, at = i * d; t < i; t++) sum -= l[at + t]! * b[t]!;
      b[i] = sum / l[i * d + i]!;
    }
    for (let i = d - 1; i >= 0; i--) {
      b[i]! /= l[i * d + i]!;
      const value = b[i]!;
      for (let t = 0, at = i * d; t < i; t++) b[t]! -= value * l[at + t]!;
    }
  };
}
