import type { RawImage } from "../../data/index.ts";
import { type Similarity, transformed } from "../../likeness/similarity.ts";

/** Grey level of what lies outside the image. */
const OUTSIDE = 128;

/** A square image mirrored, turned, scaled and moved as it lies on another one; grey where nothing of it is. */
export function laidImage(image: RawImage, similarity: Similarity): RawImage {
  const { width: side, channels } = image;
  const data = new Uint8Array(image.data.length);
  for (let c = 0; c < channels; c++) {
    const plane = Float32Array.from({ length: side * side }, (_, p) => image.data[p * channels + c]!);
    const { values, inside } = transformed(plane, side, similarity);
    for (let p = 0; p < plane.length; p++) {
      data[p * channels + c] = inside[p] === 1 ? Math.max(0, Math.min(255, Math.round(values[p]!))) : OUTSIDE;
    }
  }
  return { ...image, data };
}
