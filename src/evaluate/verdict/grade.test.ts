import { expect, test } from "vitest";
import { classGrade, diversityGrade, fidelityGrade, type Grade, groupGrade, LIMITS, type Place } from "./grade.ts";

const SAME: Place = { share: 0, told: 0.05, oneNearestNeighbour: 0, coverage: 1, lost: 0, lostTold: 0 };
const just = (limit: number, sign: 1 | -1) => limit * (1 + sign * 0.01);

test("what is not told from other real images is the best, and nearer than they is no fault", () => {
  expect(fidelityGrade(SAME)).toBe("indistinguishable");
  expect(fidelityGrade({ ...SAME, oneNearestNeighbour: -0.5 })).toBe("indistinguishable");
  expect(diversityGrade({ ...SAME, coverage: 1.1 })).toBe("indistinguishable");
});

test("told from real images, or by 1-NN accuracy alone, is at most close, however short the distance", () => {
  expect(fidelityGrade({ ...SAME, told: 0.6 })).toBe("close");
  expect(fidelityGrade({ ...SAME, oneNearestNeighbour: 0.1 })).toBe("close");
  expect(fidelityGrade({ ...SAME, oneNearestNeighbour: 0.2 })).toBe("partial");
});

test.each([
  ["close", "partial"],
  ["partial", "unlike"],
  ["unlike", "noise"],
] as const)("just inside the limits of %s it is that, just outside %s", (inside, outside) => {
  const { share, coverage } = LIMITS[inside];
  const of = (sign: 1 | -1): Grade => fidelityGrade({ ...SAME, told: 1, share: just(share, sign) });
  expect(of(-1)).toBe(inside);
  expect(of(1)).toBe(outside);
  expect(groupGrade(just(share, -1))).toBe(inside);
  expect(groupGrade(just(share, 1))).toBe(outside === "noise" ? "unlike" : outside);
  if (coverage > 0) {
    expect(diversityGrade({ ...SAME, coverage: just(coverage, 1) })).toBe(inside);
    expect(diversityGrade({ ...SAME, coverage: just(coverage, -1) })).toBe(outside);
  }
});

test("classes: swapped ones are unlike, one wrong among many is at most part, what is not told counts for nothing", () => {
  const classes = (swapped: number, told = true) => Array.from({ length: 7 }, () => ({ told, swapped }));
  expect(classGrade(classes(1))).toBe("unlike");
  expect(classGrade(classes(0.4))).toBe("partial");
  expect(classGrade(classes(0.1))).toBe("close");
  expect(classGrade(classes(1, false))).toBe("indistinguishable");
  expect(classGrade([...classes(0, false).slice(1), { told: true, swapped: 0.9 }])).toBe("partial");
  expect(classGrade([{ told: true, swapped: null }])).toBe("indistinguishable");
  expect(groupGrade(null)).toBe("indistinguishable");
});
