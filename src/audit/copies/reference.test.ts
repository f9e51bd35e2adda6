import { describe, expect, test } from "vitest";
import { Rng } from "../../core/rng.ts";
import { copyReference, isSure, referenceThreshold } from "./reference.ts";
import { copyThreshold, hillExponent } from "./threshold.ts";

const N = 300;
/** Scores of a clean split: a power law of this exponent up to 1, as far apart as in ISIC 2017 by default. */
const clean = (seed: number, n = N, exponent = 11) => {
  const rng = new Rng(seed, "reference");
  return Array.from({ length: n }, () => rng.between(0, 1) ** (1 / exponent));
};
/** The same with a share of near duplicates whose scores lie between two numbers. */
const spoilt = (share: number, low: number, high: number, seed = 1) => {
  const rng = new Rng(seed, "near", share);
  return clean(seed).map((score, i) => (i < share * N ? rng.between(low, high) : score));
};
const of = (scores: readonly number[], shares: (i: number) => boolean = () => false) =>
  copyReference({ score: scores, distance: scores }, shares);

describe("near duplicates among the held-out images", () => {
  test.each([0.02, 0.05, 0.2, 0.3])("%d of them switched the search off, and no longer do", (share) => {
    const scores = spoilt(share, 0.02, 0.24);
    expect(copyThreshold(scores, 130, 0.03)?.value).toBeLessThan(0.1);
    const found = of(scores);
    expect(found.leaks).toEqual(Array.from({ length: share * N }, (_, i) => i));
    expect(found.reason).toBeNull();
    const pure = copyThreshold(clean(1), 130, 0.03)?.value ?? 0;
    expect(referenceThreshold(found, scores, 130, 0.03)?.value).toBeCloseTo(pure, 1);
  });

  test.each([
    ["a few beyond the absolute limit, below the usual threshold", 0.02, 0.27, 0.29, /6 held-out images are below/],
    ["many halfway to the others", 0.1, 0.4, 0.5, /exponent/],
    ["a fifth, all alike", 0.2, 0.44, 0.45, /exponent .* of the lowest/],
  ])("%s: no threshold is made, and the reason says so", (_, share, low, high, reason) => {
    const scores = spoilt(share, low, high);
    const found = of(scores);
    expect(found.reason).toMatch(reason);
    expect(referenceThreshold(found, scores, 130, 0.03)).toBeNull();
  });

  test("too many leave too few others", () => {
    expect(of(spoilt(0.9, 0.02, 0.2)).reason).toMatch(/^30 held-out images remain .* 40 are needed/);
  });

  test("images of training patients take no part: they are neither a reason nor, unless near, a leak", () => {
    const scores = spoilt(0.1, 0.4, 0.5);
    const found = of(scores, (i) => i < 30);
    expect([found.leaks, found.reason, found.clean.length]).toEqual([[], null, N - 30]);
    expect(of([...scores, 0.1], () => true).leaks).toEqual([N]);
  });
});

test("a clean split is used as it is: 200 draws of exponents from 9 to 40, 100 and 300 images", () => {
  let [leaks, notMade] = [0, 0];
  for (let seed = 0; seed < 200; seed++) {
    const scores = clean(seed, seed % 2 === 0 ? 300 : 100, 9 + (31 * seed) / 199);
    const found = of(scores);
    leaks += found.leaks.length;
    notMade += Number(found.reason !== null);
  }
  expect(leaks).toBeLessThanOrEqual(10);
  expect(notMade).toBeLessThanOrEqual(4);
});

test("the exponent of a power law is its own", () => {
  const scores = Float64Array.from(clean(3, 4000, 12)).sort();
  expect(hillExponent(scores, 0.1)).toBeCloseTo(12, -0.5);
  expect(hillExponent(scores, 0.5)).toBeGreaterThan(11);
  expect(hillExponent(new Float64Array(50).fill(0.5), 0.1)).toBe(Number.POSITIVE_INFINITY);
});

test("what is sure is so by its distance or by its score", () => {
  expect([isSure(0.19, 0.5), isSure(0.3, 0.24), isSure(0.2, 0.25)]).toEqual([true, true, false]);
});
