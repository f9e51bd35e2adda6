import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { GanglionError } from "../core/errors.ts";
import { fileError } from "../core/files.ts";
import {
  type GreyWindow,
  type ImageHeader,
  readImageBytes,
  readImageFile,
  readImageHeader,
  withChannels,
} from "./image.ts";
import { readNpzImage } from "./npz.ts";
import { mapLimited } from "./parallel.ts";
import type { Dataset, RawImage, Sample } from "./types.ts";

function sampleAt(dataset: Dataset, index: number): Sample {
  const sample = dataset.samples[index];
  if (sample === undefined) {
    throw new GanglionError(
      "internal",
      `internal: image ${index} of a dataset of ${dataset.samples.length} was asked for`,
    );
  }
  return sample;
}

/**
 * Decodes image `index` of a dataset to 8 bits, grey or sRGB, at its own size (rules in `docs/images.md`).
 * @param window Range of 16-bit grey that becomes 0..255; an error on other images. Defaults to the full range.
 * @throws GanglionError `image` when the file is damaged, cut short or too large; `files` when it cannot be read.
 */
export async function readImage(dataset: Dataset, index: number, window?: GreyWindow): Promise<RawImage> {
  const { fileName } = sampleAt(dataset, index);
  if (dataset.kind !== "npz") return readImageFile(dataset.root, fileName, window);
  if (window !== undefined) {
    throw new GanglionError(
      "image",
      `${fileName}: a window applies to 16-bit grey images, not to an .npz; leave it out`,
    );
  }
  return readNpzImage(dataset.root, fileName);
}

/** Decodes the mask of image `index` to one channel, 0..255 as stored; null where there is none. @throws GanglionError */
export async function readMask(dataset: Dataset, index: number): Promise<RawImage | null> {
  const { mask } = sampleAt(dataset, index);
  return mask === undefined ? null : withChannels(await readImageFile(dataset.root, mask), 1);
}

const HEADER_BYTES = 64 * 2 ** 10;

/**
 * Header of an image file; reads the beginning of the file only, all of it where that is not enough.
 * @throws GanglionError `image` or `files`
 */
export async function readHeader(root: string, name: string): Promise<ImageHeader> {
  let file: FileHandle | undefined;
  let start: Uint8Array;
  try {
    file = await open(join(root, name), "r");
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEADER_BYTES), 0, HEADER_BYTES, 0);
    start = buffer.subarray(0, bytesRead);
  } catch (cause) {
    throw fileError("read", join(root, name), cause);
  } finally {
    await file?.close();
  }
  return readImageHeader(start, name).catch(async () => readImageHeader(await readImageBytes(root, name), name));
}

/**
 * 1 when every image is stored as grey, else 3. Only headers are read, and no more of them once a colour image is found.
 * @throws GanglionError `image` or `files`
 */
export async function imageChannels(dataset: Dataset): Promise<1 | 3> {
  if (dataset.kind === "npz") return dataset.samples.length === 0 ? 1 : (await readImage(dataset, 0)).channels;
  const step = 64;
  for (let at = 0; at < dataset.samples.length; at += step) {
    const some = dataset.samples.slice(at, at + step);
    const headers = await mapLimited(some, 4, (sample) => readHeader(dataset.root, sample.fileName));
    if (headers.some((header) => !header.grey)) return 3;
  }
  return 1;
}
