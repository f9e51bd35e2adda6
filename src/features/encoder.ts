import { percentFixed } from "../core/percent.ts";
import type { ProgressListener } from "../core/progress.ts";
import { stratifiedSplit } from "../data/splits.ts";
import { CLASSIFIER_FEATURES } from "../model/index.ts";
import { type LabelledImages, openClassifier, type TrainedClassifier, trainClassifier } from "../train/index.ts";
import type { FeatureExtractor, ImageSource } from "./extractor.ts";
import { CLASSIFIERS } from "./kept-kinds.ts";
import { type NetworkPlace, trainedOnce } from "./network-cache.ts";

/** The images that an encoder learnt from, in the words of its description. */
export interface LearntFrom {
  readonly images: string;
  /** Those that its accuracy was measured on. */
  readonly heldOut: string;
}

export const REAL_IMAGES: LearntFrom = { images: "the real images", heldOut: "held-out real images" };

export interface EncoderOptions {
  /** Images seen while the classifier is trained. Defaults to 20,000. */
  readonly imagesSeen?: number | undefined;
  /** Patient of each image; a patient is never both learned from and held out. Defaults to none known. */
  readonly patients?: readonly (string | undefined)[];
  /** Defaults to 0. */
  readonly seed?: number;
  /** Defaults to 1. */
  readonly threads?: number;
  /** Defaults to nobody. */
  readonly onProgress?: ProgressListener | undefined;
  /** Defaults to {@link REAL_IMAGES}. */
  readonly learntFrom?: LearntFrom;
  /** Ends the training with an error once aborted. Defaults to never. */
  readonly signal?: AbortSignal | undefined;
  /** Where the encoder is kept: one that is there is not trained again. Defaults to nowhere. */
  readonly cache?: NetworkPlace | undefined;
}

/** Share of the images that the stated accuracy is measured on. */
const HELD_OUT = 0.2;

/**
 * Trains a small classifier on real images and offers its last features: no outside weights are needed.
 * @param images Real images with labels; a fifth of each class is held out for the stated accuracy.
 * @throws GanglionError `dataset` when there are fewer than two classes, `training` once the signal is given
 */
export async function trainEncoder(
  images: LabelledImages & { readonly count: number },
  options: EncoderOptions = {},
): Promise<FeatureExtractor> {
  const labels = Array.from({ length: images.count }, (_, i) => images.classes[images.labels[i]!]!);
  const [train, holdout] = stratifiedSplit(labels, {
    fractions: [1 - HELD_OUT, HELD_OUT],
    groups: options.patients,
    seed: options.seed ?? 0,
  });
  const { imagesSeen, seed, threads, onProgress, signal, cache } = options;
  const training = { train: train!, holdout: holdout!, imagesSeen, seed, threads, onProgress, signal };
  const classifier = await trainedOnce(cache, CLASSIFIERS, () => trainClassifier(images, training));
  const encoder = await encoderOf(classifier, threads ?? 1, options.learntFrom);
  return { ...encoder, learned: { unseen: holdout!, recalls: classifier.recalls } };
}

/** The extractor of a trained classifier. */
async function encoderOf(
  classifier: TrainedClassifier,
  threads: number,
  learntFrom = REAL_IMAGES,
): Promise<FeatureExtractor> {
  const reader = await openClassifier(classifier, { threads });
  const { resolution, channels, classes } = classifier.architecture;
  return {
    name: "encoder",
    dimension: CLASSIFIER_FEATURES,
    description: describe(classifier, resolution, classes, learntFrom),
    async extract(source: ImageSource, onProgress) {
      const data = new Float64Array(source.count * CLASSIFIER_FEATURES);
      const chunk = 256;
      for (let start = 0; start < source.count; start += chunk) {
        const indices = Array.from({ length: Math.min(chunk, source.count - start) }, (_, i) => start + i);
        const bytes = new Uint8Array(indices.length * channels * resolution ** 2);
        source.readInto(indices, bytes);
        data.set((await reader.read(bytes)).features, start * CLASSIFIER_FEATURES);
        onProgress?.({ stage: "encoder features", done: start + indices.length, total: source.count, unit: "images" });
      }
      return { n: source.count, d: CLASSIFIER_FEATURES, data };
    },
    close: () => reader.close(),
  };
}

function describe(
  { accuracy, balancedAccuracy, heldOut }: TrainedClassifier,
  resolution: number,
  classes: number,
  learntFrom: LearntFrom,
): string {
  const percent = (share: number | null) => (share === null ? "unknown" : percentFixed(share, 1));
  return (
    `Small convolutional classifier of ${classes} classes trained on ${learntFrom.images} at ${resolution} pixels; ` +
    `on ${heldOut} ${learntFrom.heldOut} its accuracy is ${percent(accuracy)}, its balanced accuracy ${percent(balancedAccuracy)} ` +
    `(chance ${percent(1 / classes)}). Features: means of its last ${CLASSIFIER_FEATURES} maps.`
  );
}
