import type { RawImage } from "../data/index.ts";
import type { ImageSource } from "./extractor.ts";

/** Reads images as `HWC`. */
export function readImages(source: ImageSource, indices: readonly number[]): RawImage[] {
  const { resolution, channels } = source;
  const area = resolution * resolution;
  const planes = new Uint8Array(indices.length * channels * area);
  source.readInto(indices, planes);
  return indices.map((_, k) => {
    const data = new Uint8Array(channels * area);
    for (let c = 0; c < channels; c++) {
      const from = (k * channels + c) * area;
      for (let i = 0; i < area; i++) data[i * channels + c] = planes[from + i]!;
    }
    return { width: resolution, height: resolution, channels, data };
  });
}
