import { Rng } from "../../core/rng.ts";
import { stratifiedSplit } from "../../data/index.ts";
import type { LabelledSet } from "../../features/labelled-set.ts";
import { type Matrix, takeRows } from "../../math/linear/linear64.ts";
import type { EvaluatedSets } from "../datasets.ts";
import type { Judged } from "./class-score.ts";
import { classProbabilities, trainDiscriminant } from "./discriminant.ts";
import { imageStatistics } from "./image-statistics.ts";

/** Images that a classifier learns from or is tested on. */
export interface ClassSample {
  readonly rows: Matrix;
  /** Class index of each row. */
  readonly labels: readonly number[];
}

/** Most images of a class on each side: more make the interval narrower and the classifier no better. */
const MOST_OF_CLASS = 500;
/** Share of the real images that are tested on where there is no held-out set. */
const TESTED = 0.2;

type Sets = Pick<EvaluatedSets, "real" | "holdout" | "classes">;

/** Of the images those with a label, at most so many of each class, drawn with the seed. */
export function capped(
  indices: readonly number[],
  { labels }: Pick<LabelledSet, "labels">,
  classes: readonly string[],
  rng: Rng,
  most = MOST_OF_CLASS,
): number[] {
  const byClass = classes.map((): number[] => []);
  for (const i of indices) if (classes[labels[i]!] !== "") byClass[labels[i]!]!.push(i);
  return byClass.flatMap((own) => (own.length <= most ? own : rng.shuffle(own).slice(0, most))).sort((a, b) => a - b);
}

function sampleOf(indices: readonly number[], set: LabelledSet, classes: readonly string[], rng: Rng): ClassSample {
  const chosen = capped(indices, set, classes, rng);
  return { rows: imageStatistics(set.store, chosen), labels: chosen.map((i) => set.labels[i]!) };
}

/** The real images, divided in those that a classifier learns from and those that it is tested on. */
export interface RealClasses {
  readonly train: ClassSample;
  readonly test: ClassSample;
  /** `holdout`: the held-out set. `part`: a fifth of the real set, which the generator may have learned from. */
  readonly from: "holdout" | "part";
}

function divide({ real, holdout, classes }: Sets, seed: number): RealClasses {
  const drawn = (set: LabelledSet, indices: readonly number[], name: string) =>
    sampleOf(indices, set, classes, new Rng(seed, "classes", name));
  const every = (set: LabelledSet) => [...set.labels.keys()];
  if (holdout !== null) {
    return { train: drawn(real, every(real), "train"), test: drawn(holdout, every(holdout), "test"), from: "holdout" };
  }
  const [train, test] = stratifiedSplit(Array.from(real.labels, String), {
    fractions: [1 - TESTED, TESTED],
    groups: real.dataset.samples.map(({ patient }) => patient),
    seed,
  });
  return { train: drawn(real, train!, "train"), test: drawn(real, test!, "test"), from: "part" };
}

const divided = new WeakMap<LabelledSet, { holdout: LabelledSet | null; seed: number; found: RealClasses }>();

/** {@link RealClasses} of the sets; computed once for real images that several synthetic sets are compared with. */
export function realClasses(sets: Sets, seed: number): RealClasses {
  const known = divided.get(sets.real);
  if (known !== undefined && known.holdout === sets.holdout && known.seed === seed) return known.found;
  const found = divide(sets, seed);
  divided.set(sets.real, { holdout: sets.holdout, seed, found });
  return found;
}

const described = new WeakMap<Int32Array, { set: LabelledSet; seed: number; found: ClassSample }>();

/**
 * The synthetic images of a comparison, at most {@link MOST_OF_CLASS} of a class; computed once for the metrics of one
 * comparison.
 */
export function syntheticClasses(
  { synthetic, classes }: Pick<EvaluatedSets, "synthetic" | "classes">,
  matched: Int32Array,
  seed: number,
): ClassSample {
  const known = described.get(matched);
  if (known !== undefined && known.set === synthetic && known.seed === seed) return known.found;
  const found = sampleOf(Array.from(matched), synthetic, classes, new Rng(seed, "classes", "synthetic"));
  described.set(matched, { set: synthetic, seed, found });
  return found;
}

/** Of a sample the images at some places. */
export const partOf = ({ rows, labels }: ClassSample, indices: readonly number[]): ClassSample => ({
  rows: takeRows(rows, indices),
  labels: indices.map((i) => labels[i]!),
});

/** Of a sample the images of some classes. */
export const ofClasses = (sample: ClassSample, classes: readonly number[]): ClassSample =>
  partOf(
    sample,
    [...sample.labels.keys()].filter((i) => classes.includes(sample.labels[i]!)),
  );

/** Of a sample `counts[k]` images of each class k, drawn at random. */
export function takeOfClasses(sample: ClassSample, counts: readonly number[], rng: Rng): ClassSample {
  const left = [...counts];
  const chosen = rng.shuffle([...sample.labels.keys()]).filter((i) => left[sample.labels[i]!]!-- > 0);
  return partOf(
    sample,
    chosen.sort((a, b) => a - b),
  );
}

/** Classes of a sample in ascending order. */
export const classesIn = ({ labels }: ClassSample): number[] => [...new Set(labels)].sort((a, b) => a - b);

/** A classifier of classes: fixed statistics of the images and a linear discriminant, apart from every extractor. */
export interface ClassJudge {
  /** Indices of the classes that it knows. */
  readonly known: readonly number[];
  /** @param sample Its labels are compared with the answers. */
  judge(sample: ClassSample): Judged;
}

/** @returns null where fewer than two classes can be learned */
export function trainJudge(train: ClassSample, classes: number): ClassJudge | null {
  const found = trainDiscriminant(train.rows, train.labels, classes);
  if (found === null) return null;
  return {
    known: [...found.classes.keys()].filter((k) => found.classes[k] !== null),
    judge: ({ rows, labels }) => ({ labels, probabilities: classProbabilities(found, rows), classes }),
  };
}
