import { expect, test } from "vitest";
import { aboveChance, skillOf } from "./chance.ts";

/** Recalls of equal classes with the given share right. */
const equal = (classes: number, n: number, share: number) =>
  Array.from({ length: classes }, () => ({ n, right: Math.round(n * share) }));

test("balanced accuracy is the mean of the recalls, with an interval of the binomial spread of each", () => {
  const skill = skillOf([
    { n: 100, right: 80 },
    { n: 20, right: 10 },
    { n: 0, right: 0 },
  ]);
  // By hand: shares 81/102 and 11/22; variances 0.001602 and 0.011364; half the root of their sum, times 1.96.
  expect(skill).toMatchObject({ chance: 0.5, n: 120 });
  expect(skill!.balancedAccuracy).toBeCloseTo(0.65, 12);
  expect(skill!.high - skill!.balancedAccuracy).toBeCloseTo(0.1116, 4);
  expect(skill!.balancedAccuracy - skill!.low).toBeCloseTo(0.1116, 4);
});

test("a class with all right is not certain; one class, or none held out, has no skill", () => {
  expect(skillOf(equal(2, 3, 1))!.low).toBeLessThan(0.8);
  expect(skillOf([{ n: 9, right: 9 }])).toBeNull();
  expect(skillOf([])).toBeNull();
});

test("42 % of three classes is near chance at any n, 30 % of seven at ten images a class; good classifiers are not", () => {
  expect(aboveChance(skillOf(equal(3, 60, 0.42))!)).toBe(false);
  expect(aboveChance(skillOf(equal(7, 10, 0.3))!)).toBe(false);
  expect(aboveChance(skillOf(equal(7, 60, 0.37))!)).toBe(true);
  expect(aboveChance(skillOf(equal(2, 60, 0.77))!)).toBe(true);
  expect(aboveChance(skillOf(equal(2, 10, 0.6))!)).toBe(false);
});
