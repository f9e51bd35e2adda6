import { beforeAll, describe, expect, test } from "vitest";
import { compareArms } from "./compare-arms.ts";
import { judgeArms } from "./judge-arms.ts";
import { parseOutcomeMetric } from "./outcome-metric.ts";
import { spreadQuantile } from "./spread.ts";
import { type SimulatedWorld, simulateOutcomes, trueAuc } from "./testing/simulate-outcomes.ts";

/** Studies of each test; `bench/study-statistics.mjs` does many more, in many worlds. */
const STUDIES = 300;
const world: SimulatedWorld = {
  patients: 60,
  imagesPerPatient: 2,
  prevalence: 0.35,
  seeds: 4,
  separation: { control: 1.2, same: 1.2, equal: 1.2, better: 2 },
  seedDeviation: 0.15,
  sharedSeed: 0.3,
  failedShare: 0,
  patientDeviation: 0.5,
  armPatientDeviation: 0.4,
  trainingPatientDeviation: 0.2,
};
const questions = ["same", "equal", "better"].map((arm) => ({ arm, controls: ["control"] }));

/** Three standard errors of a share over the studies around the share itself. */
const within = (share: number) => 3 * Math.sqrt((share * (1 - share)) / STUDIES);

describe(`${STUDIES} simulated studies of 4 seeds and 60 patients`, () => {
  const truth = trueAuc(world, "better") - trueAuc(world, "control");
  let [covered, coveredBySeedsAlone, coveredNone, falseVerdicts, falseHelps, found] = [0, 0, 0, 0, 0, 0];
  beforeAll(() => {
    for (let study = 0; study < STUDIES; study++) {
      const outcome = simulateOutcomes(world, study);
      const compared = compareArms(outcome, { questions, metrics: ["auc:positive"], resamples: 100, seed: study });
      for (const { armName, value, interval, seedVariance, spread } of compared) {
        const real = armName === "better" ? truth : 0;
        const inside = interval!.low <= real && real <= interval!.high;
        if (armName === "same") coveredNone += Number(inside);
        if (armName !== "better") continue;
        covered += Number(inside);
        const reach = spreadQuantile(0.05, { ...spread!, seedShare: 1 }) * Math.sqrt(seedVariance! / world.seeds);
        coveredBySeedsAlone += Number(Math.abs(value - real) <= reach);
      }
      const verdicts = judgeArms(compared, { metric: "auc:positive" });
      const wrong = verdicts.filter(({ arm, verdict }) => arm !== "better" && verdict !== "not shown");
      falseVerdicts += Number(wrong.length > 0);
      falseHelps += Number(wrong.some(({ verdict }) => verdict === "helps"));
      found += Number(verdicts[2]!.verdict === "helps");
    }
  });

  test("without an effect the interval covers 0, with one the effect, as often as it says", () => {
    expect(Math.abs(coveredNone / STUDIES - 0.95)).toBeLessThan(within(0.95));
    expect(Math.abs(covered / STUDIES - 0.95)).toBeLessThan(within(0.95));
  });

  test("the t-test over seeds alone does not: this world has patients to reckon with", () => {
    expect(coveredBySeedsAlone / STUDIES).toBeLessThan(0.95 - within(0.95));
  });

  test("arms without effect are seldom said to have one, and the effect is often found", () => {
    expect(falseVerdicts / STUDIES).toBeLessThan(0.05 + within(0.05));
    expect(falseHelps / STUDIES).toBeLessThan(0.025 + within(0.025));
    expect(found / STUDIES).toBeGreaterThan(0.3);
  });
});

test("the true AUC of a world is what the metric tends to over many patients and seeds", () => {
  const large = { ...world, patients: 1500, seeds: 12, failedShare: 0.2, separation: { only: 1.2 } };
  const { testSets, trials } = simulateOutcomes(large, 0);
  const auc = parseOutcomeMetric("auc:positive");
  const ones = new Float64Array(testSets[0]!.labels.length).fill(1);
  const failed = trials.filter(({ scores }) => auc.prepare(scores, testSets[0]!)(ones) < 0.56).length;
  expect(failed).toBeGreaterThan(0);
  const mean = trials.reduce((sum, { scores }) => sum + auc.prepare(scores, testSets[0]!)(ones), 0) / trials.length;
  expect(Math.abs(mean - trueAuc({ ...large, failedShare: failed / trials.length }, "only"))).toBeLessThan(0.03);
});
