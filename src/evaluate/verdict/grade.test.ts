import { expect, test } from "vitest";
import { distancesOf, type Grade, gradeOf, LIMITS } from "./grade.ts";
import type { Likeness } from "./likeness.ts";

/** A set at the given distances from real images. */
function at(fid: number, kid: number, nn: number, coverage: number): Likeness {
  return {
    fid: { value: 2 * fid, floor: 2 },
    kid: { value: 0.1 + 0.5 * kid, floor: 0.1, deviation: 0.5 },
    oneNearestNeighbour: { value: 0.52 + nn, floor: 0.52 },
    coverage: { value: 0.9 * coverage, floor: 0.9 },
  };
}

const NOISE = { fid: 100, oneNearestNeighbour: 0.9 };
const SAME = [1, 0, 0, 1] as const;

test("distances are taken beside other real images", () => {
  const found = distancesOf(at(3, 4, 0.15, 0.5));
  expect(found.fid).toBeCloseTo(3, 12);
  expect(found.kid).toBeCloseTo(4, 12);
  expect(found.oneNearestNeighbour).toBeCloseTo(0.15, 12);
  expect(found.coverage).toBeCloseTo(0.5, 12);
});

test("what lies like other real images is not told from them, and nearer than they is no fault", () => {
  expect(gradeOf(at(...SAME), NOISE)).toBe("indistinguishable");
  expect(gradeOf(at(0, -1, -0.5, 1.1), NOISE)).toBe("indistinguishable");
});

test.each([
  ["fid", 0, 1],
  ["kid", 1, 1],
  ["oneNearestNeighbour", 2, 1],
  ["coverage", 3, -1],
] as const)("%s alone takes the praise away, however good the others are", (name, place, sign) => {
  const worst = (limits: keyof typeof LIMITS): Grade => {
    const values: [number, number, number, number] = [...SAME];
    values[place] = LIMITS[limits][name] * (1 + sign * 0.01);
    return gradeOf(at(...values), NOISE);
  };
  expect(worst("indistinguishable")).toBe("close");
  expect(worst("close")).toBe("partial");
  expect(worst("partial")).toBe("unlike");
});

test("as far as images without content is noise; constant features say nothing against a set", () => {
  expect(gradeOf(at(49, 40, 0.4, 0.2), NOISE)).toBe("unlike");
  expect(gradeOf(at(51, 40, 0.4, 0.2), NOISE)).toBe("noise");
  expect(gradeOf(at(51, 40, 0.3, 0.2), NOISE)).toBe("unlike");
  const zero = { value: 0, floor: 0 };
  const half = { value: 0.5, floor: 0.5 };
  const constant = { fid: zero, kid: { ...zero, deviation: 0 }, oneNearestNeighbour: half, coverage: zero };
  expect(gradeOf(constant, { fid: 0, oneNearestNeighbour: 0.5 })).toBe("indistinguishable");
  expect(gradeOf({ ...constant, fid: { value: 1, floor: 0 } }, { fid: 1, oneNearestNeighbour: 0.5 })).toBe("noise");
});
