import { GanglionError } from "../../core/errors.ts";
import { assignedClasses, balancedAccuracy, type ClassWeights, classF1, classWeights } from "../../math/assigned.ts";
import { mean } from "../../math/mean.ts";
import { type Ranking, rankImages, weightedAuc, weightedSensitivity } from "../../math/ranking.ts";
import { binConfidences, CALIBRATION_BINS, weightedCalibrationError } from "./calibration.ts";
import type { TestSet } from "./test-set.ts";

/** A metric of one test set as a function of how often each image counts; all ones give the metric itself. */
type WeightedMetric = (weights: ArrayLike<number>) => number;

/** A figure of a classifier's scores. */
export interface OutcomeMetric {
  /** Its name with class and specificity, e.g. `sensitivity@0.9:melanoma`. */
  readonly name: string;
  readonly better: "higher" | "lower";
  /** One sentence: what is computed, and by which convention. */
  readonly protocol: string;
  /** The class it is about; null for the whole. */
  readonly ofClass: string | null;
  /**
   * Does once what no resample changes (sorting, assigning, binning).
   * @param scores Probabilities, row-major [n, classes].
   */
  prepare(scores: ArrayLike<number>, set: TestSet): WeightedMetric;
}

/** How a metric is named, with what it means. */
const OUTCOME_METRICS: Readonly<Record<string, string>> = {
  auc: "mean over classes of the one-vs-rest AUC, ties counting one half",
  "auc:CLASS": "AUC of the class against the rest, ties counting one half",
  balancedAccuracy: "mean over classes of the share of images whose highest score is that of their class",
  f1: "mean over classes of the F1 of the highest score",
  "f1:CLASS": "F1 of the class by the highest score",
  "sensitivity@SPECIFICITY:CLASS":
    "sensitivity for the class at that specificity (0 < SPECIFICITY < 1), on the ROC curve with straight lines between points",
  ece: `expected calibration error of the highest score, ${CALIBRATION_BINS} bins of equal width`,
};

const PATTERN = /^(?:(auc|f1)(?::(.+))?|(balancedAccuracy|ece)|sensitivity@(0?\.\d+):(.+))$/;

/** Classes that the test set has images of. */
function presentClasses({ classes, labels }: TestSet): number[] {
  return classes.map((_, c) => c).filter((c) => labels.includes(c));
}

/** Metrics of the assigned classes. */
function ofAssigned(metric: (sums: ClassWeights, set: TestSet) => number): OutcomeMetric["prepare"] {
  return (scores, set) => {
    const assigned = assignedClasses(scores, set.classes.length);
    return (weights) => metric(classWeights(set.labels, assigned, set.classes.length, weights), set);
  };
}

/** Metrics of the order of one class's score. */
function ofRanking(
  name: string,
  metric: (ranking: Ranking, weights: ArrayLike<number>) => number,
): OutcomeMetric["prepare"] {
  return (scores, { classes, labels }) => {
    const ranking = rankImages(scores, labels, classes.length, classes.indexOf(name));
    return (weights) => metric(ranking, weights);
  };
}

const macroAuc: OutcomeMetric["prepare"] = (scores, set) => {
  const rankings = presentClasses(set).map((c) => rankImages(scores, set.labels, set.classes.length, c));
  return (weights) => mean(rankings.map((ranking) => weightedAuc(ranking, weights)));
};

const calibrationError: OutcomeMetric["prepare"] = (scores, { classes, labels }) => {
  const assigned = assignedClasses(scores, classes.length);
  const confidences = binConfidences(scores, labels, assigned, classes.length);
  return (weights) => weightedCalibrationError(confidences, weights);
};

/**
 * The metric of a name; see {@link OUTCOME_METRICS}.
 * @throws GanglionError `usage` that lists the names there are
 */
export function parseOutcomeMetric(name: string): OutcomeMetric {
  const match = PATTERN.exec(name);
  if (match === null) {
    const known = Object.entries(OUTCOME_METRICS).map(([form, meaning]) => `  ${form}: ${meaning}`);
    throw new GanglionError("usage", `metrics: no metric "${name}"; choose of\n${known.join("\n")}`);
  }
  const [, ranked, rankedClass, plain, specificity, sensitivityClass] = match;
  const kind = ranked ?? plain ?? "sensitivity";
  const ofClass = rankedClass ?? sensitivityClass ?? null;
  const better = kind === "ece" ? "lower" : "higher";
  const form = kind === "sensitivity" ? "sensitivity@SPECIFICITY:CLASS" : ofClass === null ? kind : `${kind}:CLASS`;
  const described = { name, better, ofClass, protocol: OUTCOME_METRICS[form]! } as const;
  if (kind === "sensitivity") {
    const at = Number(specificity);
    if (!(at > 0))
      throw new GanglionError("usage", `metrics: ${name}: a specificity lies between 0 and 1, found ${at}`);
    return { ...described, prepare: ofRanking(ofClass as string, (r, w) => weightedSensitivity(r, w, at)) };
  }
  if (kind === "ece") return { ...described, prepare: calibrationError };
  if (kind === "balancedAccuracy") return { ...described, prepare: ofAssigned(balancedAccuracy) };
  if (kind === "auc") return { ...described, prepare: ofClass === null ? macroAuc : ofRanking(ofClass, weightedAuc) };
  return {
    ...described,
    prepare: ofAssigned((sums, set) =>
      ofClass === null
        ? mean(presentClasses(set).map((c) => classF1(sums, c)))
        : classF1(sums, set.classes.indexOf(ofClass)),
    ),
  };
}
