/** The class with the highest score of each image, the first of equal ones. @param scores Row-major [n, classes]. */
export function assignedClasses(scores: ArrayLike<number>, classes: number): Int32Array {
  const n = scores.length / classes;
  const assigned = new Int32Array(n);
  for (let i = 0; i < n; i++) {
    let best = 0;
    for (let c = 1; c < classes; c++) if (scores[i * classes + c]! > scores[i * classes + best]!) best = c;
    assigned[i] = best;
  }
  return assigned;
}

/** How much weight each class has and was given, and how much of it rightly. */
export interface ClassWeights {
  readonly actual: Float64Array;
  readonly assigned: Float64Array;
  readonly right: Float64Array;
}

/** Sums of weights per class. @param weights How often each image counts, not negative. */
export function classWeights(
  labels: ArrayLike<number>,
  assigned: ArrayLike<number>,
  classes: number,
  weights: ArrayLike<number>,
): ClassWeights {
  const sums = {
    actual: new Float64Array(classes),
    assigned: new Float64Array(classes),
    right: new Float64Array(classes),
  };
  for (let i = 0; i < labels.length; i++) {
    const weight = weights[i]!;
    sums.actual[labels[i]!]! += weight;
    sums.assigned[assigned[i]!]! += weight;
    if (labels[i] === assigned[i]) sums.right[labels[i]!]! += weight;
  }
  return sums;
}

/** Mean over classes that have weight of the share that was assigned rightly (recall); NaN without weight. */
export function balancedAccuracy({ actual, right }: ClassWeights): number {
  let [sum, present] = [0, 0];
  for (let c = 0; c < actual.length; c++) {
    if (actual[c]! > 0) {
      sum += right[c]! / actual[c]!;
      present++;
    }
  }
  return sum / present;
}

/** F1 of one class, 2 TP / (2 TP + FP + FN); NaN where the class neither occurs nor is assigned. */
export function classF1({ actual, assigned, right }: ClassWeights, ofClass: number): number {
  return (2 * right[ofClass]!) / (actual[ofClass]! + assigned[ofClass]!);
}
