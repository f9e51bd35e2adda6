import { describe, expect, test } from "vitest";
import { GanglionError } from "../../core/errors.ts";
import { Rng } from "../../core/rng.ts";
import { checkOutcomes, type OutcomeTable } from "./outcome-table.ts";
import { drawPatients } from "./resample-patients.ts";
import { patientsPerClass, type TestSet } from "./test-set.ts";

const set: TestSet = {
  name: "test",
  classes: ["a", "b"],
  labels: Int32Array.of(0, 0, 1, 1, 1),
  patients: Int32Array.of(0, 1, 2, 2, 3),
};
const scores = Float32Array.of(0.9, 0.1, 0.8, 0.2, 0.4, 0.6, 0.3, 0.7, 0.5, 0.5);
const trial = { arm: "real", seed: 0, testSet: "test", scores };

function problemsOf(table: OutcomeTable): string[] {
  try {
    checkOutcomes(table);
  } catch (error) {
    if (error instanceof GanglionError) return error.problems.map(({ path, message }) => `${path}: ${message}`);
  }
  return [];
}

describe("an outcome", () => {
  test("that fits passes", () => {
    expect(problemsOf({ testSets: [set], trials: [trial, { ...trial, seed: 1 }] })).toEqual([]);
  });

  test("that does not says everything that is wrong with it", () => {
    const strange = scores.slice();
    strange[4] = Number.NaN;
    const heavy = scores.slice();
    heavy[2] = 0.9;
    const broken: OutcomeTable = {
      testSets: [
        set,
        { ...set, name: "short", patients: Int32Array.of(0, 1, 2) },
        { ...set, name: "labels", labels: Int32Array.of(0, 0, 1, 1, 2) },
        { ...set, name: "gap", patients: Int32Array.of(0, 1, 2, 2, 4) },
        { ...set, name: "one", labels: new Int32Array(5) },
        { ...set, name: "few", labels: Int32Array.of(0, 0, 1, 1, 0) },
        { ...set },
      ],
      trials: [
        trial,
        trial,
        { ...trial, seed: 1, scores: scores.slice(0, 8) },
        { ...trial, seed: 2, scores: strange },
        { ...trial, seed: 3, scores: heavy },
        { ...trial, testSet: "nowhere" },
      ],
    };
    const found = problemsOf(broken).join("\n");
    for (const part of [
      "test set short: has 5 labels and 3 patients",
      "test set labels: has a label 2; labels are 0 to 1",
      "test set gap: numbers 4 patients up to 4",
      "test set one: has images of 1 class",
      "test set few: has 1 patient of b; intervals need 2",
      "test set test: is there twice",
      "arm real, seed 0, test set test: is there twice",
      "seed 1, test set test: has 8 scores; 5 images of 2 classes need 10",
      "seed 2, test set test: has the score NaN at image 2",
      "seed 3, test set test: has scores at image 1 that add up to 1.0999",
      "test set nowhere: names a test set that the study lacks",
    ]) {
      expect(found).toContain(part);
    }
    expect(problemsOf(broken)).toHaveLength(12);
  });
});

describe("resampled patients", () => {
  test("bring all of their images, are as many as there are, and hold every class", () => {
    const rng = new Rng(0, "draws");
    const weights = new Float64Array(5);
    const sums = new Float64Array(5);
    for (let r = 0; r < 4000; r++) {
      drawPatients(set, rng, weights);
      expect(weights[2]).toBe(weights[3]);
      expect(weights[0]! + weights[1]! + weights[2]! + weights[4]!).toBe(4);
      expect(weights[0]! + weights[1]!).toBeGreaterThan(0);
      expect(weights[2]! + weights[4]!).toBeGreaterThan(0);
      weights.forEach((weight, i) => {
        sums[i]! += weight / 4000;
      });
    }
    // Every patient once in the mean: the two classes are of the same size, so leaving out draws does not favour one.
    for (const mean of sums) expect(Math.abs(mean - 1)).toBeLessThan(0.05);
  });

  test("patients of each class are counted once", () => {
    expect(patientsPerClass(set)).toEqual([2, 2]);
  });
});
