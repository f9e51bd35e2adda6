import { GanglionError } from "../core/errors.ts";
import { type ProgressListener, silent } from "../core/progress.ts";
import type { Rng } from "../core/rng.ts";
import { compile, input, logSoftmax, meanAll, mul, neg, type Program, reduceSum, type Tensor } from "../graph/index.ts";
import {
  type ClassifierArchitecture,
  classifierFeatures,
  classifierLayout,
  classifierLogits,
  designClassifier,
  toSignedRange,
  viewWeights,
  type Weights,
} from "../model/index.ts";
import { augment, augmentInputs } from "./augment-graph.ts";
import { type AugmentOptions, allocateAugment, drawAugment } from "./draw-augment.ts";
import { augmentFeeds, fitNetwork } from "./fit-network.ts";

/** Images to learn from, with the class of each. */
export interface LabelledImages {
  readonly resolution: number;
  readonly channels: 1 | 3;
  readonly classes: readonly string[];
  readonly labels: ArrayLike<number>;
  readInto(indices: ArrayLike<number>, out: Uint8Array): void;
}

export interface ClassifierOptions {
  /** Images to learn from. */
  readonly train: readonly number[];
  /** Images that only the stated accuracy is measured on. */
  readonly holdout: readonly number[];
  /** Images seen in training. Defaults to 20,000. */
  readonly imagesSeen?: number | undefined;
  /** Images of a step. Defaults to 64. */
  readonly batch?: number;
  /** Learning rate at its highest. Defaults to 2e-3. */
  readonly rate?: number;
  /** Defaults to 0. */
  readonly seed?: number | undefined;
  /** Defaults to 1. */
  readonly threads?: number | undefined;
  /** Name of the work for whoever listens. Defaults to `encoder`. */
  readonly stage?: string;
  /** Defaults to nobody. */
  readonly onProgress?: ProgressListener | undefined;
  /** Ends the training with an error once aborted. Defaults to never. */
  readonly signal?: AbortSignal | undefined;
}

/** Held-out images of one class, and how many of them a classifier gives that class. */
export interface ClassRecall {
  readonly n: number;
  readonly right: number;
}

/** A trained classifier with what it is worth. */
export interface TrainedClassifier {
  readonly architecture: ClassifierArchitecture;
  /** Flat weights, averaged over training. */
  readonly weights: Float32Array;
  /** Share of held-out images whose class is found, and the same as a mean over classes; null without held-out images. */
  readonly accuracy: number | null;
  readonly balancedAccuracy: number | null;
  readonly heldOut: number;
  /** By class index; classes without held-out images have n 0. */
  readonly recalls: readonly ClassRecall[];
}

const BATCH = 64;
const AUGMENT: AugmentOptions = {
  rotate: true,
  flip: true,
  translate: 0.1,
  scale: 0.1,
  brightness: 0.05,
  contrast: 0.1,
};

function classifierLoss(a: ClassifierArchitecture, batch: number, weights: Weights): Tensor {
  const images = input("images", [batch, a.channels, a.resolution, a.resolution]);
  const labels = input("labels", [batch, a.classes]);
  const seen = augment(images, augmentInputs("augment", batch, a.channels, a.resolution));
  const logits = classifierLogits(weights, classifierFeatures(a, weights, seen));
  return neg(meanAll(reduceSum(mul(labels, logSoftmax(logits)), [1])));
}

/**
 * Trains a small classifier on images drawn class by class, so that rare classes count as much as common ones.
 * @throws GanglionError `dataset` when there are fewer than two classes to tell apart
 */
export async function trainClassifier(images: LabelledImages, options: ClassifierOptions): Promise<TrainedClassifier> {
  const {
    train,
    holdout,
    imagesSeen = 20_000,
    batch = BATCH,
    rate,
    seed = 0,
    threads = 1,
    stage = "encoder",
    onProgress = silent,
    signal,
  } = options;
  const { resolution, channels, classes } = images;
  const members = classes.map((_, c) => train.filter((i) => images.labels[i] === c)).filter((m) => m.length > 0);
  if (members.length < 2) {
    throw new GanglionError(
      "dataset",
      `a classifier needs images of two classes, found ${members.length}; choose another label column`,
    );
  }
  const a = designClassifier(resolution, channels, classes.length);
  const shape = { count: batch, channels, size: resolution };
  const drawn = allocateAugment(batch, channels, resolution);
  const bytes = new Uint8Array(batch * channels * resolution ** 2);
  const pixels = new Float32Array(bytes.length);
  const labels = new Float32Array(batch * classes.length);
  const feed = (rng: Rng) => {
    const chosen = Array.from({ length: batch }, () => {
      const group = members[rng.integer(members.length)]!;
      return group[rng.integer(group.length)]!;
    });
    labels.fill(0);
    chosen.forEach((index, n) => {
      labels[n * classes.length + images.labels[index]!] = 1;
    });
    images.readInto(chosen, bytes);
    toSignedRange(bytes, pixels);
    drawAugment(rng, drawn, 0.5, AUGMENT, shape);
    return { images: pixels, labels, ...augmentFeeds("augment", drawn) };
  };
  const weights = await fitNetwork(
    {
      layout: classifierLayout(a),
      network: "classifier",
      batch,
      rate,
      loss: (views) => classifierLoss(a, batch, views),
      feed,
    },
    { imagesSeen, stage, seed, threads, onProgress, signal },
  );
  const trained = { architecture: a, weights };
  const reader = await openClassifier(trained, { threads });
  try {
    return { ...trained, ...(await accuracyOf(reader, images, holdout)), heldOut: holdout.length };
  } finally {
    await reader.close();
  }
}

/** A classifier that reads images. Close it: it holds native memory. */
export interface ClassifierReader {
  /**
   * @param images uint8 [n, C, S, S]
   * @returns features [n, CLASSIFIER_FEATURES] and logits [n, classes], row-major
   */
  read(images: Uint8Array): Promise<{ features: Float32Array; logits: Float32Array }>;
  close(): Promise<void>;
}

export async function openClassifier(
  { architecture: a, weights }: Pick<TrainedClassifier, "architecture" | "weights">,
  options: { threads?: number } = {},
): Promise<ClassifierReader> {
  const layout = classifierLayout(a);
  const views = viewWeights(layout, input("weights", [layout.length]));
  const images = input("images", [BATCH, a.channels, a.resolution, a.resolution]);
  const features = classifierFeatures(a, views, images);
  const program: Program = await compile({ features, logits: classifierLogits(views, features) }, options);
  const size = a.channels * a.resolution ** 2;
  const pixels = new Float32Array(BATCH * size);
  return {
    async read(bytes) {
      const count = bytes.length / size;
      const parts: { features: Float32Array; logits: Float32Array }[] = [];
      for (let start = 0; start < count; start += BATCH) {
        const n = Math.min(BATCH, count - start);
        pixels.fill(0);
        toSignedRange(bytes.subarray(start * size, (start + n) * size), pixels);
        const results = await program.run({ weights, images: pixels });
        const head = (name: "features" | "logits") =>
          (results[name] as Float32Array).slice(0, (n * results[name]!.length) / BATCH);
        parts.push({ features: head("features"), logits: head("logits") });
      }
      return { features: joined(parts.map((p) => p.features)), logits: joined(parts.map((p) => p.logits)) };
    },
    close: () => program.close(),
  };
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const out = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

async function accuracyOf(
  reader: ClassifierReader,
  images: LabelledImages,
  holdout: readonly number[],
): Promise<Pick<TrainedClassifier, "accuracy" | "balancedAccuracy" | "recalls">> {
  const none = images.classes.map(() => ({ n: 0, right: 0 }));
  if (holdout.length === 0) return { accuracy: null, balancedAccuracy: null, recalls: none };
  const bytes = new Uint8Array(holdout.length * images.channels * images.resolution ** 2);
  images.readInto(holdout, bytes);
  const { logits } = await reader.read(bytes);
  const classes = images.classes.length;
  const right = new Array<number>(classes).fill(0);
  const all = new Array<number>(classes).fill(0);
  holdout.forEach((index, n) => {
    const row = logits.subarray(n * classes, (n + 1) * classes);
    const label = images.labels[index]!;
    all[label]!++;
    if (row.indexOf(Math.max(...row)) === label) right[label]!++;
  });
  const present = all.map((n, c) => ({ n, share: right[c]! / n })).filter(({ n }) => n > 0);
  return {
    accuracy: right.reduce((a, b) => a + b, 0) / holdout.length,
    balancedAccuracy: present.reduce((sum, { share }) => sum + share, 0) / present.length,
    recalls: all.map((n, c) => ({ n, right: right[c]! })),
  };
}
