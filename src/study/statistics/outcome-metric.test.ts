import { describe, expect, test } from "vitest";
import { GanglionError } from "../../core/errors.ts";
import { Rng } from "../../core/rng.ts";
import { parseOutcomeMetric } from "./outcome-metric.ts";
import type { TestSet } from "./test-set.ts";
import { referenceCase } from "./testing/reference-case.ts";

const ones = (set: TestSet) => new Float64Array(set.labels.length).fill(1);

/** Two classes, each image its own patient; the score is that of class `positive`. */
function binary(labels: readonly number[], positive: readonly number[]) {
  const patients = Int32Array.from(labels, (_, i) => i);
  const set: TestSet = { name: "binary", classes: ["negative", "positive"], labels: Int32Array.from(labels), patients };
  return { set, scores: Float32Array.from(positive.flatMap((p) => [1 - p, p])) };
}

function measure(
  name: string,
  { set, scores }: { set: TestSet; scores: Float32Array },
  weights: ArrayLike<number> = ones(set),
): number {
  return parseOutcomeMetric(name).prepare(scores, set)(weights);
}

describe("scikit-learn 1.2.1 and NumPy on the reference case, without and with weights", () => {
  // roc_auc_score of each class against the rest, balanced_accuracy_score, f1_score, numpy.interp over roc_curve with every
  // threshold, all with sample_weight; the calibration error by a loop over bins.
  test.each([
    ["auc:a", 0.771, 0.8085155350978136],
    ["auc:b", 0.8914576802507836, 0.9208693229311786],
    ["auc:c", 0.8463541666666666, 0.8663793103448275],
    ["auc", 0.8362706156391501, 0.8652547227912732],
    ["balancedAccuracy", 0.5901515151515152, 0.6572775306952522],
    ["f1:a", 0.6818181818181819, 0.72],
    ["f1:b", 0.5853658536585366, 0.696969696969697],
    ["f1:c", 0.3225806451612903, 0.46153846153846156],
    ["f1", 0.5299215602126696, 0.6261693861693862],
    ["sensitivity@0.85:a", 0.46, 0.5189873417721519],
    ["sensitivity@0.85:b", 0.7136363636363637, 0.7567567567567568],
    ["sensitivity@0.85:c", 0.75, 0.7777777777777778],
    ["sensitivity@0.77:a", 0.48, 0.5569620253164557],
    ["sensitivity@0.77:b", 0.7727272727272727, 0.8378378378378378],
    ["ece", 0.11598387062549591, 0.15432579904349883],
  ])("%s", (name, plain, weighted) => {
    const found = referenceCase();
    // Sensitivity takes 1e-9 of the negatives for rounding.
    const digits = name.startsWith("sensitivity") ? 7 : 12;
    expect(measure(name, found)).toBeCloseTo(plain, digits);
    expect(measure(name, found, found.weights)).toBeCloseTo(weighted, digits);
  });
});

describe("a weight is so many copies", () => {
  test.each(["auc", "auc:b", "balancedAccuracy", "f1", "f1:c", "sensitivity@0.8:b", "ece"])("%s", (name) => {
    const { set, scores, weights } = referenceCase();
    const copies = [...weights].flatMap((weight, i) => new Array<number>(weight).fill(i));
    const labels = Int32Array.from(copies, (i) => set.labels[i]!);
    const copied = {
      set: { ...set, labels, patients: labels.map((_, i) => i) },
      scores: new Float32Array(3 * labels.length),
    };
    copies.forEach((i, n) => {
      copied.scores.set(scores.subarray(3 * i, 3 * i + 3), 3 * n);
    });
    expect(measure(name, { set, scores }, weights)).toBeCloseTo(measure(name, copied), 9);
  });
});

describe("AUC", () => {
  test("is the share of pairs in the right order, ties one half: 2 x 3 pairs by hand", () => {
    // 0.8 is above 0.1, 0.5 and 0.7; 0.5 is above 0.1, tied with 0.5, below 0.7: (3 + 1.5) / 6.
    const found = binary([1, 1, 0, 0, 0], [0.8, 0.5, 0.1, 0.5, 0.7]);
    expect(measure("auc:positive", found)).toBeCloseTo(4.5 / 6, 15);
    expect(measure("auc:negative", found)).toBeCloseTo(4.5 / 6, 15);
    expect(measure("auc", found)).toBeCloseTo(4.5 / 6, 15);
  });

  test("of weighted images equals the sum over all pairs", () => {
    const rng = new Rng(0, "pairs");
    for (let round = 0; round < 20; round++) {
      const labels = Array.from({ length: 30 }, () => rng.integer(2));
      const found = binary(
        labels,
        Array.from({ length: 30 }, () => rng.integer(8) / 8),
      );
      const weights = Float64Array.from({ length: 30 }, () => rng.integer(3));
      let [right, all] = [0, 0];
      for (let i = 0; i < 30; i++) {
        for (let j = 0; j < 30; j++) {
          if (labels[i] !== 1 || labels[j] !== 0) continue;
          const [a, b] = [found.scores[2 * i + 1], found.scores[2 * j + 1]];
          right += weights[i]! * weights[j]! * (a! > b! ? 1 : a === b ? 0.5 : 0);
          all += weights[i]! * weights[j]!;
        }
      }
      expect(measure("auc:positive", found, weights)).toBeCloseTo(right / all, 12);
    }
  });

  test("is 1/2 where all scores are equal, and unknown where a class has no weight", () => {
    const found = binary([1, 0, 0], [0.5, 0.5, 0.5]);
    expect(measure("auc:positive", found)).toBe(0.5);
    expect(measure("auc:positive", found, Float64Array.of(0, 1, 1))).toBeNaN();
  });
});

describe("sensitivity at a specificity", () => {
  // Falling scores: + - + + - -; the curve goes through (0, 1/3), (1/3, 1/3), (1/3, 1), (2/3, 1).
  const found = binary([1, 0, 1, 1, 0, 0], [0.9, 0.8, 0.7, 0.6, 0.5, 0.4]);
  test.each([
    [0.99, 1 / 3],
    [0.7, 1 / 3],
    [0.6, 1],
    [0.1, 1],
  ])("%s: %s", (specificity, sensitivity) => {
    expect(measure(`sensitivity@${specificity}:positive`, found)).toBeCloseTo(sensitivity, 7);
  });

  test("is the top of the curve where it rises straight up, and lies on the line across a tie", () => {
    const quarters = binary([0, 1, 1, 0, 0, 0], [0.9, 0.8, 0.7, 0.6, 0.5, 0.4]);
    expect(measure("sensitivity@0.75:positive", quarters)).toBeCloseTo(1, 7);
    // One group of 2 positives and 2 negatives: half of both at specificity 1/2.
    const tied = binary([1, 1, 0, 0], [0.5, 0.5, 0.5, 0.5]);
    expect(measure("sensitivity@0.5:positive", tied)).toBeCloseTo(0.5, 7);
  });
});

describe("classes and calibration", () => {
  test("of equal scores the first class is assigned", () => {
    expect(measure("balancedAccuracy", binary([0, 1], [0.5, 0.5]))).toBe(0.5);
    expect(measure("f1:negative", binary([0, 1], [0.5, 0.5]))).toBeCloseTo(2 / 3, 12);
  });

  test("balanced accuracy and F1 pass over classes that the test set lacks", () => {
    const { set, scores } = binary([0, 0, 1, 1], [0.2, 0.7, 0.8, 0.4]);
    const wider = { ...set, classes: ["negative", "positive", "never"] };
    const widened = Float32Array.from([0, 1, 2, 3].flatMap((i) => [scores[2 * i], scores[2 * i + 1], 0]));
    for (const name of ["balancedAccuracy", "f1", "auc"]) {
      expect(measure(name, { set: wider, scores: widened })).toBe(measure(name, { set, scores }));
    }
    expect(measure("f1:never", { set: wider, scores: widened })).toBeNaN();
  });

  test("calibration error by hand: bins of 0.75 and 0.95, one of four wrong", () => {
    // (0.6667, 0.7333] no; 0.75 lies in (0.7333, 0.8], accuracy 1/2, confidence 0.75; 0.95 in (0.9333, 1], accuracy 1.
    const found = binary([1, 0, 1, 1], [0.75, 0.75, 0.95, 0.95]);
    expect(measure("ece", found)).toBeCloseTo(0.5 * 0.25 + 0.5 * 0.05, 7);
    // 1 closes the bin that 0.96 lies in.
    expect(measure("ece", binary([1, 0], [0.96, 1]))).toBeCloseTo(0.5 * (1 - 0.04), 7);
    expect(measure("ece", binary([1, 0], [1, 0]))).toBe(0);
    expect(measure("ece", binary([0, 1], [1, 0]))).toBe(1);
  });
});

describe("names", () => {
  test("say the direction and the class", () => {
    expect(parseOutcomeMetric("ece")).toMatchObject({ better: "lower", ofClass: null });
    expect(parseOutcomeMetric("auc:seborrheic keratosis")).toMatchObject({
      better: "higher",
      ofClass: "seborrheic keratosis",
      name: "auc:seborrheic keratosis",
    });
    expect(parseOutcomeMetric("sensitivity@.9:a:b")).toMatchObject({ ofClass: "a:b" });
  });

  test.each(["accuracy", "auc:", "ece:a", "sensitivity@0.9", "sensitivity@1.5:a", "f1 "])("%s is none", (name) => {
    expect(() => parseOutcomeMetric(name)).toThrow(GanglionError);
    expect(() => parseOutcomeMetric(name)).toThrow(/balancedAccuracy: mean over classes/);
  });
});
