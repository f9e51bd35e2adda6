import { estimateTone } from "../../data/index.ts";
import type { ImageSource } from "../../features/extractor.ts";
import { readImages } from "../../features/raw-images.ts";

/**
 * Tone of each image, 1 to 6, by the typology angle outside of the lesion; 0 where nothing can be said.
 * @param regions uint8 [n, S, S], not zero where the lesion is or may be.
 */
export function estimateTones(source: ImageSource, regions: Uint8Array): Uint8Array {
  const area = source.resolution ** 2;
  return Uint8Array.from({ length: source.count }, (_, i) => {
    const [image] = readImages(source, [i]);
    return estimateTone(image!, regions.subarray(i * area, (i + 1) * area))?.tone ?? 0;
  });
}

/** Both regions together, pixel by pixel. */
export const unionOf = (first: Uint8Array, second: Uint8Array | null): Uint8Array =>
  second === null ? first : first.map((value, i) => value | second[i]!);
