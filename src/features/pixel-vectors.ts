import { type Matrix, matrix } from "../math/linear/linear64.ts";
import { type ImageSource, selectImages } from "./extractor.ts";
import { greyToRgb, resizeArea } from "./resize.ts";

/** The eight flips and rotations of a square, in words; the index names a transform everywhere: mirrored left-right first, then turned counter-clockwise. */
export const TRANSFORMS = [
  "as it is",
  "turned 90°",
  "turned 180°",
  "turned 270°",
  "mirrored",
  "mirrored, turned 90°",
  "mirrored, turned 180°",
  "mirrored, turned 270°",
] as const;

/**
 * Where each pixel of the transformed image comes from: out[p] = in[source[p]]. Rotations are counter-clockwise.
 * @param transform index into {@link TRANSFORMS}
 */
export function transformSource(transform: number, side: number): Int32Array {
  const source = new Int32Array(side * side);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      let [row, column] = [y, x];
      for (let turn = 0; turn < (transform & 3); turn++) [row, column] = [column, side - 1 - row];
      if (transform >= 4) column = side - 1 - column;
      source[y * side + x] = row * side + column;
    }
  }
  return source;
}

/** The same images, each flipped or rotated by one of the eight transforms. */
export function transformedImages(images: ImageSource, transform: number): ImageSource {
  if (transform === 0) return images;
  const source = transformSource(transform, images.resolution);
  const area = source.length;
  return {
    ...selectImages(
      images,
      Int32Array.from({ length: images.count }, (_, i) => i),
    ),
    readInto(indices, out) {
      const whole = new Uint8Array(out.length);
      images.readInto(indices, whole);
      for (let plane = 0; plane < out.length; plane += area) {
        for (let p = 0; p < area; p++) out[plane + p] = whole[plane + source[p]!]!;
      }
    },
  };
}

/** Planes of a row of {@link pixelVectors} flipped or rotated by one of the eight transforms. */
export function transformVectors(vectors: Matrix, side: number, transform: number): Matrix {
  if (transform === 0) return vectors;
  const source = transformSource(transform, side);
  const out = matrix(vectors.rows, vectors.columns);
  for (let plane = 0; plane < out.data.length; plane += source.length) {
    for (let p = 0; p < source.length; p++) out.data[plane + p] = vectors.data[plane + source[p]!]!;
  }
  return out;
}

/**
 * Images as rows of numbers, area-averaged to `side` px, divided by the square root of their length: the squared distance
 * of two rows is the mean squared difference of their pixels (range 0..1).
 * @param channels 3 repeats grey images to three channels, so that rows of grey and colour sets compare
 * @returns `[indices.length, channels * side²]`
 */
export function pixelVectors(images: ImageSource, indices: ArrayLike<number>, side: number, channels: 1 | 3): Matrix {
  const area = images.resolution * images.resolution;
  let raw = new Uint8Array(indices.length * images.channels * area);
  images.readInto(indices, raw);
  if (channels === 3) raw = greyToRgb(raw, images.channels, area) as typeof raw;
  const data = resizeArea(raw, indices.length * channels, images.resolution, side);
  const scale = 1 / Math.sqrt(channels * side * side);
  for (let i = 0; i < data.length; i++) data[i]! *= scale;
  return matrix(indices.length, channels * side * side, data);
}
