import { describe, expect, test } from "vitest";
import { type Comparison, compareArms } from "./compare-arms.ts";
import { judgeArms } from "./judge-arms.ts";
import { FOUR_ARMS, SIMULATED_SET, simulateOutcomes } from "./testing/simulate-outcomes.ts";

const questions = ["doubled", "better", "worse"].map((arm) => ({ arm, controls: ["real"] }));
const outcome = simulateOutcomes(FOUR_ARMS, 0);

/** A comparison that nothing but its difference and p-value matter of. */
function comparison(armName: string, controlName: string, value: number, p: number, metric = "auc"): Comparison {
  const known = { seeds: [0, 1, 2], arm: value, control: 0, patients: 50, testSet: "test", metric };
  const variances = {
    standardError: 0.01,
    spread: { seedShare: 1, seedFreedom: 4, patientFreedom: 49 },
    seedVariance: 2e-4,
    patientVariance: 3e-5,
  };
  return {
    ...known,
    ...variances,
    armName,
    controlName,
    value,
    p,
    interval: { low: value - 0.02, high: value + 0.02 },
  };
}

describe("verdicts", () => {
  test("of a simulated study: helps, hurts, not shown, each with its evidence", () => {
    const judged = judgeArms(compareArms(outcome, { questions, metrics: ["auc", "ece"], resamples: 200 }), {
      metric: "auc",
    });
    expect(judged.map(({ arm, verdict }) => [arm, verdict])).toEqual([
      ["doubled", "not shown"],
      ["better", "helps"],
      ["worse", "hurts"],
    ]);
    expect(judged[1]!.reason).toMatch(
      /^better than real by 0\.\d{3} \(difference \+0\.\d{3}, 95 % interval \+0\.\d{3} to \+0\.\d{3}\); p after Holm over 3 arms 0?\.?\d\S*, at most 0\.05$/,
    );
    expect(judged[0]!.reason).toMatch(/above 0\.05$/);
    expect(judged[0]!.power!.note).toMatch(
      /^with 5 seeds a difference below 0\.\d{3} is missed more than once in five/,
    );
    expect(judged[0]!.power!.smallestWithAnySeeds).toBeLessThanOrEqual(judged[0]!.power!.smallest);
  });

  test("an arm helps when it is better than every control, with the greatest of the p-values", () => {
    const judge = (...comparisons: Comparison[]) => judgeArms(comparisons, { metric: "auc" })[0]!;
    expect(judge(comparison("a", "real", 0.1, 0.001), comparison("a", "twice", 0.05, 0.02))).toMatchObject({
      verdict: "helps",
      p: 0.02,
    });
    expect(judge(comparison("a", "real", 0.1, 0.001), comparison("a", "twice", 0.05, 0.2)).verdict).toBe("not shown");
    expect(judge(comparison("a", "real", 0.1, 0.001), comparison("a", "twice", -0.1, 0.001))).toMatchObject({
      verdict: "not shown",
      p: 1,
    });
    expect(judge(comparison("a", "real", -0.1, 0.001), comparison("a", "twice", -0.1, 0.001)).verdict).toBe("hurts");
  });

  test("are adjusted over the arms of a test set, not over test sets or other metrics", () => {
    const arms = ["a", "b", "c"].map((arm) => comparison(arm, "real", 0.1, 0.02));
    const elsewhere = { ...comparison("a", "real", 0.1, 0.02), testSet: "other" };
    const judged = judgeArms([...arms, elsewhere, comparison("d", "real", 1, 1e-9, "f1")], { metric: "auc" });
    expect(judged.map(({ testSet, arm, verdict }) => `${testSet} ${arm} ${verdict}`)).toEqual([
      "test a not shown",
      "test b not shown",
      "test c not shown",
      "other a helps",
    ]);
    expect(judged[0]!.adjustedP).toBeCloseTo(0.06, 12);
  });

  test("of a metric where less is better turn round", () => {
    const judged = judgeArms([comparison("a", "real", 0.1, 0.001, "ece")], { metric: "ece" });
    expect(judged[0]!.verdict).toBe("hurts");
    expect(judged[0]!.reason).toMatch(/^worse than real by 0\.100/);
  });

  test("are not shown with too few seeds, whatever the difference", () => {
    const few = { ...outcome, trials: outcome.trials.filter(({ seed }) => seed < 2) };
    const judged = judgeArms(compareArms(few, { questions, metrics: ["auc"], resamples: 20 }), { metric: "auc" });
    expect(judged.map(({ verdict }) => verdict)).toEqual(["not shown", "not shown", "not shown"]);
    expect(judged[1]!.reason).toBe("2 seeds in common with real; an interval needs 3");
    expect(judged[1]!.power).toBeNull();
  });
});

describe("power", () => {
  test("is two t quantiles of the standard error: by hand with Holm over 1 and 5 arms", () => {
    const one = judgeArms([comparison("a", "real", 0, 1)], { metric: "auc" })[0]!.power!;
    expect(one.smallest).toBeCloseTo(0.01 * (2.7764451 + 0.9409646), 7);
    expect(one.smallestWithAnySeeds).toBeCloseTo(Math.sqrt(3e-5) * (2.0095752 + 0.848728), 5);
    const arms = ["a", "b", "c", "d", "e"].map((arm) => comparison(arm, "real", 0, 1));
    // scipy.stats.t.isf(0.005, 4) = 4.604095.
    expect(judgeArms(arms, { metric: "auc" })[0]!.power!.smallest).toBeCloseTo(0.01 * (4.604095 + 0.9409646), 7);
  });
});

describe("comparisons", () => {
  test("equal seeds give equal comparisons, whatever else is compared", () => {
    const all = compareArms(outcome, { questions, metrics: ["auc", "balancedAccuracy"], resamples: 50, seed: 3 });
    const some = compareArms(outcome, { questions: [questions[1]!], metrics: ["auc"], resamples: 50, seed: 3 });
    expect(all.find(({ armName, metric }) => armName === "better" && metric === "auc")).toEqual(some[0]);
    expect(compareArms(outcome, { questions, metrics: ["auc"], resamples: 50, seed: 4 })[1]).not.toEqual(some[0]);
  });

  test("a metric of a class is left out where no image is of it", () => {
    const [set] = outcome.testSets;
    const renamed = { ...set!, name: "other", classes: ["negative", "elsewhere"] };
    const moved = outcome.trials.map((trial) => ({ ...trial, testSet: "other" }));
    const found = compareArms(
      { testSets: [set!, renamed], trials: [...outcome.trials, ...moved] },
      { questions: [questions[0]!], metrics: ["auc", "auc:positive"], resamples: 10 },
    );
    expect(found.map(({ testSet, metric }) => `${testSet} ${metric}`)).toEqual([
      `${SIMULATED_SET} auc`,
      `${SIMULATED_SET} auc:positive`,
      "other auc",
    ]);
  });

  test("everything that cannot be asked is said at once", () => {
    const ask = () =>
      compareArms(outcome, {
        questions: [
          { arm: "better", controls: [] },
          { arm: "better", controls: ["real", "real", "better"] },
          { arm: "unknown", controls: ["missing"] },
        ],
        metrics: ["accuracy", "auc:nevus"],
        alpha: 0.7,
      });
    expect(ask).toThrow(/9 problems/);
    for (const part of ["has no control", "asked about twice", "a control twice", "its own control"]) {
      expect(ask).toThrow(part);
    }
    for (const part of ["arm unknown: has no trial", "control missing", 'no metric "accuracy"', "the class nevus"]) {
      expect(ask).toThrow(part);
    }
    expect(ask).toThrow("alpha: is 0.7");
  });
});
