import sharp from "sharp";
import type { RawImage } from "./types.ts";

/** The largest centred square of an image, `HWC => HWC`; the odd pixel is left out at the right or bottom. */
export function cropSquare(image: RawImage): RawImage {
  const { width, height, channels, data } = image;
  if (width === height) return image;
  const side = Math.min(width, height);
  const left = (width - side) >> 1;
  const top = (height - side) >> 1;
  const out = new Uint8Array(side * side * channels);
  for (let y = 0; y < side; y++) {
    const from = ((top + y) * width + left) * channels;
    out.set(data.subarray(from, from + side * channels), y * side * channels);
  }
  return { width: side, height: side, channels, data: out };
}

/** Centre crop to a square, then Lanczos (a = 3) to `size` x `size` pixels; unchanged when it has that size already. */
export async function resizeSquare(image: RawImage, size: number): Promise<RawImage> {
  const square = cropSquare(image);
  if (square.width === size) return square;
  const { channels } = square;
  const data = await sharp(square.data, { raw: { width: square.width, height: square.height, channels } })
    .resize(size, size, { kernel: "lanczos3", fit: "fill" })
    .toColourspace(channels === 1 ? "b-w" : "srgb")
    .raw()
    .toBuffer();
  return { width: size, height: size, channels, data: new Uint8Array(data) };
}

/** The same crop as {@link resizeSquare}, then the nearest pixel: for masks, whose values are names and not amounts. */
export function resizeSquareNearest(mask: RawImage, size: number): RawImage {
  const square = cropSquare(mask);
  if (square.width === size) return square;
  const { width: side, channels, data } = square;
  const out = new Uint8Array(size * size * channels);
  const source = Int32Array.from({ length: size }, (_, i) => Math.floor(((i + 0.5) * side) / size));
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const from = (source[y]! * side + source[x]!) * channels;
      for (let c = 0; c < channels; c++) out[(y * size + x) * channels + c] = data[from + c]!;
    }
  }
  return { width: size, height: size, channels, data: out };
}

/** `HWC => CHW`, written to `out` at `offset`. */
export function toPlanes(image: RawImage, out: Uint8Array, offset = 0): void {
  const { channels, data } = image;
  const pixels = image.width * image.height;
  for (let c = 0; c < channels; c++) {
    for (let i = 0, j = offset + c * pixels, k = c; i < pixels; i++, j++, k += channels) out[j] = data[k]!;
  }
}
