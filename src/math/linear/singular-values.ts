import { invariant } from "../../core/errors.ts";
import type { Matrix } from "./linear64.ts";

/** Householder vector of x in place (v[0] = 1 scaled away: H = I - beta v vᵀ); returns beta and the new first entry. */
function householder(x: Float64Array, start: number): { beta: number; first: number } {
  let norm2 = 0;
  for (let i = start; i < x.length; i++) norm2 += x[i]! * x[i]!;
  if (norm2 === 0) return { beta: 0, first: 0 };
  const first = x[start]! > 0 ? -Math.sqrt(norm2) : Math.sqrt(norm2);
  x[start]! -= first;
  const v2 = norm2 - (x[start]! + first) ** 2 + x[start]! * x[start]!;
  return { beta: v2 > 0 ? 2 / v2 : 0, first };
}

function transposed(a: Matrix): Float64Array {
  const out = new Float64Array(a.data.length);
  for (let i = 0; i < a.rows; i++) for (let j = 0; j < a.columns; j++) out[j * a.rows + i] = a.data[i * a.columns + j]!;
  return out;
}

/**
 * Off-diagonals of the upper bidiagonal form, interleaved d1 e1 d2 e2 … dn (length 2n-1): Householder reflections from
 * both sides, one sweep over the rows a step (Golub and Van Loan, 4th ed., section 5.4.8).
 */
function bidiagonal(a: Float64Array, m: number, n: number): Float64Array {
  const bands = new Float64Array(Math.max(0, 2 * n - 1));
  const left = new Float64Array(m);
  const weights = new Float64Array(n);
  const right = new Float64Array(n);
  for (let k = 0; k < n; k++) {
    for (let i = k; i < m; i++) left[i] = a[i * n + k]!;
    const first = householder(left, k);
    bands[2 * k] = first.first;
    if (k + 1 === n) break;
    weights.fill(0, k + 1);
    for (let i = k; i < m; i++) {
      const value = left[i]!;
      for (let j = k + 1, at = i * n + k + 1; j < n; j++, at++) weights[j]! += value * a[at]!;
    }
    for (let j = k + 1; j < n; j++) {
      weights[j]! *= first.beta;
      right[j] = a[k * n + j]! - left[k]! * weights[j]!;
    }
    const second = householder(right, k + 1);
    bands[2 * k + 1] = second.first;
    for (let i = k + 1; i < m; i++) {
      const value = left[i]!;
      let product = 0;
      for (let j = k + 1, at = i * n + k + 1; j < n; j++, at++) {
        const changed = a[at]! - value * weights[j]!;
        a[at] = changed;
        product += changed * right[j]!;
      }
      product *= second.beta;
      for (let j = k + 1, at = i * n + k + 1; j < n; j++, at++) a[at]! -= product * right[j]!;
    }
  }
  return bands;
}

/**
 * Eigenvalues of a symmetric tridiagonal matrix, unsorted: implicit QL steps with Wilkinson's shift, no vectors
 * (Golub and Van Loan, 4th ed., section 8.3).
 * @param diagonal length n, overwritten with the eigenvalues
 * @param off length n-1, off[i] couples i and i+1; overwritten
 */
export function tridiagonalEigenvalues(diagonal: Float64Array, off: Float64Array): Float64Array {
  const n = diagonal.length;
  let norm = 0;
  for (let i = 0; i < n; i++) norm = Math.max(norm, Math.abs(diagonal[i]!) + Math.abs(off[i] ?? 0));
  const negligible = Number.EPSILON * norm;
  for (let start = 0; start < n; start++) {
    for (let sweep = 0; ; sweep++) {
      let end = start;
      while (end < n - 1 && Math.abs(off[end]!) > negligible) end++;
      if (end === start) break;
      invariant(sweep < 60, `QL iteration did not settle at row ${start} of ${n}`);
      const half = (diagonal[start + 1]! - diagonal[start]!) / (2 * off[start]!);
      const root = Math.sqrt(half * half + 1);
      let gap = diagonal[end]! - diagonal[start]! + off[start]! / (half + (half >= 0 ? root : -root));
      let sine = 1;
      let cosine = 1;
      let carried = 0;
      let i = end - 1;
      for (; i >= start; i--) {
        const f = sine * off[i]!;
        const b = cosine * off[i]!;
        const radius = Math.sqrt(f * f + gap * gap);
        if (i + 1 < end) off[i + 1] = radius;
        if (radius === 0) break;
        sine = f / radius;
        cosine = gap / radius;
        gap = diagonal[i + 1]! - carried;
        const turned = (diagonal[i]! - gap) * sine + 2 * cosine * b;
        carried = sine * turned;
        diagonal[i + 1] = gap + carried;
        gap = cosine * turned - b;
      }
      if (end < n - 1) off[end] = 0;
      if (i >= start) {
        diagonal[i + 1]! -= carried;
        continue;
      }
      diagonal[start]! -= carried;
      off[start] = gap;
    }
  }
  return diagonal;
}

/**
 * Singular values of a dense matrix, descending, min(rows, columns) of them, absolute error about 1e-15 of the largest.
 * The bidiagonal form is read as a symmetric tridiagonal matrix of twice the size with a zero diagonal, whose
 * eigenvalues are plus and minus the singular values (Golub and Kahan 1965): nothing is squared on the way.
 */
export function singularValues(matrix: Matrix): Float64Array {
  const wide = matrix.columns > matrix.rows;
  const m = wide ? matrix.columns : matrix.rows;
  const n = wide ? matrix.rows : matrix.columns;
  if (n === 0) return new Float64Array(0);
  const bands = bidiagonal(wide ? transposed(matrix) : matrix.data.slice(), m, n);
  const pairs = tridiagonalEigenvalues(new Float64Array(2 * n), bands);
  return pairs.sort().reverse().slice(0, n).map(Math.abs);
}
