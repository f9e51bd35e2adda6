import { expect, test } from "vitest";
import { holmAdjusted } from "../../math/holm.ts";
import { studentTwoSided } from "../../math/student-t.ts";
import { spreadQuantile, spreadTwoSided } from "./spread.ts";

// scipy.stats 1.10.1: 2 t.sf(t, df) and t.isf(tail, df).
test.each([
  [0.5, 1, 0.7048327646991336],
  [2.5, 2, 0.1296117202215108],
  [-2.5, 2, 0.1296117202215108],
  [2.776, 4, 0.0500227783199764],
  [1, 3.7, 0.3781413997604525],
  [8.6, 4, 0.0010045941244978154],
  [30, 2.5, 0.0002910647091573955],
  [2, 150, 0.047305525758430216],
  [1.96, 1e6, 0.04999606758526978],
  [0.01, 5, 0.9924080180425818],
])("beyond %s with %s degrees of freedom", (t, freedom, p) => {
  expect(Math.abs(studentTwoSided(t, freedom) / p - 1)).toBeLessThan(1e-8);
});

test.each([
  [0.025, 2, 4.3026527299112765],
  [0.025, 4, 2.7764451051977996],
  [0.025, 10.5, 2.213840292905308],
  [0.005, 3, 5.840909299756432],
  [0.2, 4, 0.9409645771975298],
  [0.025, 1e6, 1.959966356814107],
  [0.0009, 4, 7.376753514621603],
])("quantile of %s with %s degrees of freedom", (tail, freedom, t) => {
  const seedsAlone = { seedShare: 1, seedFreedom: freedom, patientFreedom: 77 };
  const patientsAlone = { seedShare: 0, seedFreedom: 2, patientFreedom: freedom };
  for (const spread of [seedsAlone, patientsAlone]) {
    expect(Math.abs(spreadQuantile(2 * tail, spread) / t - 1)).toBeLessThan(1e-8);
  }
});

test("with both kinds of variance the chances are weighted, and the quantile is their inverse", () => {
  const spread = { seedShare: 0.25, seedFreedom: 2, patientFreedom: 150 };
  const chance = 0.25 * 0.18350341907227397 + 0.75 * 0.047305525758430216; // t 2 with 2 and 150 degrees of freedom, by SciPy
  expect(spreadTwoSided(2, spread)).toBeCloseTo(chance, 8);
  expect(spreadQuantile(chance, spread)).toBeCloseTo(2, 7);
});

test("ends of the scale", () => {
  expect(studentTwoSided(0, 3)).toBe(1);
  expect(studentTwoSided(Number.POSITIVE_INFINITY, 3)).toBe(0);
});

test("Holm by hand: steps of 4, 3, 2, 1, never falling, at most 1", () => {
  expect(holmAdjusted([0.01, 0.04, 0.03, 0.005])).toEqual([0.03, 0.06, 0.06, 0.02]);
  expect(holmAdjusted([0.6, 0.7])).toEqual([1, 1]);
  expect(holmAdjusted([0.02])).toEqual([0.02]);
  expect(holmAdjusted([])).toEqual([]);
});
