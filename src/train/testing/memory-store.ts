import { openStore, type PackedStore } from "../../data/index.ts";

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
  const source = Uint8Array.from({ length: labels.length * size }, (_, i) => pixel(Math.floor(i / size), i % size));
  return openStore({ source, channels, resolution, classes, labels: Uint16Array.from(labels) });
}
