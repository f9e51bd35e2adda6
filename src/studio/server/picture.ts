import { readStartInside } from "../../core/inside-folder.ts";
import { barePlainPng, SMALL_PICTURE } from "../../data/decode/plain-png.ts";
import { decodeSmall, encodePng } from "../../data/image.ts";
import { fileOf, readImageBytes } from "../../data/image-file.ts";
import { readImage, readMask } from "../../data/pixels.ts";
import type { Dataset, RawImage } from "../../data/types.ts";
import { gated } from "./decode-gate.ts";
import { unlessNoFile } from "./inside.ts";
import type { OpenedDataset } from "./opened-dataset.ts";

/** Sizes that a picture may be asked in: the longer side in pixels. */
export const PICTURE_SIZES = { least: 16, usual: 256, most: 1024 } as const;

/**
 * PNG of an image or a mask of a dataset, its longer side at most `size` pixels, without metadata; null when there is none,
 * or when its file is a link. Waits for its turn where much is decoded already.
 * @throws GanglionError `image` for damaged files
 */
export async function datasetPicture(
  { dataset }: OpenedDataset,
  index: number,
  what: "image" | "mask",
  size: number,
): Promise<Uint8Array | null> {
  const sample = dataset.samples[index];
  if (sample === undefined || (what === "mask" && sample.mask === undefined)) return null;
  const kernel = what === "image" ? "lanczos3" : "nearest";
  if (!dataset.reader.imageFiles) {
    const image = await (what === "image" ? readImage : readMask)(dataset, index);
    return image === null ? null : encodePng(await small(image, size, kernel));
  }
  const bare = what === "image" ? await unlessNoFile(barePicture(dataset, sample.fileName, size)) : null;
  if (bare !== null) return bare;
  const names =
    what === "image" || sample.drawn !== undefined ? [sample.fileName] : [sample.mask!, ...(sample.moreMasks ?? [])];
  const decoded = gated(dataset, names, 1, async () => {
    if (what === "image") {
      const bytes = await readImageBytes(dataset.root, sample.fileName, dataset.links);
      const { greyRange } = dataset;
      return decodeSmall(bytes, { name: sample.fileName, size, kernel, greyRange });
    }
    return small((await readMask(dataset, index))!, size, kernel);
  });
  const image = await unlessNoFile(decoded);
  return image === null ? null : encodePng(image);
}

/** A small file of a plain PNG that needs no change but to lose its metadata; null for any other. */
async function barePicture({ root, links }: Dataset, name: string, size: number): Promise<Uint8Array | null> {
  const bytes = await readStartInside(root, fileOf(name).file, SMALL_PICTURE + 1, links);
  const bare = bytes.length > SMALL_PICTURE ? null : barePlainPng(bytes, SMALL_PICTURE);
  return bare !== null && Math.max(bare.width, bare.height) <= size ? bare.png : null;
}

/** Brings down a decoded image whose longer side exceeds `size`. */
async function small(image: RawImage, size: number, kernel: "lanczos3" | "nearest"): Promise<RawImage> {
  if (Math.max(image.width, image.height) <= size) return image;
  return decodeSmall(await encodePng(image), { size, kernel });
}
