/** Images that a linear classifier learns from. */
export interface WeightedRows {
  /** Features with a last column of ones, row-major [n, columns]. */
  readonly rows: Float64Array;
  readonly columns: number;
  /** Class of each row, in [0, classes). */
  readonly labels: Int32Array;
  readonly classes: number;
  /** What each row counts, not negative, sum 1. */
  readonly weights: Float64Array;
}

/** Turns logits into probabilities in place; returns the logarithm of the sum of exponentials. */
export function softmaxInPlace(z: Float64Array): number {
  let top = Number.NEGATIVE_INFINITY;
  for (let k = 0; k < z.length; k++) top = Math.max(top, z[k]!);
  let sum = 0;
  for (let k = 0; k < z.length; k++) {
    z[k] = Math.exp(z[k]! - top);
    sum += z[k]!;
  }
  for (let k = 0; k < z.length; k++) z[k]! /= sum;
  return top + Math.log(sum);
}

/**
 * Weighted mean of the cross entropy plus strength / 2 times the squared weights, those of the last column (the biases)
 * left out: the objective of multinomial logistic regression (Hastie, Tibshirani and Friedman, 2nd ed., eq. 18.10).
 * @param w [classes, columns]
 * @param gradient Of the objective by w, overwritten.
 * @returns the objective
 */
export function logisticObjective(
  { rows, columns, labels, classes, weights }: WeightedRows,
  strength: number,
  w: Float64Array,
  gradient: Float64Array,
): number {
  gradient.fill(0);
  const count = labels.length;
  const p = new Float64Array(classes);
  const residual = new Float64Array(4 * classes);
  let value = 0;
  for (let i = 0; i < count; i += 4) {
    // Four rows at a time, so that each weight is loaded once for four products. Rows past the end count nothing.
    const [at0, at1, at2, at3] = [0, 1, 2, 3].map((r) => Math.min(i + r, count - 1) * columns);
    for (let k = 0, from = 0; k < classes; k++, from += columns) {
      let [z0, z1, z2, z3] = [0, 0, 0, 0];
      for (let c = 0; c < columns; c++) {
        const factor = w[from + c]!;
        z0 += factor * rows[at0! + c]!;
        z1 += factor * rows[at1! + c]!;
        z2 += factor * rows[at2! + c]!;
        z3 += factor * rows[at3! + c]!;
      }
      residual[k] = z0;
      residual[classes + k] = z1;
      residual[2 * classes + k] = z2;
      residual[3 * classes + k] = z3;
    }
    for (let r = 0; r < 4; r++) {
      const weight = i + r < count ? weights[i + r]! : 0;
      const label = i + r < count ? labels[i + r]! : 0;
      for (let k = 0; k < classes; k++) p[k] = residual[r * classes + k]!;
      const own = p[label]!;
      value += weight * (softmaxInPlace(p) - own);
      p[label]! -= 1;
      for (let k = 0; k < classes; k++) residual[r * classes + k] = weight * p[k]!;
    }
    for (let k = 0, to = 0; k < classes; k++, to += columns) {
      const [r0, r1] = [residual[k], residual[classes + k]];
      const [r2, r3] = [residual[2 * classes + k], residual[3 * classes + k]];
      for (let c = 0; c < columns; c++) {
        gradient[to + c]! +=
          r0! * rows[at0! + c]! + r1! * rows[at1! + c]! + (r2! * rows[at2! + c]! + r3! * rows[at3! + c]!);
      }
    }
  }
  for (let k = 0; k < classes; k++) {
    for (let c = 0, to = k * columns; c < columns - 1; c++) {
      value += (strength / 2) * w[to + c]! ** 2;
      gradient[to + c]! += strength * w[to + c]!;
    }
  }
  return value;
}

/** Sum over rows of weight times row times its transpose, [columns, columns]; the lower triangle only. */
export function weightedGram({ rows, columns, weights }: WeightedRows): Float64Array {
  const gram = new Float64Array(columns * columns);
  const count = weights.length;
  for (let i = 0; i < count; i += 4) {
    // Rows past the end count nothing; they read the last one.
    const at = [0, 1, 2, 3].map((r) => Math.min(i + r, count - 1) * columns);
    const by = [0, 1, 2, 3].map((r) => (i + r < count ? weights[i + r] : 0));
    const [at0, at1, at2, at3] = at;
    for (let a = 0; a < columns; a++) {
      const [v0, v1] = [by[0]! * rows[at0! + a]!, by[1]! * rows[at1! + a]!];
      const [v2, v3] = [by[2]! * rows[at2! + a]!, by[3]! * rows[at3! + a]!];
      for (let b = 0, to = a * columns; b <= a; b++) {
        gram[to + b]! += v0 * rows[at0! + b]! + v1 * rows[at1! + b]! + (v2 * rows[at2! + b]! + v3 * rows[at3! + b]!);
      }
    }
  }
  return gram;
}
