import { invariant, type Problem, throwIfProblems } from "../../core/errors.ts";
import { choleskySolver } from "../../math/linear/cholesky-solver.ts";
import { parseOutcomeMetric } from "../statistics/outcome-metric.ts";
import { logisticObjective, softmaxInPlace, type WeightedRows, weightedGram } from "./logistic-objective.ts";
import { minimiseConvex } from "./minimise-convex.ts";

/** What a linear probe learns from. */
export interface ProbeOptions {
  /** Row-major [n, d], finite. */
  readonly features: Float32Array | Float64Array;
  /** Class index of each of the n images. */
  readonly labels: ArrayLike<number>;
  readonly classes: readonly string[];
  /** Images to learn from, by index; one that is there twice counts twice. */
  readonly train: readonly number[];
  /** Images on which the strength is chosen, of at least two classes. */
  readonly validation: readonly number[];
  /** Whether each class counts as much as every other, rather than each image. Defaults to true. */
  readonly balanced?: boolean;
  /** Strengths to choose from, from strong to weak. Defaults to {@link STRENGTHS}. */
  readonly strengths?: readonly number[];
}

/** Multinomial logistic regression on standardised features. */
export interface LinearProbe {
  /** Of the training images' features [d]. */
  readonly mean: Float64Array;
  /** Population deviation [d]; 1 where a feature does not vary. */
  readonly deviation: Float64Array;
  /** [classes, d], row-major, for standardised features. */
  readonly weights: Float64Array;
  /** [classes] */
  readonly bias: Float64Array;
  /** The one that was chosen. */
  readonly strength: number;
  /** Mean one-vs-rest AUC on the validation images. */
  readonly validation: number;
}

/** Factors of half the squared weights beside the mean cross entropy, from strong to weak; scikit-learn's 1 / (C n). */
export const STRENGTHS = [10, 1, 0.1, 0.01, 1e-3, 1e-4] as const;

/** Bias of a class without a training image: its probability is 0. */
const NEVER = -1e4;

/** How often each value is there, in the order of first appearance. */
function countValues(values: readonly number[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

function standardisation(features: ArrayLike<number>, d: number, counts: ReadonlyMap<number, number>, total: number) {
  const mean = new Float64Array(d);
  const deviation = new Float64Array(d);
  for (const [index, count] of counts) for (let c = 0; c < d; c++) mean[c]! += count * features[index * d + c]!;
  for (let c = 0; c < d; c++) mean[c]! /= total;
  for (const [index, count] of counts) {
    for (let c = 0; c < d; c++) deviation[c]! += count * (features[index * d + c]! - mean[c]!) ** 2;
  }
  // Of a feature that does not vary nothing but the rounding of its mean is left.
  for (let c = 0; c < d; c++) {
    const found = Math.sqrt(deviation[c]! / total);
    deviation[c] = found > 1e-12 * Math.abs(mean[c]!) ? found : 1;
  }
  return { mean, deviation };
}

/** Training images as standardised rows, each image once with what it counts. */
function weightedRows(
  { features, labels, train, balanced = true }: ProbeOptions,
  { mean, deviation }: Pick<LinearProbe, "mean" | "deviation">,
  counts: ReadonlyMap<number, number>,
  present: readonly number[],
): WeightedRows {
  const d = mean.length;
  const ofClass = countValues(train.map((index) => labels[index]!));
  const rows = new Float64Array(counts.size * (d + 1));
  let at = 0;
  for (const index of counts.keys()) {
    for (let c = 0; c < d; c++) rows[at++] = (features[index * d + c]! - mean[c]!) / deviation[c]!;
    rows[at++] = 1;
  }
  return {
    rows,
    columns: d + 1,
    labels: Int32Array.from(counts.keys(), (index) => present.indexOf(labels[index]!)),
    classes: present.length,
    weights: Float64Array.from(counts, ([index, count]) =>
      balanced ? count / (present.length * (ofClass.get(labels[index]!) as number)) : count / train.length,
    ),
  };
}

/**
 * An approximate inverse of the second derivatives of the objective: the same for every class, with p (1 - p) of equal
 * probabilities for each image (Boehning 1992, Ann. Inst. Statist. Math. 44:197-200, has the exact bound).
 */
function preconditioner(gram: Float64Array, { columns, classes }: WeightedRows, strength: number) {
  const curvature = (1 / classes) * (1 - 1 / classes);
  const matrix = gram.map((value) => curvature * value);
  for (let c = 0; c < columns - 1; c++) matrix[c * columns + c]! += strength;
  // The column of ones alone is never singular by itself, but may be a sum of others.
  matrix[columns ** 2 - 1]! *= 1 + 1e-9;
  const solve = choleskySolver(matrix, columns);
  return (direction: Float64Array): void => {
    for (let k = 0; k < classes; k++) solve(direction.subarray(k * columns, (k + 1) * columns));
  };
}

/** Weights [present, d + 1] of the classes that were trained on as weights and biases of all classes. */
function allClasses(
  solution: Float64Array,
  present: readonly number[],
  classes: number,
  d: number,
): Pick<LinearProbe, "weights" | "bias"> {
  const weights = new Float64Array(classes * d);
  const bias = new Float64Array(classes).fill(NEVER);
  present.forEach((c, k) => {
    weights.set(solution.subarray(k * (d + 1), k * (d + 1) + d), c * d);
    bias[c] = solution[k * (d + 1) + d]!;
  });
  return { weights, bias };
}

/**
 * Trains a linear probe: features standardised by the training images, multinomial logistic regression with the squared
 * weights (not the biases) held down, of the strengths the one with the best mean AUC on the validation images, of equal
 * ones the strongest. Float64, full batch, each strength solved to a gradient of 1e-7 at most: equal options give equal
 * numbers.
 * @throws GanglionError `dataset` when either part has fewer than two classes, or a feature is not finite
 */
export function trainProbe(options: ProbeOptions): LinearProbe {
  const { features, labels, classes, train, validation, strengths = STRENGTHS } = options;
  const d = features.length / labels.length;
  invariant(Number.isInteger(d) && d > 0, `${features.length} features for ${labels.length} images`);
  checkOptions(options, d);
  const counts = countValues(train);
  const present = [...new Set(train.map((index) => labels[index]!))].sort((a, b) => a - b);
  const scale = standardisation(features, d, counts, train.length);
  const data = weightedRows(options, scale, counts, present);
  const gram = weightedGram(data);

  const heldFeatures = new Float64Array(validation.length * d);
  validation.forEach((index, n) => {
    heldFeatures.set(features.subarray(index * d, (index + 1) * d), n * d);
  });
  const heldLabels = Int32Array.from(validation, (index) => labels[index]!);
  const set = { name: "validation", classes, labels: heldLabels, patients: heldLabels };
  const ones = new Float64Array(validation.length).fill(1);
  const auc = parseOutcomeMetric("auc");

  // From strong to weak, each from the solution of the one before.
  const solution = new Float64Array(present.length * data.columns);
  let best: LinearProbe | null = null;
  for (const strength of strengths) {
    const objective = (w: Float64Array, gradient: Float64Array) => logisticObjective(data, strength, w, gradient);
    minimiseConvex(objective, solution, { precondition: preconditioner(gram, data, strength) });
    const probe = { ...scale, ...allClasses(solution, present, classes.length, d), strength };
    const found = auc.prepare(readProbe(probe, heldFeatures), set)(ones);
    if (best === null || found > best.validation) best = { ...probe, validation: found };
  }
  return best as LinearProbe;
}

function checkOptions({ features, labels, train, validation }: ProbeOptions, d: number): void {
  const problems: Problem[] = [];
  for (const [name, part] of Object.entries({ training: train, validation })) {
    const found = new Set(part.map((index) => labels[index])).size;
    if (found < 2) {
      const message = `the ${name} images are of ${found} class; a classifier needs two: add images`;
      problems.push({ code: "classes", path: name, message });
    }
    const bad = part.find((index) => !features.subarray(index * d, (index + 1) * d).every(Number.isFinite));
    if (bad !== undefined) {
      const message = `features of image ${bad} are not finite; look at that image or choose another extractor`;
      problems.push({ code: "feature", path: name, message });
    }
  }
  throwIfProblems("dataset", "no probe can be trained", problems);
}

/**
 * Probabilities of each class.
 * @param features Row-major [n, d], as they are (not standardised).
 * @returns [n, classes], row-major
 */
export function readProbe(
  { mean, deviation, weights, bias }: Pick<LinearProbe, "mean" | "deviation" | "weights" | "bias">,
  features: Float32Array | Float64Array,
): Float32Array {
  const d = mean.length;
  const n = features.length / d;
  const out = new Float32Array(n * bias.length);
  const row = new Float64Array(d);
  const p = new Float64Array(bias.length);
  for (let i = 0; i < n; i++) {
    for (let c = 0; c < d; c++) row[c] = (features[i * d + c]! - mean[c]!) / deviation[c]!;
    for (let k = 0; k < p.length; k++) {
      p[k] = bias[k]!;
      for (let c = 0, at = k * d; c < d; c++) p[k]! += weights[at + c]! * row[c]!;
    }
    softmaxInPlace(p);
    out.set(p, i * p.length);
  }
  return out;
}
