import { montage, type PackedStore, type RawImage } from "../data/index.ts";

/** Images of a grid's row. */
export const GRID_COLUMNS = 8;
/** Rows at most, so that a grid of many classes stays a picture. */
const GRID_ROWS = 12;

/** Classes of the images of a grid: a row a class. */
export function gridClasses(classCount: number): number[] {
  const rows = Math.min(classCount, GRID_ROWS);
  return Array.from({ length: rows * GRID_COLUMNS }, (_, i) => Math.floor(i / GRID_COLUMNS));
}

/** uint8 [n, C, S, S] => images with their channels last. */
export function unpackImages(bytes: Uint8Array, channels: 1 | 3, size: number): RawImage[] {
  const area = size * size;
  const count = bytes.length / (area * channels);
  return Array.from({ length: count }, (_, n) => {
    const data = new Uint8Array(area * channels);
    for (let c = 0; c < channels; c++) {
      for (let i = 0; i < area; i++) data[i * channels + c] = bytes[(n * channels + c) * area + i]!;
    }
    return { width: size, height: size, channels, data };
  });
}

/** A grid of images uint8 [n, C, S, S], {@link GRID_COLUMNS} in a row. */
export const gridPicture = (bytes: Uint8Array, channels: 1 | 3, size: number): RawImage =>
  montage(unpackImages(bytes, channels, size), GRID_COLUMNS);

/** The first real images of each class, as many as a grid shows. */
export function realGrid(store: PackedStore): Uint8Array {
  const rows = gridClasses(store.classes.length);
  const chosen: number[] = [];
  for (let label = 0; label <= (rows.at(-1) ?? 0); label++) {
    const members = Array.from(store.labels.keys()).filter((i) => store.labels[i] === label);
    for (let i = 0; i < GRID_COLUMNS; i++) chosen.push(members[i % members.length]!);
  }
  const out = new Uint8Array(chosen.length * store.channels * store.resolution ** 2);
  store.readInto(chosen, out);
  return out;
}
