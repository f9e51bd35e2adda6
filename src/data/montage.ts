import type { RawImage } from "./types.ts";

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
        for (let c = 0; c < channels; c++) data[to + c] = image.data[from + (image.channels === 3 ? c : 0)];
      }
    }
  });
  return { width, height, channels, data };
}
