import type { ImageSource } from "../extractor.ts";

/** Pictures that a thread computes features of. */
export interface PictureBatch {
  readonly count: number;
  /** Width and height in pixels. */
  readonly resolution: number;
  /** 1 grey, 3 sRGB. */
  readonly channels: 1 | 3;
  /** uint8 `NCHW`. */
  readonly pixels: Uint8Array;
}

/** Pictures that a thread takes at once. */
const BATCH = 16;

/** Batches that the images of a source are read in. */
export const batchCount = ({ count }: ImageSource): number => Math.ceil(count / BATCH);

/** Number of the first picture of batch k. */
export const batchStart = (k: number): number => k * BATCH;

/** Reads batch k. */
export function readBatch(images: ImageSource, k: number): PictureBatch {
  const { resolution, channels } = images;
  const start = batchStart(k);
  const count = Math.min(BATCH, images.count - start);
  const pixels = new Uint8Array(count * channels * resolution ** 2);
  images.readInto(
    Int32Array.from({ length: count }, (_, i) => start + i),
    pixels,
  );
  return { count, resolution, channels, pixels };
}
