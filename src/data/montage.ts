import { Rng } from "../core/rng.ts";
import { mapLimited } from "./parallel.ts";
import { readImage } from "./pixels.ts";
import { resizeSquare } from "./square.ts";
import type { Dataset, RawImage } from "./types.ts";

export interface MontageOptions {
  /** White pixels between images. Defaults to 2. */
  readonly gap?: number;
}

/**
 * Lays images in rows of `columns` on white. Cells have the size of the largest image; smaller ones sit at the top left.
 * Grey images turn into RGB where any image has colour. No images give one white pixel.
 */
export function montage(images: readonly RawImage[], columns: number, options: MontageOptions = {}): RawImage {
  const gap = options.gap ?? 2;
  const across = Math.max(1, Math.min(columns, images.length));
  const down = Math.ceil(images.length / across);
  const cellWidth = Math.max(1, ...images.map(({ width }) => width));
  const cellHeight = Math.max(1, ...images.map(({ height }) => height));
  const channels = images.some((image) => image.channels === 3) ? 3 : 1;
  const width = across * cellWidth + (across - 1) * gap;
  const height = Math.max(1, down * cellHeight + (down - 1) * gap);
  const data = new Uint8Array(width * height * channels).fill(255);
  images.forEach((image, k) => {
    const left = (k % across) * (cellWidth + gap);
    const top = Math.floor(k / across) * (cellHeight + gap);
    for (let y = 0; y < image.height; y++) {
      for (let x = 0; x < image.width; x++) {
        const to = ((top + y) * width + left + x) * channels;
        const from = (y * image.width + x) * image.channels;
        for (let c = 0; c < channels; c++) data[to + c] = image.data[from + (image.channels === 3 ? c : 0)]!;
      }
    }
  });
  return { width, height, channels, data };
}

export interface ClassMontageOptions {
  /** Images a class. Defaults to 12. */
  readonly columns?: number;
  /** Width and height of each image in pixels. Defaults to 96. */
  readonly size?: number;
  /** Seed of the draw. Defaults to 0. */
  readonly seed?: number;
}

/**
 * One row of images a class in the order of `dataset.classes`, drawn at random, cropped to their square; a class with
 * fewer images than columns leaves the rest of its row white.
 */
export async function classMontage(dataset: Dataset, options: ClassMontageOptions = {}): Promise<RawImage> {
  const { columns = 12, size = 96, seed = 0 } = options;
  const blank: RawImage = { width: size, height: size, channels: 1, data: new Uint8Array(size * size).fill(255) };
  const cells: (number | null)[] = [];
  for (const name of dataset.classes) {
    const own = dataset.samples.flatMap(({ label }, index) => (label === name ? [index] : []));
    const drawn = new Rng(seed, "montage", name).shuffle(own).slice(0, columns);
    for (let k = 0; k < columns; k++) cells.push(drawn[k] ?? null);
  }
  const images = await mapLimited(cells, 4, async (index) =>
    index === null ? blank : resizeSquare(await readImage(dataset, index), size),
  );
  return montage(images, columns);
}
