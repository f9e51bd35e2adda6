import { counted } from "../core/counted.ts";
import { GanglionError } from "../core/errors.ts";
import { listed } from "../core/quoted.ts";
import { Rng } from "../core/rng.ts";
import type { Dataset, Sample } from "./types.ts";

export interface StratifiedSplitOptions {
  /** Share of the images per part, each above 0, sum 1. Defaults to [0.8, 0.2]. */
  readonly fractions?: readonly number[];
  /** Group of each image (the patient); a group is never divided. Images with an empty or missing group stand alone. */
  readonly groups?: readonly (string | undefined)[] | undefined;
  /** Seed of the draw. Defaults to 0. */
  readonly seed?: number;
}

/**
 * Divides images into parts so that each class has nearly the same share in every part and no group crosses.
 * Greedy, rarest class first (after the iterative stratification of Sechidis 2011, section 3, with groups in place of
 * examples): each group goes where its class is furthest below its share.
 *
 * A class of two or more groups is always in the first part, the training part; a class of one group is only there. A
 * class of two or more groups is in the other parts as far as that leaves the first part with one group of each class.
 * @param labels Class of each image, or several names that each are to be spread as a class is
 * @returns Indices per part, ascending
 * @throws GanglionError `usage` for fractions that are not shares
 */
export function stratifiedSplit(
  labels: readonly (string | readonly string[])[],
  options: StratifiedSplitOptions = {},
): number[][] {
  const fractions = options.fractions ?? [0.8, 0.2];
  const sum = fractions.reduce((a, b) => a + b, 0);
  if (fractions.length < 1 || fractions.some((f) => !(f > 0)) || Math.abs(sum - 1) > 1e-6) {
    throw new GanglionError("usage", `split fractions must each be above 0 with sum 1, got ${fractions.join(", ")}`);
  }
  const rng = new Rng(options.seed ?? 0, "split");
  const names = labels.map((label) => (typeof label === "string" ? [label] : label));
  const groups = collectGroups(names, options.groups);
  rng.shuffle(groups);
  const classes = [...new Set(names.flat())].sort();
  const withClass = new Map(classes.map((name) => [name, groups.filter((group) => group.counts.has(name))]));
  const rarestFirst = [...classes].sort((a, b) => withClass.get(a)!.length - withClass.get(b)!.length);
  const total = new Map<string, number>();
  for (const label of names.flat()) total.set(label, (total.get(label) ?? 0) + 1);

  const parts = fractions.map(() => ({ images: 0, counts: new Map<string, number>() }));
  const place = (group: Group, part: number): void => {
    const sign = (to: number, by: 1 | -1): void => {
      parts[to]!.images += by * group.images.length;
      for (const [name, n] of group.counts) parts[to]!.counts.set(name, (parts[to]!.counts.get(name) ?? 0) + by * n);
    };
    if (group.part >= 0) sign(group.part, -1);
    group.part = part;
    sign(part, 1);
  };
  for (const name of rarestFirst) {
    const waiting = withClass.get(name)!.filter((group) => group.part < 0);
    waiting.sort((a, b) => b.counts.get(name)! - a.counts.get(name)!);
    for (const group of waiting) {
      const lack = parts.map((part, p) => fractions[p]! * total.get(name)! - (part.counts.get(name) ?? 0));
      const lackOfAll = parts.map((part, p) => fractions[p]! * labels.length - part.images);
      let best = 0;
      for (let p = 1; p < parts.length; p++) {
        if (lack[p]! > lack[best]! + 1e-9 || (lack[p]! > lack[best]! - 1e-9 && lackOfAll[p]! > lackOfAll[best]!))
          best = p;
      }
      place(group, best);
    }
  }

  // The greedy pass may leave a small class out of a part; groups move without breaking what another class needs.
  const groupsIn = (name: string, part: number): Group[] => withClass.get(name)!.filter((g) => g.part === part);
  for (const name of rarestFirst) {
    if (groupsIn(name, 0).length === 0) place(smallest(withClass.get(name)!), 0);
  }
  for (const name of rarestFirst) {
    for (let part = 1; part < parts.length; part++) {
      if (groupsIn(name, part).length > 0) continue;
      const free = groupsIn(name, 0).filter((g) => [...g.counts.keys()].every((c) => groupsIn(c, 0).length > 1));
      if (free.length > 0) place(smallest(free), part);
    }
  }
  const out: number[][] = fractions.map(() => []);
  for (const group of groups) out[group.part]!.push(...group.images);
  for (const part of out) part.sort((a, b) => a - b);
  return out;
}

interface Group {
  readonly images: number[];
  readonly counts: Map<string, number>;
  part: number;
}

function collectGroups(
  labels: readonly (readonly string[])[],
  names: readonly (string | undefined)[] | undefined,
): Group[] {
  const byName = new Map<string, Group>();
  const groups: Group[] = [];
  labels.forEach((own, index) => {
    const name = names?.[index];
    let group = name ? byName.get(name) : undefined;
    if (group === undefined) {
      group = { images: [], counts: new Map(), part: -1 };
      groups.push(group);
      if (name) byName.set(name, group);
    }
    group.images.push(index);
    for (const label of own) group.counts.set(label, (group.counts.get(label) ?? 0) + 1);
  });
  return groups;
}

function smallest(groups: readonly Group[]): Group {
  return groups.reduce((a, b) => (b.images.length < a.images.length ? b : a));
}

export interface SplitDatasetOptions {
  /** Seed of the draw where a split is made. */
  readonly seed: number;
  /** Share of the images held out where a split is made. Defaults to 0.2. */
  readonly holdoutFraction?: number;
}

/** Which images to train on and which to hold out. */
export interface DatasetSplit {
  /** Indices into `dataset.samples`, ascending. */
  readonly train: number[];
  readonly holdout: number[];
  /** How the split came about, one sentence to be said aloud. */
  readonly how: string;
}

/** Whether a sample is trained on where there is a split: of `train`, or without a value. */
export const isTrainingSample = ({ split }: Pick<Sample, "split">): boolean => !split || split === "train";

/**
 * Indices of the samples that are trained on: all where there is no split, else those of `train` and those without a value.
 * @throws GanglionError `dataset` when there is a split and no image is of `train`
 */
export function trainingSamples({ root, samples }: Dataset): number[] {
  const train = [...samples.keys()].filter((i) => isTrainingSample(samples[i]!));
  if (train.length > 0) return train;
  const found = listed([...new Set(samples.map(({ split }) => split ?? ""))]);
  throw new GanglionError(
    "dataset",
    `${root}: no image is of the split train (found: ${found}); leave --where out, correct the split column, or remove it to use all images`,
  );
}

/**
 * The dataset's own split where its split column names `train` and something else (everything else is held out; images
 * without a split value are trained on), otherwise a {@link stratifiedSplit} grouped by patient.
 */
export function splitDataset(dataset: Dataset, options: SplitDatasetOptions): DatasetSplit {
  const { samples, columns } = dataset;
  const train: number[] = [];
  const holdout: number[] = [];
  let withoutSplit = 0;
  samples.forEach((sample, index) => {
    if (!sample.split) withoutSplit++;
    (isTrainingSample(sample) ? train : holdout).push(index);
  });
  if (holdout.length > 0 && train.length > withoutSplit) {
    const rest =
      withoutSplit > 0
        ? `; ${counted(withoutSplit, "image without a split value is", "images without a split value are")} trained on`
        : "";
    const names = listed([...new Set(holdout.map((index) => samples[index]!.split ?? ""))].sort());
    const source = columns.split === undefined ? "the dataset's own split" : `the dataset's column "${columns.split}"`;
    const crossing = crossingPatients(dataset, holdout);
    const leak = crossing > 0 ? `; ${counted(crossing, "patient is", "patients are")} on both sides` : "";
    return { train, holdout, how: `split by ${source}: train against ${names}${rest}${leak}` };
  }
  const fraction = options.holdoutFraction ?? 0.2;
  const grouped = samples.some(({ patient }) => patient);
  const [kept, held] = stratifiedSplit(
    samples.map(({ label }) => label),
    { fractions: [1 - fraction, fraction], groups: samples.map(({ patient }) => patient), seed: options.seed },
  );
  const by = grouped ? ", no patient on both sides" : "; no patient column, so images of one patient may be divided";
  const percent = Math.round(1000 * fraction) / 10;
  return {
    train: kept!,
    holdout: held!,
    how: `split drawn with seed ${options.seed}: ${percent} % held out, stratified by class${by}`,
  };
}

function crossingPatients(dataset: Dataset, holdout: readonly number[]): number {
  const held = new Set(holdout);
  const inTrain = new Set<string>();
  const inHoldout = new Set<string>();
  dataset.samples.forEach(({ patient }, index) => {
    if (patient) (held.has(index) ? inHoldout : inTrain).add(patient);
  });
  return [...inHoldout].filter((patient) => inTrain.has(patient)).length;
}
