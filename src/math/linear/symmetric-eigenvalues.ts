import type { Matrix } from "./linear64.ts";
import { tridiagonalEigenvalues } from "./singular-values.ts";

/**
 * Turns x[0..m-1] in place into the Householder vector v that maps x to (0, …, 0, last); returns `last` and the factor
 * beta of H = I - beta v vᵀ.
 */
function reflector(x: Float64Array, m: number): { beta: number; last: number } {
  let norm2 = 0;
  for (let i = 0; i < m; i++) norm2 += x[i]! * x[i]!;
  const old = x[m - 1]!;
  if (norm2 - old * old === 0) return { beta: 0, last: old };
  const last = old > 0 ? -Math.sqrt(norm2) : Math.sqrt(norm2);
  x[m - 1] = old - last;
  return { beta: 2 / (norm2 - old * old + x[m - 1]! * x[m - 1]!), last };
}

/**
 * One sweep over the leading m x m lower triangle: a -= v wᵀ + w vᵀ, and p = a u with the changed a. Four rows at a
 * time, so that each entry of the vectors is loaded once for four entries of the matrix.
 */
function updateAndMultiply(
  a: Float64Array,
  d: number,
  m: number,
  v: Float64Array,
  w: Float64Array,
  u: Float64Array,
  p: Float64Array,
): void {
  p.fill(0, 0, m);
  let i = 0;
  for (; i + 3 < m; i += 4) {
    const [v0, v1, v2, v3] = [v[i], v[i + 1], v[i + 2], v[i + 3]];
    const [w0, w1, w2, w3] = [w[i], w[i + 1], w[i + 2], w[i + 3]];
    const [u0, u1, u2, u3] = [u[i], u[i + 1], u[i + 2], u[i + 3]];
    let p0 = 0;
    let p1 = 0;
    let p2 = 0;
    let p3 = 0;
    const row0 = i * d;
    const row1 = row0 + d;
    const row2 = row1 + d;
    const row3 = row2 + d;
    for (let j = 0; j < i; j++) {
      const vj = v[j]!;
      const wj = w[j]!;
      const uj = u[j]!;
      const a0 = a[row0 + j]! - v0! * wj - w0! * vj;
      const a1 = a[row1 + j]! - v1! * wj - w1! * vj;
      const a2 = a[row2 + j]! - v2! * wj - w2! * vj;
      const a3 = a[row3 + j]! - v3! * wj - w3! * vj;
      a[row0 + j] = a0;
      a[row1 + j] = a1;
      a[row2 + j] = a2;
      a[row3 + j] = a3;
      p0 += a0 * uj;
      p1 += a1 * uj;
      p2 += a2 * uj;
      p3 += a3 * uj;
      p[j]! += a0 * u0! + a1 * u1! + a2 * u2! + a3 * u3!;
    }
    p[i]! += p0;
    p[i + 1]! += p1;
    p[i + 2]! += p2;
    p[i + 3]! += p3;
    for (let r = i; r < i + 4; r++) updateRow(a, d, r, i, v, w, u, p);
  }
  for (; i < m; i++) updateRow(a, d, i, 0, v, w, u, p);
}

/** The same for the entries from column `from` to the diagonal of one row. */
function updateRow(
  a: Float64Array,
  d: number,
  row: number,
  from: number,
  v: Float64Array,
  w: Float64Array,
  u: Float64Array,
  p: Float64Array,
): void {
  for (let j = from; j <= row; j++) {
    const value = a[row * d + j]! - v[row]! * w[j]! - w[row]! * v[j]!;
    a[row * d + j] = value;
    p[row]! += value * u[j]!;
    if (j < row) p[j]! += value * u[row]!;
  }
}

/**
 * Eigenvalues of a symmetric matrix, ascending, absolute error about 1e-15 of the largest: Householder reduction to
 * tridiagonal form from the last row up (Golub and Van Loan, 4th ed., section 8.3.1), the rank-two change of one step
 * and the product of the next in one sweep over the triangle; then implicit QL. Only the lower triangle is read.
 */
export function symmetricEigenvalues(matrix: Matrix): Float64Array {
  const d = matrix.rows;
  const a = matrix.data.slice();
  const diagonal = new Float64Array(d);
  const off = new Float64Array(Math.max(0, d - 1));
  const v = new Float64Array(d);
  const w = new Float64Array(d);
  const u = new Float64Array(d);
  const p = new Float64Array(d);
  for (let m = d - 1; m >= 1; m--) {
    for (let j = 0; j <= m; j++) {
      const value = a[m * d + j]! - v[m]! * w[j]! - w[m]! * v[j]!;
      if (j === m) diagonal[m] = value;
      else u[j] = value;
    }
    const { beta, last } = reflector(u, m);
    off[m - 1] = last;
    updateAndMultiply(a, d, m, v, w, u, p);
    let along = 0;
    for (let j = 0; j < m; j++) along += p[j]! * u[j]!;
    const half = (beta * beta * along) / 2;
    for (let j = 0; j < m; j++) {
      v[j] = u[j]!;
      w[j] = beta * p[j]! - half * u[j]!;
    }
  }
  if (d > 0) diagonal[0] = a[0]! - 2 * v[0]! * w[0]!;
  return tridiagonalEigenvalues(diagonal, off).sort();
}
