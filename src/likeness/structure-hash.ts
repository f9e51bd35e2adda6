import { Rng } from "../core/rng.ts";
import { COARSE_SIDE } from "./likeness.ts";
import { IDENTITY, type Similarity, transformed } from "./similarity.ts";
import { normalisedTiles, shrunk, structureOf } from "./structure.ts";

const BITS = 64;
const TILE = 4;
/** Tiles with structure that a picture must have to be told from others. */
const LEAST_TILES = 4;
const DEGREE = Math.PI / 180;

/** The eight flips and quarter turns of a square. */
const STRAIGHT: readonly Similarity[] = [false, true].flatMap((mirrored) =>
  [0, 90, 180, 270].map((turn) => ({ ...IDENTITY, mirrored, angle: turn * DEGREE })),
);

/** A part of 95 % or 90 % of the side, enlarged: the middle and the corners, of the smaller one also the middles of the sides. */
function crops(share: number, places: readonly (readonly [number, number])[]): Similarity[] {
  const scale = 1 / share;
  const most = (scale - 1) / 2;
  return places.map(([x, y]) => ({ ...IDENTITY, scale, dx: x * most, dy: y * most }));
}
const CORNERS = [-1, 1].flatMap((x) => [-1, 1].map((y) => [x, y] as const));
const SIDES = [
  [0, 1],
  [0, -1],
  [1, 0],
  [-1, 0],
] as const;

/** Positions in which another picture may repeat one: flipped or turned as a whole, or a part of it. */
export const POSITIONS: readonly Similarity[] = [
  ...STRAIGHT,
  ...crops(0.95, [[0, 0], ...CORNERS]),
  ...crops(0.9, [[0, 0], ...CORNERS, ...SIDES]),
];

let projections: Float32Array | null = null;
function projectionsOf(size: number): Float32Array {
  projections ??= new Rng(1, "structure hash").fillNormal(new Float32Array(BITS * size));
  return projections;
}

/**
 * 64 bits of the structure of a grey plane at 16 px: the signs of random projections of its normalised tiles (Charikar 2002),
 * so that hashes of two pictures differ in 64 arccos(c) / pi bits on average, c the correlation of their structure; hashes
 * of unrelated pictures in 32. Null for a picture with hardly any structure.
 * @param plane `[side²]`, side at least 16. @param similarity How the picture is transformed first.
 */
export function structureHash(plane: Float32Array, side: number, similarity: Similarity): [number, number] | null {
  const values = similarity === IDENTITY ? plane : transformed(plane, side, similarity).values;
  const area = COARSE_SIDE * COARSE_SIDE;
  const tiles = new Float32Array(area);
  normalisedTiles(structureOf(shrunk(values, side, COARSE_SIDE), COARSE_SIDE, false), COARSE_SIDE, TILE, tiles);
  let energy = 0;
  for (const value of tiles) energy += value * value;
  if (energy < LEAST_TILES - 0.5) return null;
  const matrix = projectionsOf(area);
  const words: [number, number] = [0, 0];
  for (let bit = 0; bit < BITS; bit++) {
    let sum = 0;
    for (let p = 0; p < area; p++) sum += matrix[bit * area + p]! * tiles[p]!;
    if (sum > 0) words[bit >> 5]! |= 1 << (bit & 31);
  }
  return [words[0] >>> 0, words[1] >>> 0];
}
