import { Rng } from "../../core/rng.ts";
import { count, percent } from "../../report/format.ts";
import {
  type ClassSample,
  classesIn,
  ofClasses,
  realClasses,
  syntheticClasses,
  takeOfClasses,
  trainJudge,
} from "../classes/class-judge.ts";
import {
  figuresOf,
  intervalOf,
  type Judged,
  scoreOf,
  stratifiedDraws,
  type WeightedFigure,
} from "../classes/class-score.ts";
import { beside, fewWarning, knowsClasses, perClassBeside, spanned } from "../classes/score-words.ts";
import { type ImageContext, type ImageMetric, notMeasured } from "./image-metric.ts";

const TITLE = "Train on synthetic, test on real";
/** Share of what real images give that synthetic ones should reach. */
const GOAL = 0.95;

/** Share of the synthetic images that may equal real ones: as much as the goal leaves to chance. */
const MOST_COPIES = 1 - GOAL;

/** Images of each class that both samples have, two at least; 0 for the other classes. */
function sharedCounts(first: ClassSample, second: ClassSample, test: ClassSample, classes: number): number[] {
  const of = ({ labels }: ClassSample, k: number) => labels.reduce((n, label) => n + (label === k ? 1 : 0), 0);
  return Array.from({ length: classes }, (_, k) => {
    const shared = test.labels.includes(k) ? Math.min(of(first, k), of(second, k)) : 0;
    return shared < 2 ? 0 : shared;
  });
}

function goalWords({ low, high }: { low: number; high: number }): string {
  const goal = `The goal, at least ${percent(GOAL)}, is`;
  if (low >= GOAL) return `${goal} reached.`;
  return high < GOAL ? `${goal} not reached.` : `${goal} neither shown nor excluded.`;
}

/**
 * Train on synthetic, test on real (Esteban, Hyland and Raetsch 2017, arXiv 1706.02633, section 4.2), in a quick form: the
 * classifier of {@link trainJudge} learns from the synthetic images and is tested on held-out real ones, beside the same
 * learned from as many real images of each class. Balanced accuracy over the classes of both; `figures.ratio` is the one
 * divided by the other, its interval from resampling the test images for both at once.
 */
export function trainSyntheticTestReal({ sets, matched, copies = 0, seed }: ImageContext): ImageMetric {
  const { classes } = sets;
  const real = realClasses(sets, seed);
  const synthetic = syntheticClasses(sets, matched.second, seed);
  const counts = sharedCounts(synthetic, real.train, real.test, classes.length);
  const take = (sample: ClassSample, name: string) => takeOfClasses(sample, counts, new Rng(seed, "tstr", name));
  const train = take(synthetic, "synthetic");
  const bySynthetic = trainJudge(train, classes.length);
  const byReal = trainJudge(take(real.train, "real"), classes.length);
  if (bySynthetic === null || byReal === null) {
    return notMeasured(
      TITLE,
      "it needs two classes with at least two synthetic images, two real ones, and real images to test on",
    );
  }
  const test = ofClasses(real.test, classesIn(train));
  const draws = stratifiedDraws(test.labels, new Rng(seed, "bootstrap", "tstr"));
  const [answers, realAnswers] = [bySynthetic.judge(test), byReal.judge(test)];
  const [own, floor] = [scoreOf(answers, draws)!, scoreOf(realAnswers, draws)!];
  const n = test.labels.length;
  const ratioOf = (name: "balancedAccuracy" | "auc") => {
    const figure = (judged: Judged): WeightedFigure => figuresOf(judged)[name];
    const [above, below] = [figure(answers), figure(realAnswers)];
    return intervalOf((weights) => above(weights) / below(weights), n, draws);
  };
  const [ratio, aucRatio] = [ratioOf("balancedAccuracy"), ratioOf("auc")];
  const chance = 1 / byReal.known.length;
  const fit = knowsClasses(floor);
  const reason = fit
    ? null
    : `trained on as many real images the classifier gives ${spanned(floor.balancedAccuracy)} of ${count(n)} real test images their class, where guessing gives ${percent(chance)}`;
  const where = real.from === "holdout" ? "held-out real images" : "real images that the classifiers have not seen";
  const reached = `A classifier trained on ${count(train.labels.length)} synthetic images gives ${spanned(own.balancedAccuracy)} of ${count(n)} ${where} their class (mean over classes), one trained on as many real images ${percent(floor.balancedAccuracy.value)}`;
  const all = sets.synthetic.labels.length;
  const copied = `${count(copies)} of ${count(all)} synthetic images equal a real one, so that this figure is worthless: copies of the training images teach as much as those do, whatever the generator learned.`;
  const figures = {
    real: beside(floor.balancedAccuracy, null),
    ...(own.auc === null ? {} : { auc: beside(own.auc, floor.auc?.value ?? null) }),
    ...(ratio === null ? {} : { ratio: beside(ratio, 1) }),
    ...(aucRatio === null ? {} : { aucRatio: beside(aucRatio, 1) }),
  };
  return {
    overall: beside(own.balancedAccuracy, floor.balancedAccuracy.value),
    perClass: perClassBeside(own, floor, classes),
    n,
    floorN: n,
    chance,
    fit,
    reason,
    sentence:
      fit && ratio !== null
        ? `${reached}: the synthetic images give ${spanned(ratio)} of what the real ones give. ${copies > MOST_COPIES * all ? copied : goalWords(ratio)}`
        : `${reached}. That is too near to guessing (${percent(chance)}) to judge anything.`,
    figures,
    warnings: [
      ...(reason === null ? [] : [`${TITLE} judges nothing here: ${reason}.`]),
      ...(real.from === "part"
        ? [
            `${TITLE}: without a held-out set it is tested on a fifth of the real images, which the generator may have learned from; that flatters the synthetic images.`,
          ]
        : []),
      ...fewWarning(TITLE, [floor], classes),
    ],
  };
}
