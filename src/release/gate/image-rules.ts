import { GanglionError } from "../../core/errors.ts";
import { sha256 } from "../../core/hash.ts";
import { isNotAFile, readInside } from "../../core/inside-folder.ts";
import type { ProgressListener } from "../../core/progress.ts";
import { decodeImage, pixelHash, readImage } from "../../data/index.ts";
import type { Dataset, RawImage } from "../../data/types.ts";
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
  /** Sees every image while it is decoded. */
  readonly visit: (candidate: Candidate, image: RawImage) => void;
  readonly onProgress: ProgressListener;
  readonly signal: AbortSignal;
}

/** Decodes the mask of an image to one channel of 0 and 255; null where it is anything else. @throws GanglionError */
export async function readRegion(root: string, name: string): Promise<RawImage | null> {
  const mask = await decodeImage(await readInside(root, name), { name });
  return mask.channels === 1 && mask.data.every((value) => value === 0 || value === 255) ? mask : null;
}

/**
 * Decodes every image and mask once. A mask must be the region that its record names, black and white: a grey one could
 * be a photograph. What cannot be decoded is a reason.
 */
export async function lookAtImages(
  dataset: Dataset,
  candidates: readonly Candidate[],
  { visit, onProgress, signal }: LookOptions,
  reasons: Reasons,
): Promise<Map<string, Looked>> {
  const looked = new Map<string, Looked>();
  const broken = { unreadable: [] as string[], mask: [] as string[], size: [] as string[] };
  for (const [at, candidate] of candidates.entries()) {
    if (signal.aborted) throw new GanglionError("files", "stopped; nothing was written");
    const { sample, index, mapRecord } = candidate;
    try {
      const image = await readImage(dataset, index);
      visit(candidate, image);
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
