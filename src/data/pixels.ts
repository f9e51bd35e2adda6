import { GanglionError } from "../core/errors.ts";
import { readStartInside } from "../core/inside-folder.ts";
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
  if (dataset.kind !== "npz") return readImageFile(dataset.root, fileName, { window, links: dataset.links });
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
  if (mask === undefined) return null;
  return withChannels(await readImageFile(dataset.root, mask, { links: dataset.links }), 1);
}

const HEADER_BYTES = 64 * 2 ** 10;

/**
 * Header of an image file of a dataset; reads the beginning of the file only, all of it where that is not enough.
 * @throws GanglionError `image` or `files`
 */
export async function readHeader({ root, links = "follow" }: Dataset, name: string): Promise<ImageHeader> {
  const start = await readStartInside(root, name, HEADER_BYTES, links);
  return readImageHeader(start, name).catch(async () => readImageHeader(await readImageBytes(root, name, links), name));
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
    const headers = await mapLimited(some, 4, (sample) => readHeader(dataset, sample.fileName));
    if (headers.some((header) => !header.grey)) return 3;
  }
  return 1;
}
