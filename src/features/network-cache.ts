import { mkdir, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { GanglionError } from "../core/errors.ts";
import { sha256 } from "../core/hash.ts";
import { readNotLinked, writeNotLinked } from "../core/inside-folder.ts";
import { userCacheFolder } from "../core/user-cache.ts";
import {
  decodeSafetensors,
  encodeSafetensors,
  joinParameter,
  type ParameterLayout,
  splitFlat,
} from "../model/index.ts";
import type { LabelledSet } from "./labelled-set.ts";

/** Where a network that was trained on images is kept and what it was trained with. */
export interface NetworkPlace {
  /** A safetensors file; may be deleted at any time. */
  readonly path: string;
  /** Names everything that the weights depend on; a network kept under another key is not used. */
  readonly key: string;
}

/** A network of flat weights, with what else is known of it. */
export interface TrainedNetwork {
  readonly architecture: unknown;
  readonly weights: Float32Array;
}

/** How a kind of network is kept: what stands beside the weights, and how those are laid out. */
export interface KeptKind<Network extends TrainedNetwork> {
  readonly head: z.ZodType<Omit<Network, "weights">>;
  readonly layoutOf: (architecture: Network["architecture"]) => ParameterLayout;
}

const FORMAT = "ganglion.network/1";

/** Networks that a user's cache holds; the oldest go first. */
const MAX_KEPT = 32;

/** Removes all but the newest networks of a folder. */
async function removeOldest(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".safetensors"));
  const dated = await Promise.all(
    names.map(async (name) => ({ path: join(folder, name), time: (await stat(join(folder, name))).mtimeMs })),
  );
  const old = dated.sort((a, b) => b.time - a.time).slice(MAX_KEPT);
  await Promise.all(old.map(({ path }) => rm(path, { force: true })));
}

/**
 * Place of a network in the user's cache, in a folder that only the user may read: it was learned from the images. It is
 * named by the dataset's hash, the order, labels and patients of the images and the training.
 * @param training Everything else that the weights depend on, as JSON; its kind and a number that is counted up when networks
 *   of this kind are trained in another way
 * @returns undefined for a user without a cache that can be written
 */
export async function networkPlace(
  real: LabelledSet,
  training: Readonly<Record<string, unknown>>,
): Promise<NetworkPlace | undefined> {
  const root = userCacheFolder();
  if (root === null) return undefined;
  const folder = join(root, "encoders");
  const { hash, dataset, store } = real;
  const samples = dataset.samples.map(({ fileName, patient }, i) => [fileName, patient, store.labels[i]]);
  const key = sha256(JSON.stringify([hash, store.classes, samples, Object.entries(training)]));
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await removeOldest(folder);
    return { path: join(folder, `${key.slice(0, 16)}.safetensors`), key };
  } catch {
    return undefined;
  }
}

async function keepNetwork<Network extends TrainedNetwork>(
  { path, key }: NetworkPlace,
  network: Network,
  { layoutOf }: KeptKind<Network>,
): Promise<void> {
  const { weights, ...head } = network;
  const layout = layoutOf(network.architecture);
  const parts = splitFlat(layout, weights);
  const tensors = Object.fromEntries(layout.parameters.map(({ name, shape }) => [name, { shape, data: parts[name]! }]));
  await writeNotLinked(path, encodeSafetensors(tensors, { format: FORMAT, key, head: JSON.stringify(head) }));
}

/** The network that was kept under the key; null where there is none, or one that is damaged: it is trained again. */
async function keptNetwork<Network extends TrainedNetwork>(
  { path, key }: NetworkPlace,
  { head: schema, layoutOf }: KeptKind<Network>,
): Promise<Network | null> {
  try {
    const { tensors, metadata } = decodeSafetensors(await readNotLinked(path), path);
    if (metadata.format !== FORMAT || metadata.key !== key) return null;
    const head = schema.parse(JSON.parse(metadata.head!));
    const layout = layoutOf(head.architecture);
    const weights = new Float32Array(layout.length);
    for (const parameter of layout.parameters) {
      const { name, shape } = parameter;
      const tensor = tensors[name];
      if (!(tensor?.data instanceof Float32Array) || `${tensor.shape}` !== `${shape}`) return null;
      joinParameter(parameter, tensor.data, weights);
    }
    return { ...head, weights } as Network;
  } catch (cause) {
    const unusable = cause instanceof GanglionError || cause instanceof z.ZodError || cause instanceof SyntaxError;
    if (unusable) return null;
    throw cause;
  }
}

/**
 * The network that is kept at a place, else the one that `train` makes, which is kept there. A cache that cannot be written
 * only costs the time of another training.
 * @param place Undefined to keep nothing
 */
export async function trainedOnce<Network extends TrainedNetwork>(
  place: NetworkPlace | undefined,
  kind: KeptKind<Network>,
  train: () => Promise<Network>,
): Promise<Network> {
  const kept = place === undefined ? null : await keptNetwork(place, kind);
  if (kept !== null) return kept;
  const network = await train();
  if (place !== undefined) await keepNetwork(place, network, kind).catch(() => undefined);
  return network;
}
