import { describe, expect, test } from "vitest";
import { Rng } from "../../core/rng.ts";
import { aboveOrderStatistic, binomialUpper, clopperPearson, normalUpper } from "../../math/distributions.ts";
import { holmAdjusted } from "../../math/holm.ts";
import { logGamma } from "../../math/log-gamma.ts";
import { copyThreshold } from "../copies/threshold.ts";
import { copyingShare } from "../copying/share.ts";
import { mannWhitneyZ, threeSamples } from "../copying/three-samples.ts";
import { measureAttack } from "./roc.ts";

describe("distributions, against values of SciPy 1.x", () => {
  test("log gamma, normal tail, binomial tail", () => {
    expect(logGamma(0.3)).toBeCloseTo(1.0957979948180756, 12);
    expect(logGamma(123.4)).toBeCloseTo(469.3360974421906, 10);
    expect(normalUpper(1.96)).toBeCloseTo(0.024997895148220435, 14);
    expect(normalUpper(-1)).toBeCloseTo(0.8413447460685429, 14);
    expect(normalUpper(6) / 9.865876450376946e-10).toBeCloseTo(1, 10);
    expect(binomialUpper(3, 10, 0.2)).toBeCloseTo(0.3222004736, 10);
  });

  test("Clopper and Pearson", () => {
    expect(clopperPearson(0, 20)).toEqual({ low: 0, high: expect.closeTo(0.16843347098308536, 8) });
    const { low, high } = clopperPearson(7, 20);
    expect([low, high]).toEqual([expect.closeTo(0.153909204784541, 8), expect.closeTo(0.5921885345328282, 8)]);
  });

  test("members above the r-th largest non-member: probabilities sum to 1, and one case by hand", () => {
    // 1 member, 3 others: the member is above the largest other in 1 of 4 orders, above the second in 2 of 4.
    expect(aboveOrderStatistic(1, 1, 1, 3)).toBeCloseTo(0.25, 12);
    expect(aboveOrderStatistic(1, 1, 2, 3)).toBeCloseTo(0.5, 12);
    expect(aboveOrderStatistic(0, 5, 1, 3)).toBe(1);
  });

  test("Holm", () => {
    expect(holmAdjusted([0.04, 0.01, 0.03])).toEqual([0.06, 0.03, 0.06]);
  });
});

const alone = (n: number) => Int32Array.from({ length: n }, (_, i) => i);
const scored = (scores: number[]) => ({ scores, groups: alone(scores.length) });

describe("attacks", () => {
  const normal = (n: number, key: string, shift = 0) => {
    const rng = new Rng(key);
    return Array.from({ length: n }, () => rng.normal() + shift);
  };

  test("AUC counts pairs, ties half", () => {
    expect(measureAttack(scored([3, 2, 1]), scored([2, 0]), 0)?.auc.value).toBeCloseTo(
      (1 + 1 + 0.5 + 1 + 0 + 1) / 6,
      12,
    );
  });

  test("members one standard deviation higher: AUC 0.76, alarm; equal ones: none", () => {
    const found = measureAttack(scored(normal(400, "m", 1)), scored(normal(400, "o")), 0);
    expect(found?.auc.value).toBeCloseTo(0.76, 1);
    expect(found?.pAuc).toBeLessThan(1e-9);
    const equal = measureAttack(scored(normal(400, "m")), scored(normal(400, "o")), 0);
    expect(equal?.auc.low).toBeLessThan(0.5);
    expect(equal?.auc.high).toBeGreaterThan(0.5);
    expect(2 * Math.min(equal?.pAuc ?? 0, equal?.pTail ?? 0)).toBeGreaterThan(0.02);
  });

  test("a few members far above all others are seen at 1 % false positives, not by the AUC", () => {
    const members = [...normal(390, "m"), ...Array.from({ length: 10 }, () => 9)];
    const found = measureAttack(scored(members), scored(normal(400, "o")), 0);
    expect(found?.tpr1?.value).toBeGreaterThan(0.02);
    expect(found?.tpr01).toBeNull();
    expect(found?.pTail).toBeLessThan(found?.pAuc ?? 0);
  });

  test("one patient with most of the images counts as one, not as proof", () => {
    // 20 members with 3 images each and one with 200, whose images alone are above the others; 12 others with 2 images each.
    const members = Array.from({ length: 60 }, (_, i) => ({ group: i % 20, mean: 0 }));
    const tall = [...members, ...Array.from({ length: 200 }, () => ({ group: 20, mean: 2 }))];
    const low = normal(24, "others");
    const even = tall.map(({ mean }, i) => ({ group: i % 130, mean }));
    const measure = (side: { group: number; mean: number }[]) => {
      const within = normal(side.length, "members");
      return measureAttack(
        { scores: side.map(({ mean }, i) => mean + within[i]!), groups: side.map(({ group }) => group) },
        { scores: low, groups: low.map((_, i) => i % 12) },
        0,
      );
    };
    const [found, many] = [measure(tall), measure(even)];
    expect(found?.auc.value).toBe(many?.auc.value);
    expect(found?.auc.value).toBeGreaterThan(0.75);
    expect(found?.auc.low).toBeLessThan(0.5);
    expect(found?.pAuc).toBeGreaterThan(0.05);
    expect(many?.auc.low).toBeGreaterThan(0.6);
    expect(many?.pAuc).toBeLessThan(0.005);
  });

  test("the images of few patients say less about the rate at 1 % than as many of their own", () => {
    // Ten patients a side, 40 images each; the images of one are alike.
    const side = (key: string, shift: number) => {
      const patients = normal(10, key, shift);
      const within = normal(400, `${key} within`);
      return {
        scores: within.map((value, i) => patients[i % 10]! + value / 10),
        groups: Int32Array.from({ length: 400 }, (_, i) => i % 10),
      };
    };
    const [members, others] = [side("members", 1), side("others", 0)];
    const grouped = measureAttack(members, others, 0)?.tpr1;
    const ungrouped = measureAttack(scored(members.scores), scored(others.scores), 0)?.tpr1;
    expect(grouped?.value).toBe(ungrouped?.value);
    expect(grouped?.value).toBeGreaterThan(0.05);
    expect(grouped?.low).toBeLessThan(0.01);
    expect(ungrouped?.low).toBeGreaterThan(0.02);
  });
});

describe("data copying", () => {
  test("Z of Mann and Whitney by hand, far below 0 for copies", () => {
    // U = 0 of 9 pairs: (0 - 4.5) / sqrt(9 * 7 / 12).
    expect(mannWhitneyZ([1, 2, 3], [4, 5, 6])).toBeCloseTo(-4.5 / Math.sqrt(5.25), 12);
    const rng = new Rng("distances");
    const held = Float64Array.from({ length: 200 }, () => 1 + rng.uniform());
    const cell = { synthetic: alone(200).map((i) => i % 4), holdout: alone(200).map((i) => i % 4) };
    expect(threeSamples({ synthetic: held.map((v) => v / 4), holdout: held }, cell)?.z).toBeLessThan(-5);
    expect(Math.abs(threeSamples({ synthetic: held, holdout: held }, cell)?.z ?? 9)).toBeLessThan(0.1);
  });

  test("share: half is expected of equal sets, and one patient who is nearest to all is no proof", () => {
    const groups = { train: alone(50), holdout: alone(50) };
    const near = (index: number[], distance: number) => ({
      index: Int32Array.from(index),
      distance: new Float64Array(index.length).fill(distance),
    });
    const each = Array.from({ length: 50 }, (_, i) => i);
    const all = copyingShare({ train: near(each, 1), holdout: near(each, 2) }, groups);
    expect(all).toMatchObject({ expected: 0.5, share: { value: 1 } });
    expect(all?.p).toBeLessThan(1e-9);
    const same = each.map(() => 7);
    expect(copyingShare({ train: near(same, 1), holdout: near(each, 2) }, groups)?.p).toBeGreaterThan(0.1);
    expect(copyingShare({ train: near(each, 1), holdout: near(each, 1) }, groups)?.share.value).toBe(0.5);
  });
});

describe("threshold", () => {
  const power = (n: number, exponent: number, key: string) => {
    const rng = new Rng(key);
    return Array.from({ length: n }, () => rng.uniform() ** (1 / exponent));
  };

  test("of a power law is where the law says, and two copies among the held-out images do not move it far", () => {
    const scores = power(2000, 8, "law");
    const wanted = (0.05 / 1000) ** (1 / 8);
    const found = copyThreshold(scores, 1000, 0.05);
    expect(found?.value).toBeGreaterThan(0.85 * wanted);
    expect(found?.value).toBeLessThan(1.15 * wanted);
    const spoilt = copyThreshold([...scores, 0, 0.001], 1000, 0.05);
    expect(spoilt?.value).toBeCloseTo(found?.value ?? 0, 1);
    expect(copyThreshold(scores.slice(0, 30), 1000, 0.05)).toBeNull();
  });
});
