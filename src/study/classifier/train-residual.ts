import { GanglionError } from "../../core/errors.ts";
import { type ProgressListener, silent } from "../../core/progress.ts";
import { Rng } from "../../core/rng.ts";
import { input, logSoftmax, meanAll, mul, neg, reduceSum } from "../../graph/index.ts";
import {
  initialise,
  linear,
  type ParameterLayout,
  signedLevel,
  toSignedRange,
  type Weights,
} from "../../model/index.ts";
import { augment, augmentInputs } from "../../train/augment-graph.ts";
import { type AugmentOptions, allocateAugment, drawAugment } from "../../train/draw-augment.ts";
import { type FitObjective, runFitLoop } from "../../train/fit-loop.ts";
import { augmentFeeds } from "../../train/fit-network.ts";
import type { LabelledImages } from "../../train/index.ts";
import { parseOutcomeMetric } from "../statistics/outcome-metric.ts";
import { designResidual, type ResidualArchitecture, residualFeatures, residualLayout } from "./residual-network.ts";
import { openResidualReader } from "./residual-reader.ts";
import { foldStandardisation, standardiseFeatures } from "./standardised-head.ts";

/** How a classifier of a study is trained. */
export interface ResidualOptions {
  /** Images to learn from, by index; one that is there twice is seen twice as often. */
  readonly train: readonly number[];
  /** Images on which the training is stopped, of at least two classes. */
  readonly validation: readonly number[];
  /** Passes over the images at most. Defaults to 30. */
  readonly epochs?: number;
  /** Passes without a better validation AUC after which the training stops. Defaults to 10. */
  readonly patience?: number;
  /** Draws images class by class, so that rare classes count as much as common ones. Defaults to true. */
  readonly balanced?: boolean;
  /** Defaults to `standard`. */
  readonly augment?: "standard" | "strong";
  /** Defaults to 0. */
  readonly seed?: number;
  /** Defaults to 1. */
  readonly threads?: number;
  /** Defaults to nobody. */
  readonly onProgress?: ProgressListener | undefined;
  /** Ends the training with an error once aborted. Defaults to never. */
  readonly signal?: AbortSignal | undefined;
}

/** A trained classifier with the course of its training. */
export interface TrainedResidual {
  readonly architecture: ResidualArchitecture;
  /** Flat weights, averaged, of the best epoch. */
  readonly weights: Float32Array;
  /** Mean one-vs-rest AUC on the validation images after each epoch. */
  readonly validation: readonly number[];
  /** The epoch of the weights, counted from 0. */
  readonly best: number;
}

/** How every classifier of a study is trained; `bench/classifier.mjs` hands it to the same network in PyTorch. */
export const RESIDUAL_RECIPE = {
  batch: 16,
  /** Learning rate at its highest, of weights whose layer keeps variances with deviation 1. */
  rate: 0.01,
  adam: { beta1: 0.9, beta2: 0.99, epsilon: 1e-6 },
  /** Share of the old weights in their average. */
  decay: 0.98,
  /** Steps of rising learning rate. */
  warmUp: 50,
  /** Chance of each transform, and how far it goes. */
  augment: {
    standard: {
      chance: 0.5,
      options: { rotate: true, flip: true, translate: 0.1, scale: 0.1, brightness: 0.05, contrast: 0.1 },
    },
    strong: {
      chance: 0.8,
      options: { rotate: true, flip: true, translate: 0.25, scale: 0.3, brightness: 0.2, contrast: 0.4 },
    },
  } satisfies Record<"standard" | "strong", { chance: number; options: AugmentOptions }>,
} as const;

const { batch: BATCH } = RESIDUAL_RECIPE;

/** Cross-entropy of a batch; `mean` and `variance` of its features are followed for the reading of single images. */
export function residualObjective(a: ResidualArchitecture, weights: Weights): FitObjective {
  const images = input("images", [BATCH, a.channels, a.resolution, a.resolution]);
  const seen = augment(images, augmentInputs("augment", BATCH, a.channels, a.resolution));
  const { features, mean, variance } = standardiseFeatures(residualFeatures(a, weights, seen));
  const likelihood = mul(input("labels", [BATCH, a.classes]), logSoftmax(linear(weights, "head", features)));
  return { loss: neg(meanAll(reduceSum(likelihood, [1]))), followed: { mean, variance } };
}

/** Writes mean and logarithm of the deviation of each channel of the images, in the range [-1, 1], into flat weights. */
function standardiseImages(
  images: LabelledImages,
  indices: readonly number[],
  layout: ParameterLayout,
  flat: Float32Array,
): void {
  const { channels, resolution } = images;
  const offset = (name: string) => layout.parameters.find((parameter) => parameter.name === name)!.offset;
  const plane = resolution ** 2;
  const bytes = new Uint8Array(channels * plane);
  const [sums, squares] = [new Float64Array(channels), new Float64Array(channels)];
  for (const index of indices) {
    images.readInto([index], bytes);
    for (let at = 0; at < bytes.length; at++) {
      const value = signedLevel(bytes[at]!);
      const c = Math.floor(at / plane);
      sums[c]! += value;
      squares[c]! += value * value;
    }
  }
  const count = indices.length * plane;
  for (let c = 0; c < channels; c++) {
    const mean = sums[c]! / count;
    flat[offset("image.mean") + c] = mean;
    // Images of one colour have no deviation; a grey level is the least that counts.
    flat[offset("image.logDeviation") + c] = Math.log(
      Math.max(1 / 127.5, Math.sqrt(Math.max(0, squares[c]! / count - mean ** 2))),
    );
  }
}

/** Order of images for one epoch: shuffled, or as many drawn class by class. */
function epochOrder(train: readonly number[], labels: ArrayLike<number>, balanced: boolean, rng: Rng): number[] {
  if (!balanced) return rng.shuffle([...train]);
  const found = [...new Set(train.map((index) => labels[index]!))].sort((a, b) => a - b);
  const groups = found.map((label) => train.filter((index) => labels[index] === label));
  return train.map(() => {
    const group = groups[rng.integer(groups.length)]!;
    return group[rng.integer(group.length)]!;
  });
}

/**
 * Trains the residual classifier of a study: images standardised by the training images, the features before the head by each
 * batch, Adam with a cosine schedule, augmentation, averaged weights; after each epoch the
 * averaged weights are judged on the validation images by mean AUC, and the best ones are kept. Equal options, images and
 * threads give equal weights.
 * @throws GanglionError `dataset` when either part has fewer than two classes, `run` once aborted
 */
export async function trainResidual(images: LabelledImages, options: ResidualOptions): Promise<TrainedResidual> {
  const { train, validation, epochs = 30, patience = 10, balanced = true, seed = 0, threads = 1 } = options;
  const { augment: strength = "standard", onProgress = silent, signal } = options;
  const { resolution, channels, classes, labels } = images;
  for (const [name, part] of Object.entries({ training: train, validation })) {
    const found = new Set(part.map((index) => labels[index])).size;
    if (found < 2) {
      throw new GanglionError(
        "dataset",
        `the ${name} images are of ${found} class; a classifier needs two: add images`,
      );
    }
  }
  const a = designResidual(resolution, channels, classes.length);
  const size = channels * resolution ** 2;
  const validationBytes = new Uint8Array(validation.length * size);
  images.readInto(validation, validationBytes);
  const validationLabels = Int32Array.from(validation, (index) => labels[index]!);
  const validationSet = { name: "validation", classes, labels: validationLabels, patients: validationLabels };
  const ones = new Float64Array(validation.length).fill(1);
  const auc = parseOutcomeMetric("auc");

  const layout = residualLayout(a);
  const start = initialise(layout, seed, "residual classifier");
  standardiseImages(images, train, layout, start);
  const drawn = allocateAugment(BATCH, channels, resolution);
  const bytes = new Uint8Array(BATCH * size);
  const pixels = new Float32Array(BATCH * size);
  const oneHot = new Float32Array(BATCH * classes.length);
  /** Steps of an epoch. */
  const steps = Math.max(1, Math.ceil(train.length / BATCH));
  const measured: number[] = [];
  let best = { epoch: -1, auc: Number.NEGATIVE_INFINITY, weights: start };
  let rng = new Rng(seed);
  let order: number[] = [];
  const reader = await openResidualReader(a, threads);
  try {
    await runFitLoop({
      ...{ layout, start, threads },
      recipe: RESIDUAL_RECIPE,
      steps: epochs * steps,
      objective: (weights) => residualObjective(a, weights),
      feed(step) {
        if (signal?.aborted)
          throw new GanglionError("run", "stopped while the classifier was trained; nothing was written");
        const within = step % steps;
        if (within === 0) {
          rng = new Rng(seed, "residual classifier", step / steps);
          order = epochOrder(train, labels, balanced, rng);
        }
        const chosen = Array.from({ length: BATCH }, (_, n) => order[(within * BATCH + n) % order.length]!);
        oneHot.fill(0);
        chosen.forEach((index, n) => {
          oneHot[n * classes.length + labels[index!]!] = 1;
        });
        images.readInto(chosen, bytes);
        toSignedRange(bytes, pixels);
        const { chance, options: transforms } = RESIDUAL_RECIPE.augment[strength];
        drawAugment(rng, drawn, chance, transforms, { count: BATCH, channels, size: resolution });
        return { images: pixels, labels: oneHot, ...augmentFeeds("augment", drawn) };
      },
      async afterStep(step, { average, mean, variance }) {
        if ((step + 1) % steps !== 0) return false;
        const epoch = (step + 1) / steps - 1;
        const found = foldStandardisation(layout, average, mean!, variance!);
        const scores = await reader.read(found, validationBytes, 1);
        measured.push(auc.prepare(scores, validationSet)(ones));
        if (measured[epoch]! > best.auc) best = { epoch, auc: measured[epoch]!, weights: found };
        onProgress({ stage: "classifier", done: epoch + 1, total: epochs, unit: "epochs" });
        return epoch + 1 - best.epoch > patience;
      },
    });
  } finally {
    await reader.close();
  }
  return { architecture: a, weights: best.weights, validation: measured, best: best.epoch };
}
