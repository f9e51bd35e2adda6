import { Rng } from "../../../core/rng.ts";
import { byPlane, type PixelChange } from "./planes.ts";

/**
 * Every image cut into squares that change places; what remains at the edges keeps its own.
 * @param strength Side of the squares in pixels.
 */
export const shuffledPatches: PixelChange = (images, strength, seed) => {
  const { side, channels } = images;
  const square = Math.max(1, Math.round(strength));
  const across = Math.floor(side / square);
  return byPlane(images, (plane, at) => {
    const rng = new Rng(seed, "degrade", "patches", Math.floor(at / channels));
    const order = rng.shuffle(Int32Array.from({ length: across * across }, (_, i) => i));
    const out = Float64Array.from(plane);
    order.forEach((from, to) => {
      for (let y = 0; y < square; y++) {
        const row = (cell: number) => (Math.floor(cell / across) * square + y) * side + (cell % across) * square;
        for (let x = 0; x < square; x++) out[row(to) + x] = plane[row(from) + x]!;
      }
    });
    return out;
  });
};
