import type { Rng } from "../../core/rng.ts";
import { assignedClasses, balancedAccuracy, classWeights } from "../../math/assigned.ts";
import { BOOTSTRAP_RESAMPLES, type Interval } from "../../math/bootstrap.ts";
import { mean } from "../../math/mean.ts";
import { percentiles } from "../../math/quantile.ts";
import { rankImages, weightedAuc } from "../../math/ranking.ts";
import { wilsonShare } from "../../math/wilson.ts";

/** Images with the classes that they are of and the probabilities that a classifier gives. */
export interface Judged {
  /** Class index of each image. */
  readonly labels: readonly number[];
  /** Row-major `[n, classes]`. */
  readonly probabilities: Float64Array;
  readonly classes: number;
}

/** How often a classifier gives images their own class. */
export interface ClassScore {
  readonly n: number;
  /** Mean over classes of the share of images that are given their own class. */
  readonly balancedAccuracy: Interval;
  /** Mean over classes of the one-vs-rest AUC; null where only one class is there. */
  readonly auc: Interval | null;
  /** See {@link recallsOf}. */
  readonly perClass: readonly ((Interval & { readonly n: number }) | null)[];
}

/** A figure of images as a function of how often each counts. */
export type WeightedFigure = (weights: Float64Array) => number;

/** Balanced accuracy and mean AUC over the classes that have images, as functions of weights. */
export function figuresOf({ labels, probabilities, classes }: Judged): {
  balancedAccuracy: WeightedFigure;
  auc: WeightedFigure;
} {
  const assigned = assignedClasses(probabilities, classes);
  const present = [...new Set(labels)];
  const rankings = present.map((k) => rankImages(probabilities, labels, classes, k));
  return {
    balancedAccuracy: (weights) => balancedAccuracy(classWeights(labels, assigned, classes, weights)),
    auc: (weights) => mean(rankings.map((ranking) => weightedAuc(ranking, weights))),
  };
}

/** How often each image counts in {@link BOOTSTRAP_RESAMPLES} resamples that keep the number of images of each class. */
export function stratifiedDraws(labels: readonly number[], rng: Rng): Float64Array[] {
  const members = [...new Set(labels)].map((k) => [...labels.keys()].filter((i) => labels[i] === k));
  return Array.from({ length: BOOTSTRAP_RESAMPLES }, () => {
    const weights = new Float64Array(labels.length);
    for (const group of members) for (let i = 0; i < group.length; i++) weights[group[rng.integer(group.length)]!]!++;
    return weights;
  });
}

/** A figure with the 2.5 and 97.5 % quantiles over draws; null where it is not defined. */
export function intervalOf(figure: WeightedFigure, n: number, draws: readonly Float64Array[]): Interval | null {
  const value = figure(new Float64Array(n).fill(1));
  if (!Number.isFinite(value)) return null;
  const { low, high } = percentiles(draws.map(figure).filter(Number.isFinite));
  return { value, low: Math.min(low, value), high: Math.max(high, value) };
}

/** Scores a classifier's answers. @returns null where there is no image */
export function scoreOf(judged: Judged, draws: readonly Float64Array[]): ClassScore | null {
  const n = judged.labels.length;
  const { balancedAccuracy, auc } = figuresOf(judged);
  const found = intervalOf(balancedAccuracy, n, draws);
  if (found === null) return null;
  return { n, balancedAccuracy: found, auc: intervalOf(auc, n, draws), perClass: recallsOf(judged) };
}

/** By class index: share of the images of a class that are given it, with Wilson's interval; null for a class without images. */
export function recallsOf({ labels, probabilities, classes }: Judged): ClassScore["perClass"] {
  const assigned = assignedClasses(probabilities, classes);
  const { actual, right } = classWeights(labels, assigned, classes, new Float64Array(labels.length).fill(1));
  return Array.from({ length: classes }, (_, k) => {
    if (actual[k] === 0) return null;
    const { value, low, high } = wilsonShare(right[k]!, actual[k]!);
    return { n: actual[k]!, value: value!, low: low!, high: high! };
  });
}
