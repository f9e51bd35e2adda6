// Simulated studies: does the interval cover the true difference as often as it says, and how often is an arm without effect said
// to have one? The tables of docs/study.md, and why the bootstrap's percentiles are not used.
// Usage: npm run build && node bench/study-statistics.mjs [--studies N] [--only WORLD]
import { parseArgs } from "node:util";
import { Rng } from "../dist/core/rng.js";
import { studentTwoSided } from "../dist/math/student-t.js";
import { judgeArms } from "../dist/study/statistics/judge-arms.js";
import { measureTrials } from "../dist/study/statistics/measure-trials.js";
import { parseOutcomeMetric } from "../dist/study/statistics/outcome-metric.js";
import { pairedDifference } from "../dist/study/statistics/paired-difference.js";
import { spreadTwoSided } from "../dist/study/statistics/spread.js";
import { simulateOutcomes, trueAuc } from "../dist/study/statistics/testing/simulate-outcomes.js";

const STUDIES = 1000;
const RESAMPLES = 300;
/** Draws of each cell of the last table. */
const DRAWS = 100_000;
const ALPHA = 0.05;
const AUC = "auc:positive";
/** By every metric in the first world; by AUC, whose truth is known, in the others. */
const METRICS = [AUC, "balancedAccuracy", "f1:positive", "sensitivity@0.9:positive", "ece"];

const BASE = {
  patients: 150,
  imagesPerPatient: 2,
  prevalence: 0.25,
  seeds: 5,
  separation: { control: 1.5, n1: 1.5, n2: 1.5, n3: 1.5, n4: 1.5, effect: 1.9 },
  seedDeviation: 0.15,
  sharedSeed: 0.3,
  failedShare: 0,
  patientDeviation: 0.6,
  armPatientDeviation: 0.3,
  trainingPatientDeviation: 0.3,
};
const ARMS = Object.keys(BASE.separation).filter((arm) => arm !== "control");
const plus = (more) => Object.fromEntries(Object.entries(BASE.separation).map(([arm, by]) => [arm, by + more]));
const WORLDS = {
  "5 seeds, 150 patients": {},
  "3 seeds": { seeds: 3 },
  "10 seeds": { seeds: 10 },
  "40 patients": { patients: 40 },
  "3 seeds, 40 patients": { seeds: 3, patients: 40 },
  "seeds differ much": { seedDeviation: 0.5 },
  "seeds hardly differ": { seedDeviation: 0.02, trainingPatientDeviation: 0.05 },
  "12 patients of the class": { prevalence: 0.08 },
  "AUC near 1": { separation: plus(2.5) },
  "1 training in 20 fails": { failedShare: 0.05 },
};

/** 95 % interval of a share (Wilson 1927). */
function wilson(hits, n) {
  const z2 = 1.959964 ** 2;
  const p = hits / n;
  const reach = Math.sqrt(z2 * ((p * (1 - p)) / n + z2 / (4 * n * n)));
  return [p + z2 / (2 * n) - reach, p + z2 / (2 * n) + reach].map((end) => end / (1 + z2 / n));
}
const percent = (share) => (100 * share).toFixed(1);
const share = (hits, n) => `${percent(hits / n)} (${wilson(hits, n).map(percent).join("-")})`;

/** The interval that is not used: percentiles over seeds drawn with replacement, on patients drawn with replacement. */
function percentileInterval(arm, control, rng) {
  const seeds = arm.length;
  const means = Float64Array.from(arm[0].resampled, (_, r) => {
    let sum = 0;
    for (let s = 0; s < seeds; s++) {
      const drawn = rng.integer(seeds);
      sum += arm[drawn].resampled[r] - control[drawn].resampled[r];
    }
    return sum / seeds;
  }).sort();
  return { low: means[Math.floor(0.025 * means.length)], high: means[Math.ceil(0.975 * means.length) - 1] };
}

const covers = (interval, truth) => Number(interval !== null && interval.low <= truth && truth <= interval.high);

/** Counts over simulated studies of one world, by metric. */
function simulate(change, metrics, studies) {
  const world = { ...BASE, ...change };
  const truth = trueAuc(world, "effect") - trueAuc(world, "control");
  const counts = metrics.map(() => ({ none: 0, effect: 0, percentile: 0, verdicts: 0, helps: 0, found: 0, width: 0 }));
  for (let study = 0; study < studies; study++) {
    const { testSets, trials } = simulateOutcomes(world, study);
    const options = { resamples: RESAMPLES, seed: study };
    measureTrials(testSets[0], trials, metrics.map(parseOutcomeMetric), options).forEach((measured, m) => {
      const of = (arm) => measured.filter((trial) => trial.arm === arm);
      const comparisons = ARMS.map((armName) => ({
        ...{ testSet: "simulated", metric: metrics[m], armName, controlName: "control", patients: world.patients },
        ...pairedDifference(of(armName), of("control"), { alpha: ALPHA, patients: world.patients }),
      }));
      const effect = comparisons[ARMS.indexOf("effect")];
      const count = counts[m];
      count.none += covers(comparisons[0].interval, 0);
      count.effect += covers(effect.interval, truth);
      count.percentile += covers(percentileInterval(of("effect"), of("control"), new Rng(study, "percentile")), truth);
      count.width += effect.interval.high - effect.interval.low;
      const judged = judgeArms(comparisons, { metric: metrics[m], alpha: ALPHA });
      const wrong = judged.filter(({ arm, verdict }) => arm !== "effect" && verdict !== "not shown");
      count.verdicts += Number(wrong.length > 0);
      count.helps += Number(wrong.some(({ verdict }) => verdict === "helps"));
      count.found += Number(judged[ARMS.indexOf("effect")].verdict === "helps");
    });
  }
  return { truth, counts };
}

/**
 * How often a normal difference without effect is found at a level, as a multiple of it: by the weighted chances that verdicts use,
 * and by one Student's t with Satterthwaite's degrees of freedom. The part of the variance that is from patients is known.
 */
function normalErrors(seeds, seedShare, level) {
  const rng = new Rng("normal errors", seeds, seedShare);
  const freedom = seeds - 1;
  let [weighted, one] = [0, 0];
  for (let draw = 0; draw < DRAWS; draw++) {
    let squares = 0;
    for (let i = 0; i < freedom; i++) squares += rng.normal() ** 2;
    const fromSeeds = (seedShare * squares) / freedom;
    const total = fromSeeds + 1 - seedShare;
    const t = rng.normal() / Math.sqrt(total);
    const spread = { seedShare: fromSeeds / total, seedFreedom: freedom, patientFreedom: 1e6 };
    weighted += Number(spreadTwoSided(t, spread) <= level);
    one += Number(studentTwoSided(t, Math.min(1e6, (freedom * total ** 2) / fromSeeds ** 2)) <= level);
  }
  return { weighted: weighted / DRAWS / level, one: one / DRAWS / level };
}

const { values } = parseArgs({ options: { studies: { type: "string" }, only: { type: "string" } } });
const studies = Number(values.studies ?? STUDIES);
const worlds = Object.entries(WORLDS).filter(([name]) => values.only === undefined || name === values.only);
if (!Number.isInteger(studies) || studies < 1 || worlds.length === 0) {
  console.error(`usage: study-statistics.mjs [--studies N] [--only "${Object.keys(WORLDS).join('" | "')}"]`);
  process.exit(2);
}
console.log(`${studies} studies a world; %, with 95 % intervals\n`);
console.log(
  "| world | effect | covers 0 | covers the effect | percentiles cover it | any false verdict | false helps | found |",
);
console.log("|---|---|---|---|---|---|---|---|");
const byMetric = [];
for (const [name, change] of worlds) {
  const metrics = name === worlds[0][0] ? METRICS : [AUC];
  const { truth, counts } = simulate(change, metrics, studies);
  const [auc] = counts;
  const cells = [auc.none, auc.effect, auc.percentile, auc.verdicts, auc.helps, auc.found];
  console.log(`| ${[name, truth.toFixed(3), ...cells.map((hits) => share(hits, studies))].join(" | ")} |`);
  if (metrics.length > 1) byMetric.push(...counts.map((count, m) => ({ metric: metrics[m], ...count })));
}
console.log("\n| metric, first world | covers 0 | any false verdict | false helps | mean width of the interval |");
console.log("|---|---|---|---|---|");
for (const { metric, none, verdicts, helps, width } of byMetric) {
  const cells = [none, verdicts, helps].map((hits) => share(hits, studies));
  console.log(`| ${[`\`${metric}\``, ...cells, (width / studies).toFixed(3)].join(" | ")} |`);
}

console.log("\n| share of the variance from seeds | level | 3 seeds | 5 seeds | 10 seeds |");
console.log("|---|---|---|---|---|");
for (const seedShare of [1, 0.9, 0.8, 0.5, 0.2]) {
  for (const level of [0.05, 0.0125]) {
    const cells = [3, 5, 10].map((seeds) => {
      const { weighted, one } = normalErrors(seeds, seedShare, level);
      return `${weighted.toFixed(2)}, ${one.toFixed(2)}`;
    });
    console.log(`| ${[seedShare, level, ...cells].join(" | ")} |`);
  }
}
