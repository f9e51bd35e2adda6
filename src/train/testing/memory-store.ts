import type { PackedStore } from "../../data/index.ts";

export interface MemoryStoreOptions {
  readonly channels: 1 | 3;
  readonly resolution: number;
  readonly classes: readonly string[];
}

/** Images of one byte value each, or of a function of image and position, held in memory. */
export function memoryStore(
  labels: readonly number[],
  pixel: (index: number, position: number) => number,
  { channels, resolution, classes }: MemoryStoreOptions,
): PackedStore {
  const size = channels * resolution ** 2;
  return {
    count: labels.length,
    channels,
    resolution,
    classes,
    labels: Uint16Array.from(labels),
    readInto(indices, out) {
      for (let n = 0; n < indices.length; n++) {
        for (let i = 0; i < size; i++) out[n * size + i] = pixel(indices[n], i);
      }
    },
    close: () => undefined,
  };
}
