import { Rng } from "../../core/rng.ts";
import { count, percent } from "../../report/format.ts";
import {
  type ClassSample,
  classesIn,
  ofClasses,
  realClasses,
  syntheticClasses,
  trainJudge,
} from "../classes/class-judge.ts";
import { scoreOf, stratifiedDraws } from "../classes/class-score.ts";
import { beside, fewWarning, knowsClasses, perClassBeside, spanned } from "../classes/score-words.ts";
import { type ImageContext, type ImageMetric, notMeasured } from "./image-metric.ts";

const TITLE = "Class agreement";

/**
 * How often a classifier of the real images gives synthetic images the class that they were made for, beside real images
 * that it has not seen: balanced accuracy over the classes that both have. The classifier is a linear discriminant of fixed
 * statistics of the images (`classes/`), which shares nothing with any extractor; it learns from the real set, or from four
 * fifths of it where there is no held-out set.
 */
export function classAgreement({ sets, matched, seed }: ImageContext): ImageMetric {
  const { classes } = sets;
  const real = realClasses(sets, seed);
  const judge = trainJudge(real.train, classes.length);
  if (judge === null) return notMeasured(TITLE, "it needs two classes with at least two real images each");
  const synthetic = ofClasses(syntheticClasses(sets, matched.second, seed), judge.known);
  const test = ofClasses(real.test, judge.known);
  const shared = classesIn(synthetic).filter((k) => test.labels.includes(k));
  if (shared.length === 0) return notMeasured(TITLE, "no class has both synthetic images and real ones to test on");
  const score = (sample: ClassSample, name: string) =>
    scoreOf(judge.judge(sample), stratifiedDraws(sample.labels, new Rng(seed, "bootstrap", "classAgreement", name)))!;
  const own = score(ofClasses(synthetic, shared), "synthetic");
  const floor = score(ofClasses(test, shared), "real");
  const fit = knowsClasses(score(test, "real"));
  const chance = 1 / judge.known.length;
  const reason = fit
    ? null
    : `its classifier gives ${spanned(floor.balancedAccuracy)} of ${count(floor.n)} real images that it has not seen their class, where guessing gives ${percent(chance)}`;
  return {
    overall: beside(own.balancedAccuracy, floor.balancedAccuracy.value),
    perClass: perClassBeside(own, floor, classes),
    n: own.n,
    floorN: floor.n,
    chance,
    fit,
    reason,
    sentence: `An independent classifier gives ${spanned(own.balancedAccuracy)} of ${count(own.n)} synthetic images the class that they were made for, and ${spanned(floor.balancedAccuracy)} of ${count(floor.n)} real images that it has not seen (mean over classes; guessing gives ${percent(chance)})${fit ? "" : ". That is too near to guessing to judge anything"}.`,
    figures: {
      real: beside(floor.balancedAccuracy, null),
      ...(own.auc === null ? {} : { auc: beside(own.auc, floor.auc?.value ?? null) }),
    },
    warnings: [
      ...(reason === null ? [] : [`${TITLE} judges nothing here: ${reason}.`]),
      ...fewWarning(TITLE, [own, floor], classes),
    ],
  };
}
