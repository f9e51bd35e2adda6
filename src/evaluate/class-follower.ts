import { Rng } from "../core/rng.ts";
import { type PackedStore, stratifiedSplit } from "../data/index.ts";
import { imagesInMemory } from "../features/extractor.ts";
import { mean } from "../math/mean.ts";
import { type ClassSample, partOf, sampleOf, trainJudge } from "./classes/class-judge.ts";
import { type ClassScore, recallsOf } from "./classes/class-score.ts";
import { imageStatistics } from "./classes/image-statistics.ts";
import { knowsClasses } from "./classes/score-words.ts";

/** Parts of the training images: each is judged by a classifier of the others, which says how many real images it gets right. */
const FOLDS = 5;
/** Images that are drawn to be judged: so many of a class at most, and in all unless each class has the fewest. */
const [MOST_OF_CLASS, FEWEST_OF_CLASS, IN_ALL] = [32, 8, 320];
/** A state whose images are hardly ever of their class is ranked as if they were so often, so that distances still order such states. */
const LEAST_SHARE = 0.01;

/** What a classifier says of drawn images. */
export interface FollowedClasses {
  /** Share of them that are given the class that they were drawn for, as a part of that of real ones: above 0, 1 at most. */
  readonly share: number;
  /** The share and that of real images, mean over classes, and each class's, by the names that they have in the statistics. */
  readonly figures: Readonly<Record<string, number>>;
}

/** Follows whether the images that a run draws are of their class. */
export interface ClassFollower {
  /** Class of each image that {@link measure} needs; as many of each class that the classifier knows. */
  readonly labels: readonly number[];
  /** @param images uint8 [labels.length, C, S, S] in the order of {@link labels}. */
  measure(images: Uint8Array): FollowedClasses;
}

/**
 * A follower by the classifier that class agreement is measured with (`classes/`), which learns from the training images. Null where it
 * does not tell real images that it has not seen better than chance does, or where there is one class.
 */
export function followClasses(store: PackedStore, seed: number): ClassFollower | null {
  const { classes, labels } = store;
  const sample = sampleOf([...labels.keys()], { store, labels }, classes, new Rng(seed, "probe-classes"));
  const judge = trainJudge(sample, classes.length);
  const real = judge && crossJudged(sample, classes.length, seed);
  if (judge === null || real === null || !knowsClasses({ perClass: real })) return null;
  const known = judge.known.filter((k) => real[k] !== null);
  const floor = mean(known.map((k) => real[k]!.value));
  const each = Math.min(MOST_OF_CLASS, Math.max(FEWEST_OF_CLASS, Math.floor(IN_ALL / known.length)));
  const wanted = known.flatMap((k) => new Array<number>(each).fill(k));
  return {
    labels: wanted,
    measure: (images) => {
      const rows = imageStatistics(imagesInMemory(images, store.resolution, store.channels), [...wanted.keys()]);
      const found = recallsOf(judge.judge({ rows, labels: wanted }));
      const value = mean(known.map((k) => found[k]!.value));
      const perClass = known.map((k) => [`classAgreement/${classes[k]}`, found[k]!.value]);
      return {
        share: Math.min(1, Math.max(LEAST_SHARE, value / floor)),
        figures: { classAgreement: value, classAgreementReal: floor, ...Object.fromEntries(perClass) },
      };
    },
  };
}

/** Shares of the images of each class that a classifier of the other parts gives it; null where one cannot learn two classes. */
function crossJudged(sample: ClassSample, classes: number, seed: number): ClassScore["perClass"] | null {
  const parts = stratifiedSplit(Array.from(sample.labels, String), {
    fractions: new Array<number>(FOLDS).fill(1 / FOLDS),
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
