import { type Problem, throwIfProblems } from "../core/errors.ts";
import { type Arm, expandArms, questionsOf, syntheticCounts } from "./arms.ts";
import type { GeneratorConfig, StudyConfig } from "./config.ts";
import { defineJob, type Job, type Json, jobGraph } from "./jobs/job.ts";
import type { ArmQuestion } from "./statistics/compare-arms.ts";

/** The real training images of a share of the patients. */
export interface ShareFacts {
  readonly share: number;
  /** Hash over names, labels and contents of the images. */
  readonly hash: string;
  /** Images of each class, in the order of the classes. */
  readonly counts: readonly number[];
}

/** What the plan has to know of files, so that it needs none. */
export interface StudyFacts {
  readonly classes: readonly string[];
  /** Of the whole (share 1) and of every reduced share. */
  readonly shares: readonly ShareFacts[];
  /** Hash of the images of each test set, by its name. */
  readonly testSets: Readonly<Record<string, string>>;
  /** Of generators that are taken from runs, by name: hash of the generator, and of the images it was trained on. */
  readonly runs: Readonly<Record<string, { readonly generator: string; readonly data: string }>>;
  /** Hash of the extractor of a probe; null where a network is trained. */
  readonly extractor: string | null;
}

/** Kinds of jobs; a handler does each. */
export type StudyJobKind =
  | "pack-images"
  | "train-generator"
  | "take-generator"
  | "sample"
  | "extract-features"
  | "train-classifier"
  | "score";

/** Where the scores of a trial will be. */
export interface PlannedTrial {
  readonly arm: string;
  readonly seed: number;
  readonly testSet: string;
  /** Id of the job of kind `score`. */
  readonly job: string;
}

/** A study as pure data: nothing in it depends on where files lie or on the machine. */
export interface StudyPlan {
  readonly arms: readonly Arm[];
  readonly questions: readonly ArmQuestion[];
  /** By id, inputs before those that read them. */
  readonly jobs: ReadonlyMap<string, Job>;
  readonly trials: readonly PlannedTrial[];
}

/**
 * A generator must have been trained on the real images of its arm and on no others: of a reduced arm it would bring in what
 * was taken away, of any arm it may have seen the test images.
 */
function generatorProblems(arms: readonly Arm[], config: StudyConfig, facts: StudyFacts): Problem[] {
  return arms.flatMap(({ name, share, synthetic }): Problem[] => {
    if (synthetic === null || config.generators[synthetic.generator].from === "train") return [];
    const run = facts.runs[synthetic.generator];
    const allowed = shareOf(facts, share).hash;
    if (run.data === allowed) return [];
    const message =
      `the generator ${synthetic.generator} was trained on other images (${run.data.slice(0, 12)}) than the real ones of ` +
      `this arm (${allowed.slice(0, 12)}); let the study train it ("from": "train") or take it out of the arm`;
    return [{ code: "generator-data", path: `arm ${name}`, message }];
  });
}

function shareOf({ shares }: StudyFacts, share: number): ShareFacts {
  return shares.find((facts) => facts.share === share) as ShareFacts;
}

/**
 * The jobs of a study. Ids are made of contents and settings alone, so that equal work is done once: within a study, after an
 * interruption, and in another study on the same store.
 * @throws GanglionError `usage` that lists every arm whose generator has seen images that the arm may not know
 */
export function planStudy(config: StudyConfig, facts: StudyFacts): StudyPlan {
  const arms = expandArms(config);
  throwIfProblems("usage", "generators have seen too much", generatorProblems(arms, config, facts));
  const jobs: Job[] = [];
  const define = (...definition: Parameters<typeof defineJob>): Job => {
    const job = defineJob(...definition);
    jobs.push(job);
    return job;
  };
  const images = imageJobs(config, facts, define);
  const trials: PlannedTrial[] = [];
  for (const seed of config.seeds) {
    for (const arm of arms) {
      const trained = images.trainable(arm, seed);
      const { name, copies, share, oversampled, augment } = arm;
      const recipe = { ...classifierRecipe(config), copies, share, oversampled, augment, seed };
      const classifier = define("train-classifier", `train ${name}, seed ${seed}`, recipe, trained);
      for (const { name: testSet } of config.testSets) {
        const inputs = { classifier, images: images.testSets[testSet] };
        const views = config.classifier.kind === "network" ? config.classifier.views : 1;
        const score = define("score", `score ${name}, seed ${seed}, on ${testSet}`, { views }, inputs);
        trials.push({ arm: name, seed, testSet, job: score.id });
      }
    }
  }
  return { arms, questions: questionsOf(arms), jobs: jobGraph(jobs), trials };
}

type Define = (...definition: Parameters<typeof defineJob>) => Job;

function classifierRecipe({ classifier }: StudyConfig): { readonly [key: string]: Json } {
  if (classifier.kind === "probe") return { kind: "probe" };
  return { kind: "network", epochs: classifier.epochs, patience: classifier.patience };
}

/** Jobs that make what classifiers read: images, or for a probe their features. */
function imageJobs(config: StudyConfig, facts: StudyFacts, define: Define) {
  const { resolution, validation, splitSeed } = config.data;
  const { classes, extractor } = facts;
  const readable = (images: Job): Job =>
    extractor === null ? images : define("extract-features", `features of: ${images.title}`, { extractor }, { images });
  const pack = (what: string, hash: string, more: { readonly [key: string]: Json }) =>
    define("pack-images", `pack ${what}`, { hash, resolution, classes, ...more });
  const real = pack("the real images", shareOf(facts, 1).hash, { validation, splitSeed });
  const testSets = Object.fromEntries(
    config.testSets.map(({ name }) => [name, readable(pack(`test set ${name}`, facts.testSets[name], {}))]),
  );
  const readableReal = readable(real);

  function generatorJob(name: string, generator: GeneratorConfig, share: number, seed: number): Job {
    if (generator.from === "run") {
      return define("take-generator", `take ${name}`, { generator: facts.runs[name].generator });
    }
    const { model, preset, images, set, perSeed } = generator;
    const which = share === 1 ? name : `${name} on ${share} of the patients`;
    const recipe = { model, preset, images, set, share, seed: perSeed ? seed : generator.seed };
    return define("train-generator", `train generator ${which}`, recipe, { images: real });
  }

  return {
    testSets,
    /** Inputs of the training of an arm, by role. */
    trainable({ name, share, synthetic }: Arm, seed: number): Readonly<Record<string, Job>> {
      if (synthetic === null) return { real: readableReal };
      const generator = generatorJob(synthetic.generator, config.generators[synthetic.generator], share, seed);
      const all = shareOf(facts, 1).counts;
      const numbers = syntheticCounts(synthetic.amount, shareOf(facts, share).counts, all);
      const counts = Object.fromEntries(classes.map((label, c) => [label, numbers[c]]));
      // Generators that fill maps take those of the real images of the arm.
      const parameters = { sampler: synthetic.sampler, counts, share, seed };
      const drawn = define("sample", `draw for ${name}, seed ${seed}`, parameters, { generator, images: real });
      return { real: readableReal, synthetic: readable(drawn) };
    },
  };
}
