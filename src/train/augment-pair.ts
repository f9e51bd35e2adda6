import { z } from "zod";
import type { Rng } from "../core/rng.ts";
import { signedLevel } from "../model/signed-range.ts";
import { sourcePositions } from "./draw-augment.ts";

/** How a recipe moves map and image together. */
export const pairAugmentSchema = z.object({
  /** Probability of each transform. */
  probability: z.number().min(0).max(1),
  rotate: z.boolean(),
  flip: z.boolean(),
  translate: z.number().min(0).max(0.5),
  scale: z.number().min(0).max(1),
});

export type PairAugment = z.infer<typeof pairAugmentSchema>;

/** Flips, quarter turns, small moves and zooms; no colours, which would part image and tone. */
export const PAIR_AUGMENT: PairAugment = { probability: 0.7, rotate: true, flip: true, translate: 0.125, scale: 0.2 };

/** Where each row and column of a moved image comes from, in pixels of the image as it was. */
export interface Placement {
  /** Rows and columns are exchanged first. */
  readonly swap: boolean;
  readonly rows: Float64Array;
  readonly columns: Float64Array;
}

/** Draws a placement: one of the eight symmetries, a move and a zoom, mirrored at the border. With probability 0 the identity. */
export function drawPlacement(rng: Rng, size: number, options: PairAugment): Placement {
  const happens = () => rng.uniform() < options.probability;
  const swap = options.rotate && happens() && rng.uniform() < 0.5;
  const flipRows = options.rotate && happens() && rng.uniform() < 0.5;
  const flipColumns = options.flip && happens() && rng.uniform() < 0.5;
  const moves = options.translate > 0 && happens();
  const shift = () => (moves ? rng.between(-options.translate, options.translate) * size : 0);
  const [shiftY, shiftX] = [shift(), shift()];
  const zoom = options.scale > 0 && happens() ? 2 ** (options.scale * rng.normal()) : 1;
  return {
    swap,
    rows: sourcePositions(size, flipRows, shiftY, zoom),
    columns: sourcePositions(size, flipColumns, shiftX, zoom),
  };
}

/** One plane of bytes [S, S] moved, read between pixels by linear interpolation, into `out` at `offset` in [-1, 1]. */
export function placeImage(
  plane: Uint8Array,
  { swap, rows, columns }: Placement,
  out: Float32Array,
  offset: number,
): void {
  const size = rows.length;
  const last = size - 1;
  const [stepY, stepX] = swap ? [1, size] : [size, 1];
  let at = offset;
  for (let y = 0; y < size; y++) {
    const top = Math.min(Math.floor(rows[y]!), last);
    const down = rows[y]! - top;
    const upper = top * stepY;
    const lower = Math.min(top + 1, last) * stepY;
    for (let x = 0; x < size; x++) {
      const left = Math.min(Math.floor(columns[x]!), last);
      const right = Math.min(left + 1, last) * stepX;
      const across = columns[x]! - left;
      const above = plane[upper + left * stepX]! * (1 - across) + plane[upper + right]! * across;
      const below = plane[lower + left * stepX]! * (1 - across) + plane[lower + right]! * across;
      out[at++] = signedLevel(above * (1 - down) + below * down);
    }
  }
}

/** A region [S, S] moved, the nearest pixel each: a pixel is inside or not. */
export function placeRegion(region: Uint8Array, { swap, rows, columns }: Placement, out: Uint8Array): void {
  const size = rows.length;
  const [stepY, stepX] = swap ? [1, size] : [size, 1];
  const left = Int32Array.from(columns, (x) => Math.min(size - 1, Math.round(x)) * stepX);
  for (let y = 0; y < size; y++) {
    const top = Math.min(size - 1, Math.round(rows[y]!)) * stepY;
    for (let x = 0; x < size; x++) out[y * size + x] = region[top + left[x]!]!;
  }
}
