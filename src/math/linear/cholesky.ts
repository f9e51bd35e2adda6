import { type Matrix, matrix } from "./linear64.ts";

/** Swaps rows and columns p and q (q < p) of a symmetric matrix of which only columns and rows from q on are read. */
function swapSymmetric(s: Float64Array, d: number, q: number, p: number): void {
  const swap = (a: number, b: number) => {
    const kept = s[a]!;
    s[a] = s[b]!;
    s[b] = kept;
  };
  for (let c = q; c < d; c++) swap(q * d + c, p * d + c);
  for (let r = q; r < d; r++) swap(r * d + q, r * d + p);
}

/** row[from..d) -= sum over t < rank of factor[t, pivot] * factor[t, from..d), eight rows at a time. */
function subtractRows(factor: Float64Array, d: number, rank: number, from: number, row: Float64Array): void {
  let t = 0;
  for (; t + 7 < rank; t += 8) {
    const r0 = t * d;
    const [r1, r2, r3, r4, r5, r6, r7] = [
      r0 + d,
      r0 + 2 * d,
      r0 + 3 * d,
      r0 + 4 * d,
      r0 + 5 * d,
      r0 + 6 * d,
      r0 + 7 * d,
    ];
    const [f0, f1, f2, f3] = [factor[r0 + from], factor[r1 + from], factor[r2 + from], factor[r3 + from]];
    const [f4, f5, f6, f7] = [factor[r4 + from], factor[r5 + from], factor[r6 + from], factor[r7 + from]];
    for (let c = from; c < d; c++) {
      row[c]! -=
        f0! * factor[r0 + c]! +
        f1! * factor[r1 + c]! +
        f2! * factor[r2 + c]! +
        f3! * factor[r3 + c]! +
        (f4! * factor[r4 + c]! + f5! * factor[r5 + c]! + f6! * factor[r6 + c]! + f7! * factor[r7 + c]!);
    }
  }
  for (; t < rank; t++) {
    const f = factor[t * d + from]!;
    for (let c = from, at = t * d; c < d; c++) row[c]! -= f * factor[at + c]!;
  }
}

/**
 * Pivoted Cholesky factor of a symmetric positive semidefinite matrix S `[d,d]`: F `[r,d]` with FᵀF = S and r the
 * numerical rank (pivots below d * 2^-52 of the largest are rounding noise and end the factorisation).
 * Golub and Van Loan, Matrix Computations, 4th ed., section 4.2.8.
 */
export function semidefiniteFactor(source: Matrix): Matrix {
  const d = source.columns;
  const s = source.data.slice();
  const factor = new Float64Array(d * d);
  const left = Float64Array.from({ length: d }, (_, i) => s[i * d + i]!);
  const place = Int32Array.from({ length: d }, (_, i) => i);
  const floor = d * Number.EPSILON * left.reduce((a, b) => Math.max(a, b), 0);
  let rank = 0;
  for (; rank < d; rank++) {
    let pivot = rank;
    for (let i = rank + 1; i < d; i++) if (left[i]! > left[pivot]!) pivot = i;
    if (!(left[pivot]! > floor)) break;
    if (pivot !== rank) {
      swapSymmetric(s, d, rank, pivot);
      for (let t = 0; t < rank; t++) {
        const kept = factor[t * d + rank]!;
        factor[t * d + rank] = factor[t * d + pivot]!;
        factor[t * d + pivot] = kept;
      }
      [left[rank], left[pivot]] = [left[pivot]!, left[rank]!];
      [place[rank], place[pivot]] = [place[pivot]!, place[rank]!];
    }
    const row = factor.subarray(rank * d, rank * d + d);
    for (let c = rank; c < d; c++) row[c] = s[rank * d + c]!;
    subtractRows(factor, d, rank, rank, row);
    const scale = 1 / Math.sqrt(left[rank]!);
    for (let c = rank; c < d; c++) {
      row[c]! *= scale;
      left[c]! -= row[c]! * row[c]!;
    }
  }
  const out = matrix(rank, d);
  for (let t = 0; t < rank; t++) for (let c = t; c < d; c++) out.data[t * d + place[c]!] = factor[t * d + c]!;
  return out;
}
