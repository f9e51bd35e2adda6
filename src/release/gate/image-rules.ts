import { GanglionError } from "../../core/errors.ts";
import { sha256 } from "../../core/hash.ts";
import { isNotAFile, readInside } from "../../core/inside-folder.ts";
import type { ProgressListener } from "../../core/progress.ts";
import { decodeImage, pixelHash, readImage } from "../../data/index.ts";
import type { Dataset, RawImage } from "../../data/types.ts";
import { beyondPixels } from "../png-chunks.ts";
import type { Candidate } from "./candidates.ts";
import type { Reasons } from "./reasons.ts";

/** What is known of an image once it has been decoded. */
export interface Looked {
  readonly pixels: string;
  /** Hash of the mask's pixels; null without a mask. */
  readonly mask: string | null;
  readonly width: number;
  readonly height: number;
}

export interface LookOptions {
  readonly onProgress: ProgressListener;
  readonly signal: AbortSignal;
}

/** Decodes the mask of an image to one channel of 0 and 255; null where it is anything else. @throws GanglionError */
export async function readRegion(root: string, name: string): Promise<RawImage | null> {
  const mask = await decodeImage(await readInside(root, name), { name });
  return mask.channels === 1 && mask.data.every((value) => value === 0 || value === 255) ? mask : null;
}

/** What the file of an image or mask holds besides pixels, by {@link beyondPixels}. */
async function moreThanPixels(root: string, name: string): Promise<string[]> {
  const found = beyondPixels(await readInside(root, name));
  return found.length === 0 ? [] : [`${name} (${found.join(", ")})`];
}

/** Names of images that have another size than most. */
function ofOtherSize(looked: ReadonlyMap<string, Looked>): { names: string[]; size: string } {
  const sizes = new Map<string, string[]>();
  for (const [name, { width, height }] of looked) {
    const size = `${width} x ${height}`;
    sizes.set(size, [...(sizes.get(size) ?? []), name]);
  }
  const [most, ...others] = [...sizes].sort((a, b) => b[1].length - a[1].length);
  return { names: others.flatMap(([, names]) => names), size: most?.[0] ?? "" };
}

/**
 * Decodes every image and mask once. All images have one size, as one generator draws them, and their files hold pixels
 * alone. A mask must be the region that its record names, black and white: a grey one could
 * be a photograph. What cannot be decoded is a reason.
 */
export async function lookAtImages(
  dataset: Dataset,
  candidates: readonly Candidate[],
  { onProgress, signal }: LookOptions,
  reasons: Reasons,
): Promise<Map<string, Looked>> {
  const looked = new Map<string, Looked>();
  const broken = {
    unreadable: [] as string[],
    mask: [] as string[],
    size: [] as string[],
    file: [] as string[],
  };
  for (const [at, candidate] of candidates.entries()) {
    if (signal.aborted) throw new GanglionError("files", "stopped; nothing was written");
    const { sample, index, mapRecord } = candidate;
    try {
      const image = await readImage(dataset, index);
      if (dataset.reader.imageFiles) {
        for (const name of [sample.fileName, ...(sample.mask === undefined ? [] : [sample.mask])]) {
          broken.file.push(...(await moreThanPixels(dataset.root, name)));
        }
      }
      let mask: string | null = null;
      if (sample.mask !== undefined) {
        const region = await readRegion(dataset.root, sample.mask);
        if (region === null || mapRecord === null || sha256(region.data) !== mapRecord.region)
          broken.mask.push(sample.mask);
        else if (region.width !== image.width || region.height !== image.height) broken.size.push(sample.mask);
        else mask = pixelHash(region);
      }
      looked.set(sample.fileName, { pixels: pixelHash(image), mask, width: image.width, height: image.height });
    } catch (cause) {
      if (!(cause instanceof GanglionError) || cause.code === "internal") throw cause;
      // A link is a reason of its own, see folder-rules.ts.
      if (!isNotAFile(cause)) broken.unreadable.push(sample.fileName);
    }
    onProgress({ stage: "look at images", done: at + 1, total: candidates.length, unit: "images" });
  }
  reasons.each(
    "unreadable-image",
    "images",
    broken.unreadable,
    "the image or its mask cannot be decoded; generate it again",
  );
  reasons.each(
    "image-file",
    "images",
    broken.file,
    "the file holds more than the pixels of a PNG with 8 bits, where text or another image could hide; generate it again",
  );
  const other = ofOtherSize(looked);
  reasons.each(
    "image-size",
    "images",
    other.names,
    `the others have ${other.size} pixels, and a generator draws one size; remove them, or generate the set again`,
  );
  reasons.each(
    "mask",
    "masks",
    broken.mask,
    "the mask is not the region that was asked of the generator (provenance.jsonl); restore it as it was written",
  );
  reasons.each(
    "mask-size",
    "masks",
    broken.size,
    "the mask is of another size than its image; restore it as it was written",
  );
  return looked;
}
