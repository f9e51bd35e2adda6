import { STRENGTHS } from "../classifier/linear-probe.ts";
import { designResidual } from "../classifier/residual-network.ts";
import { RESIDUAL_RECIPE } from "../classifier/train-residual.ts";
import type { StudyOutcome } from "./study-outcome.ts";
import { counted, listed } from "./words.ts";

type Network = Extract<StudyOutcome["config"]["classifier"], { kind: "network" }>;

/** The classifier and its training, exact enough to be done again. */
export function classifierText({ config, classes, arms }: StudyOutcome): string {
  const { classifier } = config;
  if (classifier.kind === "probe") return probeText(classifier.features);
  const strong = arms.some(({ augment }) => augment === "strong");
  return `${networkText(config.data.resolution, classes.length)} ${trainingText(classifier, strong)}`;
}

function probeText(features: string): string {
  const model = features.split(/[\\/:]/).at(-1);
  return `The classifier was a linear probe on the features of ${model}: multinomial logistic regression on features standardised by the training images, with equally weighted classes; the factor of half the squared weights was chosen from ${listed(STRENGTHS.map(String))} by mean AUC on the validation images.`;
}

function networkText(resolution: number, classes: number): string {
  const { widths, blocks } = designResidual(resolution, 3, classes);
  return `The classifier was a residual network: images standardised by mean and deviation of each channel of the training images, a 3 × 3 convolution, ${counted(widths.length, "stage")} of ${listed(widths.map(String))} maps with ${counted(blocks, "residual block")} each, average pooling by two between stages, leaky rectifiers, global average pooling, features standardised over the batch (over an average of batches once trained) and a linear layer, from random weights.`;
}

function augmentText({ chance, options }: (typeof RESIDUAL_RECIPE)["augment"]["standard"]): string {
  const { rotate, flip, translate, scale, brightness, contrast } = options;
  const parts = [
    rotate ? "quarter turns" : null,
    flip ? "left-right flips" : null,
    translate > 0 ? `shifts up to ${translate} of the width` : null,
    scale > 0 ? `scale (deviation of its binary logarithm ${scale})` : null,
    brightness > 0 ? `brightness (deviation ${brightness} of the range -1 to 1)` : null,
    contrast > 0 ? `contrast and saturation (deviation of the binary logarithm ${contrast})` : null,
  ].filter((part) => part !== null);
  return `each with probability ${chance}: ${listed(parts)}`;
}

function trainingText({ epochs, patience, balanced, views }: Network, strong: boolean): string {
  const { batch, rate, adam, decay, warmUp, augment } = RESIDUAL_RECIPE;
  const order = balanced ? "drawn class by class, all classes equally often" : "in random order";
  const arm = strong ? `; in the arm “strong augmentation”, ${augmentText(augment.strong)}` : "";
  return [
    `It was trained by cross entropy with Adam (beta1 ${adam.beta1}, beta2 ${adam.beta2}, epsilon ${adam.epsilon}; learning rate ${rate}, rising over ${warmUp} steps and falling along a cosine to 0) on batches of ${batch} images, ${order}, for ${counted(epochs, "pass").replace(/passs$/, "passes")} at most.`,
    `Augmentation, ${augmentText(augment.standard)}${arm}.`,
    `Weights were averaged (decay ${decay} per step) and evaluated after each pass on the validation images by mean AUC; the best were kept; training stopped after ${patience} passes without a better one.`,
    `Test probabilities are the mean over ${counted(views, "view")} of each image (flips and turns).`,
  ].join(" ");
}
