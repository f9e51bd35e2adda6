import type { ProgressListener } from "../../core/progress.ts";
import { pixelHash, readDataset, readImage, resizeSquare, withChannels } from "../../data/index.ts";
import { mapLimited } from "../../data/parallel.ts";
import type { RawImage } from "../../data/types.ts";
import type { Reasons } from "./reasons.ts";

/** The eight pictures that flips and quarter turns make of a square image; four of one that is not square. */
export function symmetries(image: RawImage): RawImage[] {
  const { width, height, channels, data } = image;
  const made: RawImage[] = [];
  for (let kind = 0; kind < (width === height ? 8 : 4); kind++) {
    const [flipX, flipY, swap] = [kind & 1, kind & 2, kind & 4];
    const out = new Uint8Array(data.length);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const [u, v] = swap ? [y, x] : [x, y];
        const from = ((flipY ? height - 1 - v : v) * width + (flipX ? width - 1 - u : u)) * channels;
        const to = (y * width + x) * channels;
        for (let c = 0; c < channels; c++) out[to + c] = data[from + c]!;
      }
    }
    made.push({ width, height, channels, data: out });
  }
  return made;
}

/**
 * Finds images that are training images, pixel for pixel, in any of their eight symmetries, as they are stored or as a
 * training at the size of the images saw them. What differs in one level is found by `ganglion audit`.
 * @param hashes Hashes of the images (`pixelHash`) with their names, one for each symmetry.
 */
export async function checkTraining(
  path: string,
  hashes: ReadonlyMap<string, string>,
  sizes: ReadonlySet<number>,
  onProgress: ProgressListener,
  reasons: Reasons,
): Promise<void> {
  const train = await readDataset(path);
  const found = new Set<string>();
  let done = 0;
  await mapLimited(train.samples, 4, async (_, index) => {
    const image = await readImage(train, index);
    const seen = [image];
    for (const size of sizes) seen.push(await resizeSquare(image, size));
    for (const view of seen) {
      for (const channels of [1, 3] as const) {
        const name = hashes.get(pixelHash(withChannels(view, channels)));
        if (name !== undefined) found.add(name);
      }
    }
    onProgress({ stage: "compare with training images", done: ++done, total: train.samples.length, unit: "images" });
  });
  reasons.each(
    "training-image",
    "images",
    [...found].sort(),
    "they are training images, pixel for pixel (--train); remove them and audit again",
  );
}
