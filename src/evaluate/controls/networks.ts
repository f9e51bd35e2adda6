import { sha256 } from "../../core/hash.ts";
import type { ProgressListener } from "../../core/progress.ts";
import type { ImageSource } from "../../features/extractor.ts";
import { CLASSIFIERS, SEGMENTERS } from "../../features/kept-kinds.ts";
import type { LabelledSet } from "../../features/labelled-set.ts";
import { networkPlace, trainedOnce } from "../../features/network-cache.ts";
import { openClassifier, openSegmenter, trainClassifier, trainSegmenter } from "../../train/index.ts";
import { assignedClasses } from "./condition.ts";
import type { DrawnMasks } from "./stated-controls.ts";

/** How the networks that measure the controls are trained. */
export interface ControlTraining {
  /** The real images, whose hash names the networks that are kept in the user's cache. */
  readonly real: LabelledSet;
  readonly imagesSeen: number;
  readonly seed: number;
  readonly threads: number;
  readonly onProgress: ProgressListener;
}

/** Smaller, bolder steps than those of the encoder, which is to describe images and not to measure a control. */
const [BATCH, RATE] = [16, 8e-3];

/** Kinds of networks in the user's cache; the second word counts up when they are trained in another way. */
const KINDS = { classifier: "condition classifier 1", finder: "segmenter 1" };

/** Images read at a time. */
const CHUNK = 256;

/** Calls `work` with the images in pieces, uint8 [n, C, S, S], and the index of the first. */
async function eachChunk(
  source: ImageSource,
  work: (images: Uint8Array, start: number) => Promise<void> | void,
): Promise<void> {
  for (let start = 0; start < source.count; start += CHUNK) {
    const indices = Array.from({ length: Math.min(CHUNK, source.count - start) }, (_, i) => start + i);
    const bytes = new Uint8Array(indices.length * source.channels * source.resolution ** 2);
    source.readInto(indices, bytes);
    await work(bytes, start);
  }
}

/** A classifier of the real images, which no generator has been trained against. Close it. */
export interface ConditionClassifier {
  /** Class index that each image is assigned to. */
  assign(source: ImageSource): Promise<Uint16Array>;
  close(): Promise<void>;
}

/** Trains a classifier on the named real images. @throws GanglionError `dataset` with fewer than two classes */
export async function trainConditionClassifier(
  images: ImageSource & { readonly labels: ArrayLike<number>; readonly classes: readonly string[] },
  train: readonly number[],
  { real, imagesSeen, seed, threads, onProgress }: ControlTraining,
): Promise<ConditionClassifier> {
  const stage = "condition classifier";
  const options = { train, holdout: [], imagesSeen, batch: BATCH, rate: RATE, seed, threads, stage, onProgress };
  const { resolution, channels, classes } = images;
  const learned = Array.from(train, (i) => images.labels[i]);
  const known = { kind: KINDS.classifier, imagesSeen, seed, threads, resolution, channels, classes, train, learned };
  const trained = await trainedOnce(await networkPlace(real, known), CLASSIFIERS, () =>
    trainClassifier(images, options),
  );
  const reader = await openClassifier(trained, { threads });
  return {
    async assign(source) {
      const out = new Uint16Array(source.count);
      await eachChunk(source, async (bytes, start) => {
        out.set(assignedClasses((await reader.read(bytes)).logits, images.classes.length), start);
      });
      return out;
    },
    close: () => reader.close(),
  };
}

/** A network that finds the lesion. Close it. */
export interface RegionFinder {
  /** Region found in each image, uint8 [n, S, S], 0 or 255. */
  find(source: ImageSource): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** Trains a segmenter on those of the named real images that have a mask. */
export async function trainRegionFinder(
  images: ImageSource,
  { masks }: DrawnMasks,
  train: readonly number[],
  { real, imagesSeen, seed, threads, onProgress }: ControlTraining,
): Promise<RegionFinder> {
  const area = images.resolution ** 2;
  const { resolution, channels } = images;
  const masked = {
    resolution,
    channels,
    readInto: (indices: ArrayLike<number>, out: Uint8Array) => images.readInto(indices, out),
    readMasksInto(indices: ArrayLike<number>, out: Uint8Array) {
      for (let n = 0; n < indices.length; n++) {
        out.set(masks.subarray(indices[n]! * area, (indices[n]! + 1) * area), n * area);
      }
    },
  };
  const known = { kind: KINDS.finder, imagesSeen, seed, threads, resolution, channels, train, masks: sha256(masks) };
  const trained = await trainedOnce(await networkPlace(real, known), SEGMENTERS, () =>
    trainSegmenter(masked, { train, imagesSeen, seed, threads, onProgress }),
  );
  const reader = await openSegmenter(trained, { threads });
  return {
    async find(source) {
      const out = new Uint8Array(source.count * area);
      await eachChunk(source, async (bytes, start) => {
        out.set(await reader.find(bytes), start * area);
      });
      return out;
    },
    close: () => reader.close(),
  };
}
