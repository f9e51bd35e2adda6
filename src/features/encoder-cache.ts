import { mkdir, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { GanglionError } from "../core/errors.ts";
import { sha256 } from "../core/hash.ts";
import { readNotLinked, writeNotLinked } from "../core/inside-folder.ts";
import { userCacheFolder } from "../core/user-cache.ts";
import { classifierLayout, decodeSafetensors, encodeSafetensors, joinParameter, splitFlat } from "../model/index.ts";
import type { TrainedClassifier } from "../train/index.ts";
import type { LabelledSet } from "./labelled-set.ts";

/** Where a trained encoder is kept and what it was trained with. */
export interface EncoderCache {
  /** A safetensors file; may be deleted at any time. */
  readonly path: string;
  /** Names everything that the weights depend on; an encoder kept under another key is not used. */
  readonly key: string;
}

const FORMAT = "ganglion.encoder/1";

/** Counted up when encoders are trained in another way, so that they are trained again. */
const TRAINING = 1;

/** Encoders that a user's cache holds; the oldest go first. */
const MAX_KEPT = 32;

/** What the weights of an encoder depend on, besides the images. */
export interface EncoderTraining {
  readonly seed: number;
  readonly threads: number;
  /** Undefined for the default. */
  readonly imagesSeen: number | undefined;
  /** Width and height of the images in pixels. */
  readonly resolution: number;
  readonly channels: 1 | 3;
}

/** Removes all but the newest encoders of a folder. */
async function removeOldest(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".safetensors"));
  const dated = await Promise.all(
    names.map(async (name) => ({ path: join(folder, name), time: (await stat(join(folder, name))).mtimeMs })),
  );
  const old = dated.sort((a, b) => b.time - a.time).slice(MAX_KEPT);
  await Promise.all(old.map(({ path }) => rm(path, { force: true })));
}

/**
 * Place of an encoder in the user's cache, in a folder that only the user may read: it was learned from the images. It is
 * named by the dataset's hash, the order, labels and patients of the images and the training.
 * @returns undefined for a user without a cache that can be written
 */
export async function encoderPlace(real: LabelledSet, training: EncoderTraining): Promise<EncoderCache | undefined> {
  const root = userCacheFolder();
  if (root === null) return undefined;
  const folder = join(root, "encoders");
  const { hash, dataset, store } = real;
  const samples = dataset.samples.map(({ fileName, patient }, i) => [fileName, patient, store.labels[i]]);
  const key = sha256(JSON.stringify([TRAINING, hash, store.classes, samples, Object.entries(training)]));
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await removeOldest(folder);
    return { path: join(folder, `${key.slice(0, 16)}.safetensors`), key };
  } catch {
    return undefined;
  }
}

const headSchema = z.object({
  architecture: z.object({
    resolution: z.int().positive(),
    channels: z.union([z.literal(1), z.literal(3)]),
    classes: z.int().positive(),
    widths: z.array(z.int().positive()).min(1),
  }),
  accuracy: z.number().nullable(),
  balancedAccuracy: z.number().nullable(),
  heldOut: z.int().nonnegative(),
  recalls: z.array(z.object({ n: z.int().nonnegative(), right: z.int().nonnegative() })),
});

/** Keeps a trained encoder. @throws GanglionError `files` */
export async function keepEncoder({ path, key }: EncoderCache, classifier: TrainedClassifier): Promise<void> {
  const { weights, ...head } = classifier;
  const layout = classifierLayout(head.architecture);
  const parts = splitFlat(layout, weights);
  const tensors = Object.fromEntries(layout.parameters.map(({ name, shape }) => [name, { shape, data: parts[name]! }]));
  await writeNotLinked(path, encodeSafetensors(tensors, { format: FORMAT, key, head: JSON.stringify(head) }));
}

/** The encoder that was kept under the key; null where there is none, or one that is damaged: it is trained again. */
export async function keptEncoder({ path, key }: EncoderCache): Promise<TrainedClassifier | null> {
  try {
    const { tensors, metadata } = decodeSafetensors(await readNotLinked(path), path);
    if (metadata.format !== FORMAT || metadata.key !== key) return null;
    const head = headSchema.parse(JSON.parse(metadata.head!));
    const layout = classifierLayout(head.architecture);
    const weights = new Float32Array(layout.length);
    for (const parameter of layout.parameters) {
      const { name, shape } = parameter;
      const tensor = tensors[name];
      if (!(tensor?.data instanceof Float32Array) || `${tensor.shape}` !== `${shape}`) return null;
      joinParameter(parameter, tensor.data, weights);
    }
    return { ...head, weights };
  } catch (cause) {
    const unusable = cause instanceof GanglionError || cause instanceof z.ZodError || cause instanceof SyntaxError;
    if (unusable) return null;
    throw cause;
  }
}
