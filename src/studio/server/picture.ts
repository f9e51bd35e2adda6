import sharp from "sharp";
import { encodePng } from "../../data/image.ts";
import { readImage, readMask } from "../../data/pixels.ts";
import type { RawImage } from "../../data/types.ts";
import { unlessNoFile } from "./inside.ts";
import type { OpenedDataset } from "./opened-dataset.ts";

/** Sizes that a picture may be asked in: the longer side in pixels. */
export const PICTURE_SIZES = { least: 16, usual: 256, most: 1024 } as const;

/** The image made smaller, never larger, until its longer side is `size` pixels. */
export async function shrink(image: RawImage, size: number, kernel: "lanczos3" | "nearest"): Promise<RawImage> {
  const { width, height, channels } = image;
  const longer = Math.max(width, height);
  if (longer <= size) return image;
  const [w, h] = [width, height].map((side) => Math.max(1, Math.round((side * size) / longer)));
  const data = await sharp(image.data, { raw: { width, height, channels } })
    .resize(w, h, { kernel, fit: "fill" })
    .toColourspace(channels === 1 ? "b-w" : "srgb")
    .raw()
    .toBuffer();
  return { width: w, height: h, channels, data: new Uint8Array(data) };
}

/**
 * PNG of an image or a mask of a dataset, without metadata; null when there is none, or when its file is a link.
 * @throws GanglionError `image` for damaged files
 */
export async function datasetPicture(
  { dataset }: OpenedDataset,
  index: number,
  what: "image" | "mask",
  size: number,
): Promise<Uint8Array | null> {
  const sample = dataset.samples[index];
  const name = what === "image" ? sample?.fileName : sample?.mask;
  if (name === undefined) return null;
  const image = await unlessNoFile(what === "image" ? readImage(dataset, index) : readMask(dataset, index));
  return image === null ? null : encodePng(await shrink(image, size, what === "image" ? "lanczos3" : "nearest"));
}
