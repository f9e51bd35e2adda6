import { expect, test } from "vitest";
import { balancePlan } from "../src/sample/balance-plan.ts";
import {
  countsText,
  filledUp,
  imbalance,
  isCountable,
  sliderEnd,
} from "../src/studio/web/pages/project/class-counts.ts";

test("bars move as the command's own plan will have it", () => {
  const counts = { a: 40, b: 7, c: 1 };
  const samples = Object.entries(counts).flatMap(([label, n]) => Array.from({ length: n }, () => ({ label })));
  const dataset = { samples, classes: Object.keys(counts) } as unknown as Parameters<typeof balancePlan>[0];
  for (const ratio of [null, 0, 0.5, 2, 3.3]) {
    for (const wanted of [0, 7, 25, 90]) {
      const to = Object.keys(counts).map((name) => `${name}=${wanted}`);
      const plan = balancePlan(dataset, Object.keys(counts), { to: to.join(","), maxRatio: ratio ?? undefined });
      const own = plan.classes.map(({ real }) => filledUp(real, wanted, ratio));
      expect(own).toEqual(plan.classes.map(({ synthetic }) => synthetic));
      expect(imbalance(plan.classes.map(({ real }, i) => real + own[i]!))).toEqual(plan.imbalance.after);
    }
  }
});

test("counts are said as the command takes them, and only of classes that it can be told of", () => {
  expect(
    countsText(
      new Map([
        ["a b", 3],
        ["c", 0],
        ["黑色素瘤", 2],
      ]),
    ),
  ).toBe("a b=3,黑色素瘤=2");
  expect(["nevus", "a b", "a,b", "a=b", "-a", ""].map(isCountable)).toEqual([true, true, false, false, false, false]);
  expect([sliderEnd(0), sliderEnd(100), sliderEnd(4522)]).toEqual([100, 200, 7000]);
});
