import { type Problem, throwIfProblems } from "../core/errors.ts";
import type { MapKind } from "../data/index.ts";
import { modelFamily } from "../model/known-families.ts";
import { needsLabeller, parseSampler } from "../sample/sampler.ts";
import { type Amount, type Arm, expandArms, questionsOf, syntheticCounts } from "./arms.ts";
import { type GeneratorConfig, networkDefaults, type StudyConfig, type TrainedConfig } from "./config.ts";
import { generatorSize } from "./generator-size.ts";
import { defineJob, type Job, type Json, jobGraph } from "./jobs/job.ts";
import type { ArmQuestion } from "./statistics/compare-arms.ts";

/** The real training images of a share of the patients. */
interface ShareFacts {
  readonly share: number;
  /** Hash over names, labels and contents of the images, as a run states that of its training images. */
  readonly hash: string;
  /** Images of each class that are learnt from, in the order of the classes. */
  readonly counts: readonly number[];
  /** How many of these state the lesion that a map of each kind shows. */
  readonly regions: Readonly<Record<MapKind, readonly number[]>>;
}

/** What the plan has to know of a run whose generator is taken. */
interface RunFacts {
  /** Hash of the generator. */
  readonly generator: string;
  /** Hash of the state of its discriminator; null where no sampler asks it. */
  readonly judge: string | null;
  /** Hash of the images that it was trained on. */
  readonly data: string;
  /** Classes that it draws. */
  readonly classes: readonly string[];
  /** Real training images of each of them. */
  readonly counts: readonly number[];
  /** Kind of the maps that it fills; null where it draws from noise. */
  readonly mapKind: MapKind | null;
}

/** What the plan has to know of a start. */
interface StartFacts {
  /** Hash of its weights and of what it was. */
  readonly hash: string;
  /** Hashes of the images that it and what it began from learned from; none where nobody has said. */
  readonly data: readonly string[];
}

/** What the plan has to know of files, so that it needs none. */
export interface StudyFacts {
  readonly classes: readonly string[];
  readonly channels: 1 | 3;
  /** Hash over names, labels, contents and patients of the training images. */
  readonly real: string;
  /** Of the whole (share 1) and of every reduced share. */
  readonly shares: readonly ShareFacts[];
  /** Hash of the images of each test set, by its name. */
  readonly testSets: Readonly<Record<string, string>>;
  /** Hash over masks, boxes and tones of the training images; null where no generator fills maps. */
  readonly maps: string | null;
  /** Of generators that are taken from runs, by name. */
  readonly runs: Readonly<Record<string, RunFacts>>;
  /** Starts that generators begin from, by the name of the generator. */
  readonly starts: Readonly<Record<string, StartFacts>>;
  /** Hashes of the frozen networks that generators learn by, likewise. */
  readonly frozen: Readonly<Record<string, string>>;
  /** Hash of the extractor of a probe; null where a network is trained. */
  readonly extractor: string | null;
}

/** Jobs that read files of the user. */
export const LOCAL_JOBS = ["pack-images", "pack-maps", "take-start", "take-generator", "take-extractor"] as const;
/** Jobs that read the artefacts of others alone. */
export const POOLED_JOBS = ["train-generator", "sample", "extract-features", "train-classifier", "score"] as const;
/** Kinds of jobs; a handler does each. */
type StudyJobKind = (typeof LOCAL_JOBS)[number] | (typeof POOLED_JOBS)[number];

/**
 * Counted up when a handler makes other bytes of the same inputs, so that a store does not serve what an earlier version made;
 * a kind that is not named is at its first revision.
 */
const REVISIONS: Partial<Record<StudyJobKind, number>> = { "train-classifier": 2 };

/** Where the scores of a trial will be. */
export interface PlannedTrial {
  readonly arm: string;
  readonly seed: number;
  readonly testSet: string;
  /** Id of the job of kind `score`. */
  readonly job: string;
}

/** Where the synthetic images of an arm will be. */
interface DrawnImages {
  readonly arm: string;
  readonly seed: number;
  /** Id of the job of kind `sample`. */
  readonly job: string;
  /** Id of the job that trains or takes the generator. */
  readonly generator: string;
}

/** A study as pure data: nothing in it depends on where files lie or on the machine. */
export interface StudyPlan {
  readonly arms: readonly Arm[];
  readonly questions: readonly ArmQuestion[];
  /** By id, inputs before those that read them. */
  readonly jobs: ReadonlyMap<string, Job>;
  readonly trials: readonly PlannedTrial[];
  readonly drawn: readonly DrawnImages[];
}

/**
 * A generator must have been trained on the real images of its arm and on no others: of a reduced arm it would bring in what
 * was taken away, of any arm it may have seen the test images.
 */
function generatorProblems(arms: readonly Arm[], config: StudyConfig, facts: StudyFacts): Problem[] {
  return arms.flatMap(({ name, share, synthetic }): Problem[] => {
    if (synthetic === null) return [];
    if (config.generators[synthetic.generator]!.from === "train") {
      const learned = facts.starts[synthetic.generator]?.data ?? [];
      const wider = facts.shares.find((other) => other.share > share && learned.includes(other.hash));
      if (wider === undefined) return [];
      const message =
        `the start of the generator ${synthetic.generator} learned from ${wider.share === 1 ? "all the real images" : `${wider.share} of the patients`}, ` +
        "and the arm has fewer; take another start, or leave the generator out of reduced arms";
      return [{ code: "generator-data", path: `arm ${name}`, message }];
    }
    const run = facts.runs[synthetic.generator]!;
    const allowed = shareOf(facts, share).hash;
    if (run.data === allowed) return [];
    const message =
      `the generator ${synthetic.generator} was trained on other images (${run.data.slice(0, 12)}) than the real ones of ` +
      `this arm (${allowed.slice(0, 12)}); let the study train it ("from": "train") or remove it from the arm`;
    return [{ code: "generator-data", path: `arm ${name}`, message }];
  });
}

/** Synthetic images of each class that an amount comes to in an arm of a share of the patients. */
const countsOf = (amount: Amount, share: number, facts: StudyFacts): number[] =>
  syntheticCounts(amount, shareOf(facts, share).counts, shareOf(facts, 1).counts);

/** A generator that fills maps takes those of the arm's own real images, of the class that it draws. */
function mapProblems(arms: readonly Arm[], config: StudyConfig, facts: StudyFacts): Problem[] {
  return arms.flatMap(({ name, share, synthetic }): Problem[] => {
    if (synthetic === null) return [];
    const kind = mapKindOf(synthetic.generator, config, facts);
    if (kind === null) return [];
    const own = shareOf(facts, share);
    const drawn = countsOf(synthetic.amount, share, facts);
    const lacking = facts.classes.filter((_, c) => drawn[c]! > 0 && own.regions[kind][c] === 0);
    if (lacking.length === 0) return [];
    const stated = kind === "mask" ? "a mask" : "a mask or a box";
    const message =
      `no real image of ${lacking.join(", ")} to learn from has ${stated}, and ${synthetic.generator} fills the maps of real images; ` +
      "leave the arm out, or take a generator from noise";
    return [{ code: "maps", path: `arm ${name}`, message }];
  });
}

/** Arms without real images whose amount comes to no image of a class. */
function classProblems(arms: readonly Arm[], facts: StudyFacts): Problem[] {
  return arms.flatMap(({ name, share, copies, synthetic }): Problem[] => {
    if (synthetic === null || copies > 0) return [];
    const { counts } = shareOf(facts, share);
    const drawn = countsOf(synthetic.amount, share, facts);
    const lacking = facts.classes.filter((_, c) => counts[c]! > 0 && drawn[c] === 0);
    if (lacking.length === 0) return [];
    const message = `comes to no image of ${lacking.join(", ")}; use a larger number in only`;
    return [{ code: "ratio", path: `arm ${name}`, message }];
  });
}

/** Kind of the maps that a generator fills; null where it draws from noise. */
function mapKindOf(name: string, { generators }: StudyConfig, { runs }: StudyFacts): MapKind | null {
  const generator = generators[name]!;
  return generator.from === "run" ? runs[name]!.mapKind : filledMaps(generator);
}

/** Kind of the maps that a generator of a study fills; null where it draws from noise. */
export const filledMaps = ({ model, mapKind }: TrainedConfig): MapKind | null =>
  modelFamily(model, "generators").input === "maps" ? mapKind : null;

function shareOf({ shares }: StudyFacts, share: number): ShareFacts {
  return shares.find((facts) => facts.share === share) as ShareFacts;
}

/**
 * The jobs of a study. Ids are made of contents and settings alone, so that equal work is done once: within a study, after an
 * interruption, and in another study on the same store.
 * @throws GanglionError `usage` that lists every arm whose generator has seen images that the arm may not know, or lacks the maps
 *   of a class
 */
export function planStudy(config: StudyConfig, facts: StudyFacts): StudyPlan {
  const arms = expandArms(config);
  throwIfProblems("usage", "generators have seen too much", generatorProblems(arms, config, facts));
  throwIfProblems("usage", "generators lack maps", mapProblems(arms, config, facts));
  throwIfProblems("usage", "arms lack classes", classProblems(arms, facts));
  const jobs: Job[] = [];
  const define: Define = (kind, title, parameters, inputs) => {
    const revision = REVISIONS[kind];
    const job = defineJob(kind, title, revision === undefined ? parameters : { ...parameters, revision }, inputs);
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
        const inputs = { classifier, images: images.testSets[testSet]! };
        const views = config.classifier.kind === "network" ? config.classifier.views : 1;
        const score = define("score", `score ${name}, seed ${seed}, on ${testSet}`, { views }, inputs);
        trials.push({ arm: name, seed, testSet, job: score.id });
      }
    }
  }
  return { arms, questions: questionsOf(arms), jobs: jobGraph(jobs), trials, drawn: images.drawn };
}

type Define = (
  kind: StudyJobKind,
  title: string,
  parameters: { readonly [key: string]: Json },
  inputs?: Readonly<Record<string, Job>>,
) => Job;

/** The classifier that labels in a study of probes. */
const NETWORK = { classifier: networkDefaults } as const;

function classifierRecipe({ classifier }: Pick<StudyConfig, "classifier">): { readonly [key: string]: Json } {
  if (classifier.kind === "probe") return { kind: "probe" };
  const { epochs, patience, balanced } = classifier;
  return { kind: "network", epochs, patience, balanced };
}

/** Counts in the classes that a run draws, and the study's class of each. */
function countsForRun(counts: readonly number[], { classes }: StudyFacts, run: RunFacts) {
  const labels: Record<string, string> = {};
  const drawn: Record<string, number> = {};
  classes.forEach((name, c) => {
    const own = run.classes.includes(name) ? [name] : run.classes.filter((other) => !classes.includes(other));
    const real = own.map((other) => run.counts[run.classes.indexOf(other)]!);
    const shares = apportion(counts[c]!, real);
    own.forEach((other, i) => {
      labels[other] = name;
      drawn[other] = shares[i]!;
    });
  });
  return { counts: drawn, labels };
}

/** Divides a total in proportion to weights (largest remainder). */
function apportion(total: number, weights: readonly number[]): number[] {
  const sum = weights.reduce((all, weight) => all + weight, 0);
  const exact = weights.map((weight) => (total * weight) / sum);
  const whole = exact.map(Math.floor);
  const byRemainder = [...whole.keys()].sort((a, b) => exact[b]! - whole[b]! - (exact[a]! - whole[a]!) || a - b);
  const left = total - whole.reduce((all, n) => all + n, 0);
  for (const i of byRemainder.slice(0, left)) whole[i]!++;
  return whole;
}

/** Jobs that make what classifiers read: images, or for a probe their features. */
function imageJobs(config: StudyConfig, facts: StudyFacts, define: Define) {
  const { resolution, validation, splitSeed } = config.data;
  const { classes, channels, extractor } = facts;
  const taken = extractor === null ? null : define("take-extractor", "take the extractor", { extractor });
  const readable = (images: Job): Job =>
    taken === null
      ? images
      : define("extract-features", `features of: ${images.title}`, {}, { images, extractor: taken });
  const pack = (what: string, hash: string, more: { readonly [key: string]: Json }) =>
    define("pack-images", `pack ${what}`, { hash, resolution, channels, classes, ...more });
  const real = pack("the real images", facts.real, { validation, splitSeed });
  const testSets = Object.fromEntries(
    config.testSets.map(({ name }) => [name, readable(pack(`test set ${name}`, facts.testSets[name]!, {}))]),
  );
  const readableReal = readable(real);
  const drawn: DrawnImages[] = [];

  /** Inputs of what reads maps too. */
  function withMaps(name: string): Readonly<Record<string, Job>> {
    const kind = mapKindOf(name, config, facts);
    if (kind === null) return { images: real };
    const parameters = { hash: facts.real, maps: facts.maps, resolution, kind };
    return { images: real, maps: define("pack-maps", `pack the maps (${kind})`, parameters) };
  }

  /** Inputs of a training besides the images: a start, and a frozen network to learn by. */
  function kitOf(name: string, { start, frozen }: TrainedConfig): Readonly<Record<string, Job>> {
    return {
      ...(start === null
        ? {}
        : { start: define("take-start", `take the start of ${name}`, { start: facts.starts[name]!.hash }) }),
      ...(frozen === null
        ? {}
        : {
            frozen: define("take-extractor", `take the frozen network of ${name}`, { extractor: facts.frozen[name]! }),
          }),
    };
  }

  function generatorJob(name: string, generator: GeneratorConfig, share: number, seed: number): Job {
    if (generator.from === "run") {
      const { generator: hash, judge } = facts.runs[name]!;
      return define("take-generator", `take ${name}`, { generator: hash, judge });
    }
    const { model, images, set, perSeed } = generator;
    const which = share === 1 ? name : `${name} on ${share} of the patients`;
    // What is not asked for is not named: an id is that of the same training in versions without it.
    const begun = generator.start === null ? {} : { startClasses: generator.startClasses };
    const recipe = {
      model,
      preset: generatorSize(generator, resolution),
      images,
      set,
      ...begun,
      share,
      seed: perSeed ? seed : generator.seed,
    };
    const title = `train generator ${which}${perSeed ? `, seed ${seed}` : ""}`;
    return define("train-generator", title, recipe, { ...withMaps(name), ...kitOf(name, generator) });
  }

  /** The classifier that says the classes of images of `relabel`: a network of the real images of the arm, the same as that of their own arm. */
  function labellerJob(share: number, seed: number): Job {
    const recipe = { ...classifierRecipe(config), copies: 1, share, oversampled: false, augment: "standard", seed };
    const network = config.classifier.kind === "network" ? recipe : { ...recipe, ...classifierRecipe(NETWORK) };
    return define("train-classifier", `train the classifier that labels, seed ${seed}`, network, { real });
  }

  /** Inputs of the training of an arm, by role. */
  function trainable({ name, share, synthetic }: Arm, seed: number): Readonly<Record<string, Job>> {
    if (synthetic === null) return { real: readableReal };
    const own = config.generators[synthetic.generator]!;
    const generator = generatorJob(synthetic.generator, own, share, seed);
    const numbers = countsOf(synthetic.amount, share, facts);
    const relabelled = needsLabeller(parseSampler(synthetic.sampler));
    const asked =
      own.from === "run" && !relabelled
        ? countsForRun(numbers, facts, facts.runs[synthetic.generator]!)
        : { counts: Object.fromEntries(classes.map((label, c) => [label, numbers[c]!])), labels: null };
    // Generators that fill maps take those of the real images of the arm.
    const parameters = { sampler: synthetic.sampler, ...asked, share, seed };
    const sample = define("sample", `draw for ${name}, seed ${seed}`, parameters, {
      ...withMaps(synthetic.generator),
      generator,
      ...(relabelled ? { labeller: labellerJob(share, seed) } : {}),
    });
    drawn.push({ arm: name, seed, job: sample.id, generator: generator.id });
    return { real: readableReal, synthetic: readable(sample) };
  }
  return { testSets, trainable, drawn };
}
