import { expect, test } from "vitest";
import { compareArms } from "./compare-arms.ts";
import { compareGroups } from "./compare-groups.ts";
import { FOUR_ARMS, simulateOutcomes } from "./testing/simulate-outcomes.ts";

const outcome = simulateOutcomes(FOUR_ARMS, 0);
const options = { metric: "auc", resamples: 50, seed: 3 };

test("groups of one arm are compared as arms are", () => {
  const [group] = compareGroups(outcome, {
    ...options,
    questions: [{ name: "one", arms: ["better"], others: ["real"] }],
  });
  const [arm] = compareArms(outcome, {
    questions: [{ arm: "better", controls: ["real"] }],
    metrics: ["auc"],
    resamples: 50,
    seed: 3,
  });
  const { armName: _, controlName: __, metric: ___, patients: ____, ...difference } = arm!;
  expect(group).toEqual({ ...difference, name: "one", adjustedP: arm!.p });
});

test("the difference of groups is the mean of those of their arms, with an interval of its own; p is adjusted over the questions", () => {
  const questions = [
    { name: "both", arms: ["better", "worse"], others: ["real", "real"] },
    { name: "first", arms: ["better"], others: ["real"] },
    { name: "second", arms: ["worse"], others: ["real"] },
  ];
  const [both, first, second] = compareGroups(outcome, { ...options, questions });
  expect(both!.value).toBeCloseTo((first!.value + second!.value) / 2, 12);
  expect(both!.control).toBeCloseTo(first!.control, 12);
  expect(both!.standardError!).toBeLessThan(Math.max(first!.standardError!, second!.standardError!));
  const greatest = Math.max(both!.p, first!.p, second!.p);
  expect(Math.max(both!.adjustedP, first!.adjustedP, second!.adjustedP)).toBeGreaterThanOrEqual(greatest);
  const smallest = Math.min(both!.p, first!.p, second!.p);
  expect([both, first, second].find((each) => each!.p === smallest)!.adjustedP).toBeCloseTo(3 * smallest, 12);
});

test("only seeds that every arm has count; with fewer than three there is no interval", () => {
  const trials = outcome.trials.filter(({ arm, seed }) => arm !== "worse" || seed < 2);
  const questions = [{ name: "both", arms: ["better", "worse"], others: ["real"] }];
  const [found] = compareGroups({ ...outcome, trials }, { ...options, questions });
  expect(found).toMatchObject({ seeds: [0, 1], interval: null, p: 1, adjustedP: 1 });
});
