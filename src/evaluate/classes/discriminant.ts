import { choleskySolver } from "../../math/linear/cholesky-solver.ts";
import { type Matrix, matrix, rowNorms2 } from "../../math/linear/linear64.ts";

/** A linear classifier: the logit of class k is weights[k] · x + bias[k]. */
export interface Discriminant {
  /** By class index; null for a class that nothing was learned of. */
  readonly classes: readonly ({ readonly weights: Float64Array; readonly bias: number } | null)[];
}

/** Fewest images that a class is learned from. */
const LEAST_OF_CLASS = 2;

/** Products of the columns with one another, divided by the number of rows: `[d,d]`. */
function secondMoments({ rows, columns: d, data }: Matrix): Float64Array {
  const out = new Float64Array(d * d);
  for (let i = 0; i < rows; i++) {
    const row = data.subarray(i * d, (i + 1) * d);
    for (let a = 0; a < d; a++) for (let b = 0; b <= a; b++) out[a * d + b]! += row[a]! * row[b]!;
  }
  for (let a = 0; a < d; a++) {
    for (let b = 0; b <= a; b++) {
      const value = out[a * d + b]! / rows;
      out[a * d + b] = value;
      out[b * d + a] = value;
    }
  }
  return out;
}

/**
 * Covariance of rows of mean 0, drawn towards a multiple of the identity by the share that Ledoit and Wolf (2004, J.
 * Multivariate Anal. 88:365-411, section 3) derive: well conditioned with fewer rows than columns too.
 * @returns `[d,d]` and the share, 0..1
 */
export function shrunkCovariance(rows: Matrix): { covariance: Float64Array; share: number } {
  const { rows: n, columns: d } = rows;
  const covariance = secondMoments(rows);
  let [trace, squares] = [0, 0];
  for (let c = 0; c < d; c++) trace += covariance[c * d + c]!;
  for (const value of covariance) squares += value * value;
  const scale = trace / d;
  const distance = squares / d - scale * scale;
  const fourth = rowNorms2(rows).reduce((sum, norm) => sum + norm * norm, 0) / n;
  const error = Math.max(0, (fourth - squares) / (n * d));
  const share = distance > 0 ? Math.min(1, error / distance) : 1;
  for (let i = 0; i < covariance.length; i++) covariance[i]! *= 1 - share;
  for (let c = 0; c < d; c++) covariance[c * d + c]! += share * scale;
  return { covariance, share };
}

/**
 * Linear discriminant analysis with equal priors (Hastie, Tibshirani and Friedman, 2nd ed., section 4.3) and the
 * covariance within classes of {@link shrunkCovariance}, on features at unit deviation within classes. No randomness.
 * @param labels Class index of each row.
 * @returns null where fewer than two classes have {@link LEAST_OF_CLASS} images
 */
export function trainDiscriminant(features: Matrix, labels: ArrayLike<number>, classes: number): Discriminant | null {
  const { columns: d, data } = features;
  const counts = new Int32Array(classes);
  for (let i = 0; i < labels.length; i++) counts[labels[i]!]!++;
  const learned = [...counts.keys()].filter((k) => counts[k]! >= LEAST_OF_CLASS);
  if (learned.length < 2) return null;
  const used = Array.from({ length: labels.length }, (_, i) => i).filter((i) => counts[labels[i]!]! >= LEAST_OF_CLASS);
  const means = matrix(classes, d);
  for (const i of used) {
    const k = labels[i]!;
    for (let c = 0; c < d; c++) means.data[k * d + c]! += data[i * d + c]! / counts[k]!;
  }
  const within = matrix(used.length, d);
  const scale = new Float64Array(d);
  for (const [row, i] of used.entries()) {
    for (let c = 0; c < d; c++) {
      const value = data[i * d + c]! - means.data[labels[i]! * d + c]!;
      within.data[row * d + c] = value;
      scale[c]! += (value * value) / used.length;
    }
  }
  for (let c = 0; c < d; c++) scale[c] = scale[c]! > 1e-18 ? Math.sqrt(scale[c]!) : 1;
  for (let i = 0; i < within.data.length; i++) within.data[i]! /= scale[i % d]!;
  const { covariance } = shrunkCovariance(within);
  // Features that vary in no class leave the matrix singular: this is below every variance that counts.
  for (let c = 0; c < d; c++) covariance[c * d + c]! += 1e-9;
  const solve = choleskySolver(covariance, d);
  return {
    classes: Array.from({ length: classes }, (_, k) => {
      if (counts[k]! < LEAST_OF_CLASS) return null;
      const mean = Float64Array.from({ length: d }, (_, c) => means.data[k * d + c]! / scale[c]!);
      const weights = mean.slice();
      solve(weights);
      const bias = -mean.reduce((sum, value, c) => sum + value * weights[c]!, 0) / 2;
      return { weights: weights.map((value, c) => value / scale[c]!), bias };
    }),
  };
}

/** Probabilities of the classes, row-major `[n, classes]`; 0 for a class that nothing was learned of. */
export function classProbabilities({ classes }: Discriminant, features: Matrix): Float64Array {
  const { rows: n, columns: d, data } = features;
  const out = new Float64Array(n * classes.length);
  for (let i = 0; i < n; i++) {
    const logits = classes.map((own) => {
      if (own === null) return Number.NEGATIVE_INFINITY;
      let sum = own.bias;
      for (let c = 0; c < d; c++) sum += own.weights[c]! * data[i * d + c]!;
      return sum;
    });
    const top = Math.max(...logits);
    const terms = logits.map((value) => Math.exp(value - top));
    const total = terms.reduce((a, b) => a + b, 0);
    for (const [k, term] of terms.entries()) out[i * classes.length + k] = term / total;
  }
  return out;
}
