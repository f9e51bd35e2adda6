import type { PictureBatch } from "../threads/picture-batch.ts";

/** A square plane of numbers, row by row. */
export interface Plane {
  readonly side: number;
  /** Length side². */
  readonly data: Float64Array;
}

/** One picture in luma and the two colour differences of ITU-R BT.601, in units of the range of a byte. */
export interface Planes {
  /** Y, 0..1. */
  readonly luma: Plane;
  /** Cb, -0.5..0.5; all 0 of a grey picture. */
  readonly blue: Plane;
  /** Cr, -0.5..0.5; all 0 of a grey picture. */
  readonly red: Plane;
}

/** Picture `index` of a batch. A grey picture in three channels gives the same numbers as in one. */
export function planesOf({ resolution: side, channels, pixels }: PictureBatch, index: number): Planes {
  const area = side * side;
  const at = index * channels * area;
  const luma = new Float64Array(area);
  const blue = new Float64Array(area);
  const red = new Float64Array(area);
  for (let i = 0; i < area; i++) {
    if (channels === 1) luma[i] = pixels[at + i]! / 255;
    else {
      const [r, g, b] = [pixels[at + i]!, pixels[at + area + i]!, pixels[at + 2 * area + i]!];
      // Written by differences, which are exactly 0 of grey.
      const y = (g + 0.299 * (r - g) + 0.114 * (b - g)) / 255;
      luma[i] = y;
      blue[i] = 0.564 * (b / 255 - y);
      red[i] = 0.713 * (r / 255 - y);
    }
  }
  return { luma: { side, data: luma }, blue: { side, data: blue }, red: { side, data: red } };
}

/** Mean of each 2 x 2 block; an odd last row or column is left out. */
export function halved({ side, data }: Plane): Plane {
  const half = side >> 1;
  const out = new Float64Array(half * half);
  for (let y = 0; y < half; y++) {
    for (let x = 0; x < half; x++) {
      const i = 2 * y * side + 2 * x;
      out[y * half + x] = (data[i]! + data[i + 1]! + data[i + side]! + data[i + side + 1]!) / 4;
    }
  }
  return { side: half, data: out };
}

/**
 * Mean of each cell of a grid of `cells` x `cells`; cells begin and end at whole pixels.
 * @param side at least `cells`
 * @returns `[cells, cells]`
 */
export function cellMeans({ side, data }: Plane, cells: number): Float64Array {
  const out = new Float64Array(cells * cells);
  const edges = Array.from({ length: cells + 1 }, (_, k) => Math.floor((k * side) / cells));
  for (let row = 0; row < cells; row++) {
    for (let column = 0; column < cells; column++) {
      const [top, bottom, left, right] = [edges[row]!, edges[row + 1]!, edges[column]!, edges[column + 1]!];
      let sum = 0;
      for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) sum += data[y * side + x]!;
      out[row * cells + column] = sum / ((bottom - top) * (right - left));
    }
  }
  return out;
}
