import { Rng } from "../../../core/rng.ts";
import type { RawImage } from "../../../data/index.ts";
import { expandArms, questionsOf, syntheticCounts } from "../../arms.ts";
import { parseStudyConfig } from "../../config.ts";
import { compareKinds } from "../../generator-kinds.ts";
import { compareArms } from "../../statistics/compare-arms.ts";
import { judgeArms } from "../../statistics/judge-arms.ts";
import type { Trial } from "../../statistics/outcome-table.ts";
import { patientsPerClass, type TestSet } from "../../statistics/test-set.ts";
import type { StudyOutcome } from "../study-outcome.ts";

/** A study whose outcome is drawn instead of trained. */
export interface DrawnStudy {
  readonly classes?: readonly string[];
  /** Keys of the configuration that differ. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** How well an arm tells the classes apart on a test set, in standard deviations of one image's noise. Defaults to 1. */
  readonly skill?: (arm: string, testSet: string) => number;
  /** Classes without an image in the test sets out of distribution. */
  readonly missing?: readonly number[];
  readonly patients?: number;
  /** Deviation of the skill from one training to the next. Defaults to 0.1. */
  readonly seedDeviation?: number;
}

function drawTestSet(name: string, classes: readonly string[], patients: number, missing: readonly number[]): TestSet {
  const rng = new Rng(3, "drawn test set", name);
  const present = classes.map((_, c) => c).filter((c) => !missing.includes(c));
  const labels: number[] = [];
  const owners: number[] = [];
  for (let p = 0; p < patients; p++) {
    // Rare classes first, each with four patients at least.
    const c =
      p < 4 * present.length ? present[p % present.length]! : present[Math.floor(present.length * rng.uniform() ** 2)]!;
    for (let left = 1 + rng.integer(2); left > 0; left--) {
      labels.push(c);
      owners.push(p);
    }
  }
  return { name, classes, labels: Int32Array.from(labels), patients: Int32Array.from(owners) };
}

/** Softmax of noise, part of it common to all trials on an image, plus the skill at the image's class. */
function drawTrial(arm: string, seed: number, set: TestSet, skill: number): Trial {
  const [own, common] = [new Rng(seed, "drawn", arm, set.name), new Rng(0, "drawn", set.name)];
  const K = set.classes.length;
  const scores = new Float32Array(set.labels.length * K);
  set.labels.forEach((label, i) => {
    const raw = Array.from({ length: K }, (_, c) => common.normal() + 0.5 * own.normal() + (c === label ? skill : 0));
    const total = raw.reduce((sum, v) => sum + Math.exp(v), 0);
    raw.forEach((v, c) => {
      scores[i * K + c] = Math.exp(v) / total;
    });
  });
  return { arm, seed, testSet: set.name, scores };
}

/** Plain images whose level tells the class. */
const drawnImages = (c: number): RawImage[] =>
  Array.from({ length: 3 }, (_, i) => ({
    width: 8,
    height: 8,
    channels: 1,
    data: new Uint8Array(64).fill(40 * c + 10 * i),
  }));

/** Draws the outcome of a study: all that its report reads. */
export function drawnOutcome(study: DrawnStudy = {}): StudyOutcome {
  const { classes = ["melanoma", "other"], skill = () => 1, missing = [], patients = 80, seedDeviation = 0.1 } = study;
  const config = parseStudyConfig(
    {
      format: "ganglion.study/1",
      data: { dataset: "/data/skin", ...(classes.length === 2 ? { positive: classes[0] } : {}) },
      testSets: [
        { name: "inside", distribution: "in" },
        { name: "outside", distribution: "out", dataset: "/data/elsewhere" },
      ],
      generators: { r3gan: { from: "train", images: 20_000 } },
      arms: { synthetic: [{ generators: ["r3gan"], ratios: [1, "balance"], only: true }] },
      seeds: [0, 1, 2, 3, 4],
      metrics: ["auc", "balancedAccuracy", "f1", "ece"],
      primary: "auc",
      resamples: 100,
      ...study.config,
    },
    "drawn study",
  );
  const arms = expandArms(config);
  const testSets = config.testSets.map(({ name, distribution }) =>
    drawTestSet(name, classes, patients, distribution === "out" ? missing : []),
  );
  const trials = testSets.flatMap((set) =>
    arms.flatMap(({ name }) =>
      config.seeds.map((seed) => {
        const luck = seedDeviation * new Rng(seed, "luck", name).normal();
        return drawTrial(name, seed, set, skill(name, set.name) + luck);
      }),
    ),
  );
  const table = { testSets, trials };
  const { alpha, metrics, primary, resamples } = config;
  const comparisons = compareArms(table, { questions: questionsOf(arms), metrics, alpha, resamples });
  const countsOf = ({ labels }: TestSet) => classes.map((_, c) => labels.filter((label) => label === c).length);
  const real = classes.map((_, c) => 40 * (c + 1));
  const n = real.reduce((sum, count) => sum + count, 0);
  const sizes = arms.map(({ name, share, copies, oversampled, synthetic }) => {
    const some = real.map((count) => Math.round(count * share));
    const total = (counts: readonly number[]) => counts.reduce((sum, count) => sum + count, 0);
    const shown = oversampled ? some.length * Math.max(...some) : Math.round(copies * total(some));
    const added = synthetic === null ? 0 : total(syntheticCounts(synthetic.amount, some, real));
    return [name, { real: copies === 0 ? 0 : total(some), shown, synthetic: added }] as const;
  });
  return {
    config,
    version: "0.0.0",
    classes,
    arms,
    sizes: Object.fromEntries(sizes),
    validation: Math.round(n / 5),
    data: { name: "skin", hash: "d".repeat(64), n, perClass: real },
    testSets: testSets.map((set, i) => ({
      name: set.name,
      distribution: config.testSets[i]!.distribution,
      dataset: i === 0 ? "skin" : "elsewhere",
      hash: String(i).repeat(64),
      n: set.labels.length,
      patients: patientsPerClass(set).reduce((sum, count) => sum + count, 0),
      perClass: countsOf(set),
    })),
    generators: Object.keys(config.generators).map((name) => ({
      name,
      description: `${name} tiny, 20000 images seen, seed 0`,
      hash: "e".repeat(64),
      imagesSeen: 20_000,
      samples: classes.map((name, c) => ({ class: name, images: drawnImages(c) })),
    })),
    effort: Object.fromEntries(sizes.map(([name, { shown, synthetic }]) => [name, 12 * (shown + synthetic)])),
    table,
    comparisons,
    judgements: judgeArms(comparisons, { metric: primary, alpha }),
    kinds: compareKinds(table, arms, config),
    notes: [],
  };
}
