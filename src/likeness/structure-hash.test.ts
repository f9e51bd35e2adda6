import { expect, test } from "vitest";
import { Rng } from "../core/rng.ts";
import { transformed } from "./similarity.ts";
import { normalisedTiles, shrunk, structureOf } from "./structure.ts";
import { HASHED_SIDE, POSITIONS, StructureHasher } from "./structure-hash.ts";

const hasher = new StructureHasher();
/** Hashes of a picture in each position; null where there is hardly any structure. */
function hashesOf(values: Float32Array): (readonly [number, number] | null)[] {
  const words = new Uint32Array(2 * POSITIONS.length + 2);
  const structured = hasher.hash(values, words, 2);
  return POSITIONS.map((_, k) => ((structured >> k) & 1 ? ([words[2 * k + 2]!, words[2 * k + 3]!] as const) : null));
}
const rng = new Rng("planes");
/** Noise of several sizes, as pictures have it. */
function plane(): Float32Array {
  const noise = [2, 4, 8, 16, 32].map((side) => ({
    side,
    values: Float32Array.from({ length: side * side }, () => 40 * rng.uniform()),
  }));
  return Float32Array.from({ length: HASHED_SIDE ** 2 }, (_, p) => {
    const [x, y] = [p % HASHED_SIDE, Math.floor(p / HASHED_SIDE)];
    const at = (side: number) => Math.floor((y * side) / HASHED_SIDE) * side + Math.floor((x * side) / HASHED_SIDE);
    return noise.reduce((sum, { side, values }) => sum + values[at(side)]!, 0);
  });
}
const planes = Array.from({ length: 60 }, plane);
const bits = (a: readonly [number, number], b: readonly [number, number]) =>
  [...((a[0] ^ b[0]) >>> 0).toString(2), ...((a[1] ^ b[1]) >>> 0).toString(2)].filter((bit) => bit === "1").length;

/** Normalised tiles at 16 px by the functions of the other comparisons. */
function tilesOf(values: Float32Array): Float32Array {
  const tiles = new Float32Array(256);
  normalisedTiles(structureOf(shrunk(values, HASHED_SIDE, 16), 16, false), 16, 4, tiles);
  return tiles;
}

test("the hash of a position is that of the picture transformed", () => {
  for (const values of planes.slice(0, 10)) {
    const all = hashesOf(values);
    for (const [position, similarity] of POSITIONS.entries()) {
      const moved = hashesOf(transformed(values, HASHED_SIDE, similarity).values)[0]!;
      expect(bits(all[position]!, moved), `position ${position}`).toBeLessThanOrEqual(1);
    }
  }
});

test("hashes differ in 64 arccos(c) / pi bits on average, c the correlation of the structure", () => {
  const hashes = planes.map((values) => hashesOf(values)[0]!);
  const tiles = planes.map(tilesOf);
  const mixed = planes.map((values, i) => values.map((value, p) => 0.7 * value + 0.3 * planes[(i + 1) % 60]![p]!));
  const error = (pairs: readonly (readonly [Float32Array, Float32Array, number])[]) => {
    const differences = pairs.map(([a, b, found]) => {
      const product = a.reduce((sum, value, p) => sum + value * b[p]!, 0) / 16;
      return found - (64 * Math.acos(product)) / Math.PI;
    });
    return differences.reduce((a, b) => a + b) / differences.length;
  };
  const alike = mixed.map((values, i) => {
    const own = hashesOf(values)[0]!;
    return [tilesOf(values), tiles[i]!, bits(own, hashes[i]!)] as const;
  });
  const unlike = planes.map(
    (_, i) => [tiles[i]!, tiles[(i + 7) % 60]!, bits(hashes[i]!, hashes[(i + 7) % 60]!)] as const,
  );
  expect(Math.abs(error(alike))).toBeLessThan(1.5);
  expect(Math.abs(error(unlike))).toBeLessThan(1.5);
});

test("a picture with hardly any structure has none", () => {
  expect(hashesOf(new Float32Array(HASHED_SIDE ** 2).fill(90))).toEqual(POSITIONS.map(() => null));
  const corner = new Float32Array(HASHED_SIDE ** 2).fill(90);
  for (let p = 0; p < 2; p++) corner[p * HASHED_SIDE + p] = 200;
  expect(hashesOf(corner)[0]).toBeNull();
});
