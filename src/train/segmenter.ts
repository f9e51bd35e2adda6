import { GanglionError } from "../core/errors.ts";
import type { ProgressListener } from "../core/progress.ts";
import type { Rng } from "../core/rng.ts";
import {
  add,
  compile,
  div,
  input,
  meanAll,
  mul,
  type Program,
  reduceSum,
  sigmoid,
  softplus,
  sub,
  type Tensor,
} from "../graph/index.ts";
import {
  designSegmenter,
  type SegmenterArchitecture,
  segment,
  segmenterLayout,
  toSignedRange,
  viewWeights,
} from "../model/index.ts";
import { augment, augmentInputs, place } from "./augment-graph.ts";
import { type AugmentOptions, allocateAugment, drawAugment } from "./draw-augment.ts";
import { augmentFeeds, fitNetwork } from "./fit-network.ts";

/** Images to learn from, with the region of each. */
export interface MaskedImages {
  readonly resolution: number;
  readonly channels: 1 | 3;
  /** Copies images into `out`, uint8 NCHW. */
  readInto(indices: ArrayLike<number>, out: Uint8Array): void;
  /** Copies regions into `out`, uint8 [n, S, S], 0 outside and 255 inside. */
  readMasksInto(indices: ArrayLike<number>, out: Uint8Array): void;
}

export interface SegmenterOptions {
  /** Images to learn from. */
  readonly train: readonly number[];
  /** Images seen in training. Defaults to 20,000. */
  readonly imagesSeen?: number;
  /** Defaults to 0. */
  readonly seed?: number;
  /** Defaults to 1. */
  readonly threads?: number;
  /** Defaults to nobody. */
  readonly onProgress?: ProgressListener | undefined;
}

/** A trained segmenter. */
export interface TrainedSegmenter {
  readonly architecture: SegmenterArchitecture;
  /** Flat weights, averaged over training. */
  readonly weights: Float32Array;
}

const BATCH = 8;
/** Higher than the classifier's: without it the few steps of a short training end before the network has learned. */
const RATE = 1.6e-2;
/** Stronger in colour than a classifier's: what a lesion is does not hang on its hue or the lamp. */
const AUGMENT: AugmentOptions = {
  rotate: true,
  flip: true,
  translate: 0.15,
  scale: 0.25,
  brightness: 0.1,
  contrast: 0.2,
};

/**
 * Binary cross-entropy, mean over pixels, plus one minus the soft Dice coefficient, mean over images:
 * (2 sum(p t) + 1) / (sum p + sum t + 1) with p the probability and t the truth (Milletari et al. 2016, arXiv 1606.04797,
 * section 3, without its squares; the ones define it where both are empty).
 * @param logits [N, 1, S, S]
 * @param truth [N, 1, S, S] in 0..1
 */
export function segmentationLoss(logits: Tensor, truth: Tensor): Tensor {
  const entropy = meanAll(sub(softplus(logits), mul(truth, logits)));
  const probability = sigmoid(logits);
  const total = (x: Tensor) => reduceSum(x, [1, 2, 3], false);
  const overlap = add(mul(total(mul(probability, truth)), 2), 1);
  const dice = div(overlap, add(add(total(probability), total(truth)), 1));
  return add(entropy, sub(1, meanAll(dice)));
}

/**
 * Trains a small U-Net on real images and the regions drawn in them.
 * @throws GanglionError `dataset` when there is no image to learn from
 */
export async function trainSegmenter(images: MaskedImages, options: SegmenterOptions): Promise<TrainedSegmenter> {
  const { train, imagesSeen = 20_000, seed = 0, threads = 1, onProgress } = options;
  const { resolution, channels } = images;
  if (train.length === 0) {
    throw new GanglionError(
      "dataset",
      "a segmenter needs images with masks, found 0; name a mask column in dataset.json",
    );
  }
  const architecture = designSegmenter(resolution, channels);
  const area = resolution ** 2;
  const drawn = allocateAugment(BATCH, channels, resolution);
  const bytes = new Uint8Array(BATCH * channels * area);
  const maskBytes = new Uint8Array(BATCH * area);
  const pixels = new Float32Array(bytes.length);
  const masks = new Float32Array(maskBytes.length);
  const feed = (rng: Rng) => {
    const chosen = Array.from({ length: BATCH }, () => train[rng.integer(train.length)]!);
    images.readInto(chosen, bytes);
    images.readMasksInto(chosen, maskBytes);
    toSignedRange(bytes, pixels);
    for (let i = 0; i < masks.length; i++) masks[i] = maskBytes[i]! / 255;
    drawAugment(rng, drawn, 0.5, AUGMENT, { count: BATCH, channels, size: resolution });
    return { images: pixels, masks, ...augmentFeeds("augment", drawn) };
  };
  const weights = await fitNetwork(
    {
      layout: segmenterLayout(architecture),
      network: "segmenter",
      batch: BATCH,
      rate: RATE,
      loss(views) {
        const moves = augmentInputs("augment", BATCH, channels, resolution);
        const seen = augment(input("images", [BATCH, channels, resolution, resolution]), moves);
        const truth = place(input("masks", [BATCH, 1, resolution, resolution]), moves);
        return segmentationLoss(segment(architecture, views, seen), truth);
      },
      feed,
    },
    { imagesSeen, stage: "segmenter", seed, threads, onProgress },
  );
  return { architecture, weights };
}

/** A segmenter that reads images. Close it: it holds native memory. */
export interface SegmenterReader {
  /**
   * @param images uint8 [n, C, S, S]
   * @returns uint8 [n, S, S]: 255 where a pixel is more likely inside than outside, else 0
   */
  find(images: Uint8Array): Promise<Uint8Array>;
  close(): Promise<void>;
}

export async function openSegmenter(
  { architecture: a, weights }: TrainedSegmenter,
  options: { threads?: number } = {},
): Promise<SegmenterReader> {
  const layout = segmenterLayout(a);
  const images = input("images", [BATCH, a.channels, a.resolution, a.resolution]);
  const logits = segment(a, viewWeights(layout, input("weights", [layout.length])), images);
  const program: Program = await compile({ logits }, options);
  const area = a.resolution ** 2;
  const size = a.channels * area;
  const pixels = new Float32Array(BATCH * size);
  return {
    async find(bytes) {
      const count = bytes.length / size;
      const out = new Uint8Array(count * area);
      for (let start = 0; start < count; start += BATCH) {
        const n = Math.min(BATCH, count - start);
        pixels.fill(0);
        toSignedRange(bytes.subarray(start * size, (start + n) * size), pixels);
        const results = await program.run({ weights, images: pixels });
        for (let i = 0; i < n * area; i++) out[start * area + i] = results.logits![i]! > 0 ? 255 : 0;
      }
      return out;
    },
    close: () => program.close(),
  };
}
