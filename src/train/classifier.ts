import { GanglionError } from "../core/errors.ts";
import { type ProgressListener, silent } from "../core/progress.ts";
import { Rng } from "../core/rng.ts";
import { compile, gradient, input, logSoftmax, meanAll, mul, neg, type Program, reduceSum } from "../graph/index.ts";
import {
  type ClassifierArchitecture,
  classifierFeatures,
  classifierLayout,
  classifierLogits,
  designClassifier,
  flatten,
  initialise,
  learningRateFactors,
  viewWeights,
} from "../model/index.ts";
import { adamUpdate, averageUpdate } from "./adam.ts";
import { augment, augmentInputs } from "./augment-graph.ts";
import { type AugmentOptions, allocateAugment, drawAugment } from "./draw-augment.ts";

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
  readonly imagesSeen?: number;
  /** Defaults to 0. */
  readonly seed?: number;
  /** Defaults to 1. */
  readonly threads?: number;
  /** Defaults to nobody. */
  readonly onProgress?: ProgressListener;
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
}

const BATCH = 64;
const RATE = 2e-3;
const ADAM = { beta2: 0.99, epsilon: 1e-6 };
/** Share of the old weights in their average. */
const DECAY = 0.98;
const AUGMENT: AugmentOptions = {
  rotate: true,
  flip: true,
  translate: 0.1,
  scale: 0.1,
  brightness: 0.05,
  contrast: 0.1,
};

function buildClassifierStep(a: ClassifierArchitecture) {
  const layout = classifierLayout(a);
  const state = {
    weights: input("weights", [layout.length]),
    second: input("second", [layout.length]),
  };
  const views = viewWeights(layout, state.weights);
  const images = input("images", [BATCH, a.channels, a.resolution, a.resolution]);
  const labels = input("labels", [BATCH, a.classes]);
  const seen = augment(images, augmentInputs("augment", BATCH, a.channels, a.resolution));
  const logits = classifierLogits(views, classifierFeatures(a, views, seen));
  const loss = neg(meanAll(reduceSum(mul(labels, logSoftmax(logits)), [1])));
  const next = adamUpdate(
    state,
    flatten(layout, gradient(loss, Object.values(views))),
    mul(learningRateFactors(layout), input("rate", [])),
    input("correction", []),
    ADAM,
  );
  const average = averageUpdate(input("average", [layout.length]), next.weights, input("decay", []));
  return { "next.weights": next.weights, "next.second": next.second, "next.average": average, loss };
}

/**
 * Trains a small classifier on images drawn class by class, so that rare classes count as much as common ones.
 * @throws GanglionError `dataset` when there are fewer than two classes to tell apart
 */
export async function trainClassifier(images: LabelledImages, options: ClassifierOptions): Promise<TrainedClassifier> {
  const { train, holdout, imagesSeen = 20_000, seed = 0, threads = 1, onProgress = silent } = options;
  const { resolution, channels, classes } = images;
  const members = classes.map((_, c) => train.filter((i) => images.labels[i] === c)).filter((m) => m.length > 0);
  if (members.length < 2) {
    throw new GanglionError(
      "dataset",
      `a classifier needs images of two classes, found ${members.length}; choose another label column`,
    );
  }
  const a = designClassifier(resolution, channels, classes.length);
  const layout = classifierLayout(a);
  const program = await compile(buildClassifierStep(a), { threads });
  const shape = { count: BATCH, channels, size: resolution };
  const drawn = allocateAugment(BATCH, channels, resolution);
  const weights = initialise(layout, seed, "classifier");
  let state: Record<string, Float32Array> = {
    weights,
    second: new Float32Array(layout.length),
    average: Float32Array.from(weights),
  };
  const bytes = new Uint8Array(BATCH * channels * resolution ** 2);
  const pixels = new Float32Array(bytes.length);
  const labels = new Float32Array(BATCH * classes.length);
  const steps = Math.max(1, Math.ceil(imagesSeen / BATCH));
  try {
    for (let step = 0; step < steps; step++) {
      const rng = new Rng(seed, "classifier", step);
      const chosen = Array.from({ length: BATCH }, () => {
        const group = members[rng.integer(members.length)];
        return group[rng.integer(group.length)];
      });
      labels.fill(0);
      chosen.forEach((index, n) => {
        labels[n * classes.length + images.labels[index]] = 1;
      });
      images.readInto(chosen, bytes);
      toUnitRange(bytes, pixels);
      drawAugment(rng, drawn, 0.5, AUGMENT, shape);
      const progress = step / steps;
      const results = await program.run({
        ...state,
        images: pixels,
        labels,
        ...Object.fromEntries(Object.entries(drawn).map(([name, array]) => [`augment.${name}`, array])),
        rate: Float32Array.of(RATE * Math.min(1, (step + 1) / 50) * 0.5 * (1 + Math.cos(Math.PI * progress))),
        correction: Float32Array.of(1 / (1 - ADAM.beta2 ** (step + 1))),
        decay: Float32Array.of(Math.min(DECAY, step / (step + 10))),
      });
      state = {
        weights: results["next.weights"] as Float32Array,
        second: results["next.second"] as Float32Array,
        average: results["next.average"] as Float32Array,
      };
      onProgress({ stage: "encoder", done: (step + 1) * BATCH, total: steps * BATCH, unit: "images" });
    }
  } finally {
    await program.close();
  }
  const trained = { architecture: a, weights: state.average };
  const reader = await openClassifier(trained, { threads });
  try {
    return { ...trained, ...(await accuracyOf(reader, images, holdout)), heldOut: holdout.length };
  } finally {
    await reader.close();
  }
}

function toUnitRange(bytes: Uint8Array, into: Float32Array): void {
  for (let i = 0; i < bytes.length; i++) into[i] = bytes[i] / 127.5 - 1;
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
        toUnitRange(bytes.subarray(start * size, (start + n) * size), pixels);
        const results = await program.run({ weights, images: pixels });
        const head = (name: "features" | "logits") =>
          (results[name] as Float32Array).slice(0, (n * results[name].length) / BATCH);
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
): Promise<{ accuracy: number | null; balancedAccuracy: number | null }> {
  if (holdout.length === 0) return { accuracy: null, balancedAccuracy: null };
  const bytes = new Uint8Array(holdout.length * images.channels * images.resolution ** 2);
  images.readInto(holdout, bytes);
  const { logits } = await reader.read(bytes);
  const classes = images.classes.length;
  const right = new Array<number>(classes).fill(0);
  const all = new Array<number>(classes).fill(0);
  holdout.forEach((index, n) => {
    const row = logits.subarray(n * classes, (n + 1) * classes);
    const label = images.labels[index];
    all[label]++;
    if (row.indexOf(Math.max(...row)) === label) right[label]++;
  });
  const present = all.map((n, c) => ({ n, share: right[c] / n })).filter(({ n }) => n > 0);
  return {
    accuracy: right.reduce((a, b) => a + b, 0) / holdout.length,
    balancedAccuracy: present.reduce((sum, { share }) => sum + share, 0) / present.length,
  };
}
