import { type FileHandle, open, readdir, rename, rm, stat } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { basename, dirname, join } from "node:path";
import { z } from "zod";
import { GanglionError, invariant, type Problem, throwIfProblems } from "../core/errors.ts";
import { fileError, writeJson } from "../core/files.ts";
import { sha256 } from "../core/hash.ts";
import { readNotLinked, statInside } from "../core/inside-folder.ts";
import { makeFolder } from "../core/make-folder.ts";
import { type ProgressListener, silent } from "../core/progress.ts";
import { temporaryBeside } from "../core/scratch/temporary-beside.ts";
import { withChannels } from "./image.ts";
import { asProblem, inOrder } from "./image-problems.ts";
import { openStore } from "./open-store.ts";
import { mapLimited } from "./parallel.ts";
import { imageChannels, readImage } from "./pixels.ts";
import { resizeSquare, toPlanes } from "./square.ts";
import type { Dataset, PackedStore } from "./types.ts";

/** How {@link openPackedStore} packs. */
export interface PackOptions {
  /** Width and height in pixels that every image is brought to. */
  readonly resolution: number;
  /** 1 makes grey of colour, 3 repeats grey. Defaults to what {@link imageChannels} finds. */
  readonly channels?: 1 | 3 | undefined;
  /** Folder that keeps the packed file for the next call. */
  readonly folder: string;
  /** Samples to pack, in this order. Defaults to all. */
  readonly indices?: readonly number[];
  /** Told after each image. Defaults to nobody. */
  readonly onProgress?: ProgressListener | undefined;
  /** Ends the packing with an error once aborted; nothing is kept then. Defaults to a signal that never is. */
  readonly signal?: AbortSignal | undefined;
}

const FORMAT = 1;

/** The JSON beside a packed file; its presence says that the packed file is whole. */
const headerSchema = z.object({
  format: z.literal(FORMAT),
  key: z.string(),
  count: z.number().int(),
  channels: z.union([z.literal(1), z.literal(3)]),
  resolution: z.number().int(),
  layout: z.literal("uint8 NCHW"),
});

/** Names the content: the files, their sizes and times, and how they are packed; labels are not part of the pixels. */
async function contentKey(dataset: Dataset, indices: readonly number[], shape: readonly number[]): Promise<string> {
  const samples = indices.map((index) => dataset.samples[index]!);
  const described = await dataset.reader.stamps(dataset, samples);
  return sha256(JSON.stringify([FORMAT, dataset.root, shape, described]));
}

/** True when the packed file of `key` is there and whole. */
async function isPacked(path: string, key: string, bytes: number): Promise<boolean> {
  try {
    const header = headerSchema.safeParse(JSON.parse((await readNotLinked(`${path}.json`)).toString("utf8")));
    return (
      header.success &&
      header.data.key === key &&
      (await statInside(dirname(path), basename(path)))?.size === BigInt(bytes)
    );
  } catch {
    return false;
  }
}

/** Removes what a process of another machine that was killed an hour ago or earlier left of the same packed file. */
async function removeLeftOvers(path: string): Promise<void> {
  const old = Date.now() - 3_600_000;
  for (const name of await readdir(dirname(path))) {
    // Names without the dot are of earlier versions.
    if (!name.replace(/^\./, "").startsWith(`${basename(path)}.`) || !name.endsWith(".tmp")) continue;
    const left = join(dirname(path), name);
    const found = await stat(left).catch(() => null);
    if (found !== null && found.mtimeMs < old) await rm(left, { force: true });
  }
}

/** Decodes every image once and writes the packed file: temporary name, flush, rename, then the header. */
async function pack(
  dataset: Dataset,
  indices: readonly number[],
  resolution: number,
  channels: 1 | 3,
  path: string,
  { onProgress = silent, signal }: PackOptions,
): Promise<void> {
  const bytes = channels * resolution * resolution;
  const problems = new Map<number, Problem>();
  const temporary = temporaryBeside(path);
  let file: FileHandle | undefined;
  try {
    await removeLeftOvers(path);
    file = await open(temporary.path, "wx");
    const target = file;
    let done = 0;
    const total = indices.length;
    await mapLimited(indices, Math.min(4, availableParallelism()), async (index, place) => {
      if (signal?.aborted)
        throw new GanglionError("files", "the decoding of images was stopped; run again to finish it");
      try {
        const image = withChannels(await resizeSquare(await readImage(dataset, index), resolution), channels);
        const planes = new Uint8Array(bytes);
        toPlanes(image, planes);
        if (problems.size === 0) await target.write(planes, 0, bytes, place * bytes);
      } catch (cause) {
        if (!(cause instanceof GanglionError) || (cause.code !== "image" && cause.code !== "files")) throw cause;
        problems.set(place, asProblem(cause, dataset.samples[index]!.fileName));
      }
      onProgress({ stage: "decode", done: ++done, total, unit: "images" });
    });
    throwIfProblems("dataset", `${dataset.root}: images cannot be decoded`, inOrder(problems));
    await file.sync();
    await file.close();
    file = undefined;
    await rename(temporary.path, path);
  } catch (cause) {
    await file?.close().catch(() => undefined);
    await rm(temporary.path, { force: true }).catch(() => undefined);
    throw cause instanceof GanglionError ? cause : fileError("write", path, cause);
  } finally {
    temporary.release();
    dataset.reader.release();
  }
}

/**
 * Opens the images of a dataset at one size for reading by index in flat memory. Each image is decoded once, cropped to
 * its centre square, resized (`docs/images.md`) and packed to one uint8 file, which is used again while the files,
 * their sizes and times and the options stay the same.
 * @throws GanglionError `dataset` that lists every image which cannot be decoded; `usage` for a resolution out of range.
 */
export async function openPackedStore(dataset: Dataset, options: PackOptions): Promise<PackedStore> {
  const { resolution, folder } = options;
  if (!Number.isInteger(resolution) || resolution < 1 || resolution > 4096) {
    const message = `resolution ${resolution}: a whole number of pixels from 1 to 4096 is needed; choose another`;
    throw new GanglionError("usage", message);
  }
  const indices = options.indices ?? dataset.samples.map((_, i) => i);
  for (const index of indices) {
    invariant(dataset.samples[index] !== undefined, `image ${index} of ${dataset.samples.length} is to be packed`);
  }
  if (indices.length === 0) throw new GanglionError("dataset", `${dataset.root}: no image is selected; select some`);
  const channels = options.channels ?? (await imageChannels(dataset));
  const key = await contentKey(dataset, indices, [resolution, channels]);
  const path = join(folder, `packed-${resolution}px-${key.slice(0, 16)}.u8`);
  const bytes = channels * resolution * resolution;
  if (!(await isPacked(path, key, bytes * indices.length))) {
    await makeFolder(folder).catch((cause) => {
      throw fileError("create", folder, cause);
    });
    await rm(`${path}.json`, { force: true });
    await pack(dataset, indices, resolution, channels, path, options);
    const count = indices.length;
    await writeJson(`${path}.json`, { format: FORMAT, key, count, channels, resolution, layout: "uint8 NCHW" });
  }
  const classIndex = new Map(dataset.classes.map((name, i) => [name, i]));
  const labels = Uint16Array.from(indices, (index) => {
    const label = classIndex.get(dataset.samples[index]!.label);
    invariant(label !== undefined, `sample ${index} is of no class of the dataset`);
    return label;
  });
  return openStore({ source: path, resolution, channels, classes: dataset.classes, labels });
}
