import { Rng } from "../core/rng.ts";
import { stratifiedSplit } from "../data/index.ts";
import { imagesInMemory } from "../features/extractor.ts";
import { mean } from "../math/mean.ts";
import type { MonitorContext } from "../train/index.ts";
import { type ClassSample, capped, partOf, trainJudge } from "./classes/class-judge.ts";
import { type ClassScore, recallsOf } from "./classes/class-score.ts";
import { imageStatistics } from "./classes/image-statistics.ts";
import { knowsClasses } from "./classes/score-words.ts";
import { rowsByClass } from "./verdict/likeness.ts";

/** Parts of the training images: each is judged by a classifier of the others, which says how many real images it gets right. */
const FOLDS = 5;
/** Most classes that are followed, drawn at random, and images that are drawn to be judged: of a class and in all. */
const [MOST_CLASSES, MOST_OF_CLASS, IN_ALL] = [40, 32, 320];
/** Training images that are learned from: of a class, and in all. */
const [LEARNED_OF_CLASS, LEARNED] = [500, 4_000];
/** A state whose images are hardly ever of their class is ranked as if they were so often, so that distances still order such states. */
const LEAST_SHARE = 0.01;

/** What a classifier says of drawn images. */
interface FollowedClasses {
  /** Share of them that are given the class that they were drawn for, as a part of that of real ones: above 0. */
  readonly share: number;
  /** The share and that of real images, mean over classes, and each class's, by the names that they have in the statistics. */
  readonly figures: Readonly<Record<string, number>>;
}

/** Follows whether the images that a run draws are of their class. */
export interface ClassFollower {
  /** Class of each image that {@link measure} needs; as many of each class that is followed. */
  readonly labels: readonly number[];
  /** @param images uint8 [labels.length, C, S, S] in the order of {@link labels}. */
  measure(images: Uint8Array): FollowedClasses;
}

/**
 * A follower by the classifier that class agreement is measured with (`classes/`), which learns from the training images. Null where it
 * does not tell real images that it has not seen better than chance does, or where there is one class.
 */
export function followClasses({
  store,
  patients,
  seed,
}: Pick<MonitorContext, "store" | "patients" | "seed">): ClassFollower | null {
  const { classes, labels } = store;
  const byClass = rowsByClass(labels, classes.length);
  // A class with fewer images than parts is unknown to some classifier that judges it.
  const enough = [...classes.keys()].filter((k) => classes[k] !== "" && byClass[k]!.length >= FOLDS);
  const known = new Rng(seed, "probe-classes")
    .shuffle(enough)
    .slice(0, MOST_CLASSES)
    .sort((a, b) => a - b);
  const inside = known.flatMap((k) => byClass[k]!);
  const most = Math.min(LEARNED_OF_CLASS, Math.ceil(LEARNED / Math.max(1, known.length)));
  const chosen = capped(inside, store, classes, new Rng(seed, "probe-classes", "learned"), most);
  const sample = { rows: imageStatistics(store, chosen), labels: chosen.map((i) => labels[i]!) };
  const judge = trainJudge(sample, classes.length);
  const groups = chosen.map((i) => patients[i]);
  const real = judge && crossJudged(sample, groups, classes.length, seed);
  if (judge === null || real === null || !knowsClasses({ perClass: real })) return null;
  const floor = mean(known.map((k) => real[k]!.value));
  const each = Math.min(MOST_OF_CLASS, Math.floor(IN_ALL / known.length));
  const wanted = known.flatMap((k) => new Array<number>(each).fill(k));
  return {
    labels: wanted,
    measure: (images) => {
      const rows = imageStatistics(imagesInMemory(images, store.resolution, store.channels), [...wanted.keys()]);
      const found = recallsOf(judge.judge({ rows, labels: wanted }));
      const value = mean(known.map((k) => found[k]!.value));
      const perClass = known.map((k) => [`classAgreement/${classes[k]}`, found[k]!.value]);
      return {
        share: Math.max(LEAST_SHARE, value / floor),
        figures: { classAgreement: value, classAgreementReal: floor, ...Object.fromEntries(perClass) },
      };
    },
  };
}

/**
 * Shares of the images of each class that a classifier of the other parts gives it, patients undivided; null where one cannot learn
 * two classes.
 */
function crossJudged(
  sample: ClassSample,
  groups: readonly (string | undefined)[],
  classes: number,
  seed: number,
): ClassScore["perClass"] | null {
  const parts = stratifiedSplit(Array.from(sample.labels, String), {
    fractions: new Array<number>(FOLDS).fill(1 / FOLDS),
    groups,
    seed,
  });
  const labels: number[] = [];
  const probabilities: number[] = [];
  for (const part of parts) {
    const inside = new Set(part);
    const others = [...sample.labels.keys()].filter((i) => !inside.has(i));
    const judge = trainJudge(partOf(sample, others), classes);
    if (judge === null) return null;
    const judged = judge.judge(partOf(sample, part));
    labels.push(...judged.labels);
    for (const probability of judged.probabilities) probabilities.push(probability);
  }
  return recallsOf({ labels, probabilities: Float64Array.from(probabilities), classes });
}
