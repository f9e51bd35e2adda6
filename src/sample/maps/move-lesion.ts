import type { Rng } from "../../core/rng.ts";
import type { Box, MapKind } from "../../data/maps/semantic-map.ts";
import { boxPixels, regionOf } from "./map-request.ts";

/** A lesion in a map: boxes in shares, and the region that is filled. */
export interface Lesion {
  readonly boxes: readonly Box[];
  /** [size * size], 0 or 255. */
  readonly region: Uint8Array;
}

/** Greatest shift by row and by column, as a share of the side; the paper names none. */
const REACH = 0.25;

/** Shift in whole pixels that keeps [low, high) inside [0, size), at most `reach` to either side. */
function drawShift(rng: Rng, low: number, high: number, size: number): number {
  const reach = Math.round(REACH * size);
  const least = Math.max(-low, -reach);
  const most = Math.min(size - high, reach);
  return least + rng.integer(most - least + 1);
}

/** Smallest box in pixels around boxes: x_min, y_min, x_max, y_max. */
export function aroundBoxes(boxes: readonly Box[], size: number): [number, number, number, number] {
  const pixels = boxes.map((box) => boxPixels(box, size));
  const edge = (i: number, pick: (...values: number[]) => number) => pick(...pixels.map((box) => box[i]!));
  return [edge(0, Math.min), edge(1, Math.min), edge(2, Math.max), edge(3, Math.max)];
}

export const shiftBox = ({ xMin, yMin, xMax, yMax }: Box, dx: number, dy: number): Box => ({
  xMin: xMin + dx,
  yMin: yMin + dy,
  xMax: xMax + dx,
  yMax: yMax + dy,
});

/** Moves a region by whole pixels; what leaves the square is lost. */
export function shiftRegion(region: Uint8Array, size: number, dx: number, dy: number): Uint8Array {
  const out = new Uint8Array(region.length);
  for (let y = Math.max(0, -dy); y < Math.min(size, size - dy); y++) {
    for (let x = Math.max(0, -dx); x < Math.min(size, size - dx); x++) {
      out[(y + dy) * size + x + dx] = region[y * size + x]!;
    }
  }
  return out;
}

/** Smallest box in pixels around a region that is not empty. */
function aroundRegion(region: Uint8Array, size: number): [number, number, number, number] {
  let [left, top, right, bottom] = [size, size, 0, 0];
  region.forEach((value, i) => {
    if (value === 0) return;
    const x = i % size;
    const y = (i - x) / size;
    [left, top] = [Math.min(left, x), Math.min(top, y)];
    [right, bottom] = [Math.max(right, x + 1), Math.max(bottom, y + 1)];
  });
  return [left, top, right, bottom];
}

/** Boxes whose edges lie on pixels, so that a box and what is filled agree. */
function onPixels(box: Box, size: number): Box {
  const [xMin, yMin, xMax, yMax] = boxPixels(box, size).map((value) => value / size);
  return { xMin: xMin!, yMin: yMin!, xMax: xMax!, yMax: yMax! };
}

/**
 * A new lesion after one of the data (Ghorbani et al. 2019, section 3): of boxes a random subset is kept, one at least, and
 * each is moved on its own; a shape is moved as a whole. Moves are by whole pixels, uniform over those of at most a
 * quarter of the side by row and by column that keep the box, or the shape, inside the image.
 */
export function moveLesion(lesion: Lesion, kind: MapKind, size: number, rng: Rng): Lesion {
  if (kind === "mask") {
    const [left, top, right, bottom] = aroundRegion(lesion.region, size);
    const dx = drawShift(rng, left, right, size);
    const dy = drawShift(rng, top, bottom, size);
    const boxes = lesion.boxes.map((box) => shiftBox(box, dx / size, dy / size));
    return { boxes, region: shiftRegion(lesion.region, size, dx, dy) };
  }
  const seen = lesion.boxes.filter((box) => regionOf("box", size, [box]).includes(255));
  const always = rng.integer(seen.length);
  const kept = seen.filter((_, i) => rng.uniform() < 0.5 || i === always);
  const boxes = kept.map((box) => {
    const [left, top, right, bottom] = boxPixels(box, size);
    const dx = drawShift(rng, left, right, size);
    const dy = drawShift(rng, top, bottom, size);
    return shiftBox(onPixels(box, size), dx / size, dy / size);
  });
  return { boxes, region: regionOf("box", size, boxes) };
}
