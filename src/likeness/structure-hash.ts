import { Rng } from "../core/rng.ts";
import { selected } from "./selected.ts";
import { IDENTITY, type Similarity, sourceOf } from "./similarity.ts";
import { FLAT } from "./structure.ts";

/** Side of the planes that are hashed. */
export const HASHED_SIDE = 32;
/** Side at which their structure is taken. */
const SIDE = 16;
const AREA = SIDE * SIDE;
/** Fine pixels of a coarse one, each way. */
const STEP = HASHED_SIDE / SIDE;
const BITS = 64;
const TILE = 4;
/** Tiles with structure that a picture must have to be told from others. */
const LEAST_TILES = 4;
/** Radius of the box mean that is taken away, and least median of what is left: as of `structureOf`. */
const RADIUS = 2;
const LEAST_LEVEL = 1;
/** Bins of sizes by their exponent and the first five bits behind the point, from 1 on: 32 for each doubling, up to 65,536. */
const BIN_SHIFT = 18;
const FIRST_BIN = 127 << 5;
const BINS = 16 << 5;
/** One over the pixels of a row or column that a mean at each place is of: fewer at the ends. */
const SHARES = Float64Array.from(
  { length: SIDE },
  (_, x) => 1 / (Math.min(SIDE - 1, x + RADIUS) - Math.max(0, x - RADIUS) + 1),
);
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
const PARTS: readonly Similarity[] = [
  ...crops(0.95, [[0, 0], ...CORNERS]),
  ...crops(0.9, [[0, 0], ...CORNERS, ...SIDES]),
];

/** Positions in which another picture may repeat one: as it is first, flipped or turned as a whole, or a part of it. */
export const POSITIONS: readonly Similarity[] = [...STRAIGHT, ...PARTS];

/** For each coarse pixel of a transformed picture, which fine pixels of the picture it is made of, and by how much. */
interface Sources {
  /** `[AREA + 1]`: those of pixel p lie at `starts[p]` to `starts[p + 1]`. */
  readonly starts: Uint16Array;
  readonly from: Uint16Array;
  /** Of single precision, in double since that is what the sum is of. */
  readonly weights: Float64Array;
}

/** The transform and the area mean in one: bilinear, edges repeated, as of `transformed` and `shrunk`. */
function sourcesOf(similarity: Similarity): Sources {
  const [a, b, c, d, e, f] = sourceOf(similarity, HASHED_SIDE) as unknown as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const last = HASHED_SIDE - 1;
  const starts = [0];
  const from: number[] = [];
  const weights: number[] = [];
  for (let p = 0; p < AREA; p++) {
    const taps = new Map<number, number>();
    for (let k = 0; k < STEP * STEP; k++) {
      const x = STEP * (p % SIDE) + (k % STEP);
      const y = STEP * Math.floor(p / SIDE) + Math.floor(k / STEP);
      const u = Math.max(0, Math.min(last, a * x + b * y + c));
      const v = Math.max(0, Math.min(last, d * x + e * y + f));
      const [left, top] = [Math.floor(u), Math.floor(v)];
      for (const [i, j, weight] of [
        [0, 0, (1 - u + left) * (1 - v + top)],
        [1, 0, (u - left) * (1 - v + top)],
        [0, 1, (1 - u + left) * (v - top)],
        [1, 1, (u - left) * (v - top)],
      ] as const) {
        if (weight < 1e-9) continue;
        const at = Math.min(last, top + j) * HASHED_SIDE + Math.min(last, left + i);
        taps.set(at, (taps.get(at) ?? 0) + weight / (STEP * STEP));
      }
    }
    for (const [at, weight] of taps) {
      from.push(at);
      weights.push(weight);
    }
    starts.push(from.length);
  }
  return {
    starts: Uint16Array.from(starts),
    from: Uint16Array.from(from),
    weights: Float64Array.from(weights, Math.fround),
  };
}

/** Coarse pixel that each coarse pixel of a flipped or turned picture comes from. */
function orderOf(similarity: Similarity): Uint8Array {
  const [a, b, c, d, e, f] = sourceOf(similarity, SIDE) as unknown as [number, number, number, number, number, number];
  return Uint8Array.from({ length: AREA }, (_, p) => {
    const [x, y] = [p % SIDE, Math.floor(p / SIDE)];
    return Math.round(d * x + e * y + f) * SIDE + Math.round(a * x + b * y + c);
  });
}

/** The hyperbolic tangent within 2e-4: the continued fraction of Lambert, cut off. */
function squashed(x: number): number {
  if (x > 4.9) return 1;
  if (x < -4.9) return -1;
  const s = x * x;
  return (x * (10395 + s * (1260 + 21 * s))) / (10395 + s * (4725 + s * (210 + s)));
}

/**
 * Hashes of the structure of pictures, one for each of {@link POSITIONS}. A hash is 64 signs of projections of the normalised
 * tiles at 16 px (Charikar 2002), so that hashes of two pictures differ in 64 arccos(c) / pi bits on average, c the correlation
 * of their structure; hashes of unrelated pictures in 32. Projections are rows of a Hadamard matrix after random signs
 * (Ailon and Chazelle 2009), which take 2,048 additions together.
 */
export class StructureHasher {
  readonly #orders = STRAIGHT.map(orderOf);
  readonly #whole = sourcesOf(IDENTITY);
  readonly #parts = PARTS.map(sourcesOf);
  readonly #signs: Float32Array;
  readonly #bits: Uint8Array;
  readonly #coarse = new Float32Array(AREA);
  readonly #rows = new Float32Array(AREA);
  readonly #tiles = new Float32Array(AREA);
  /** Sizes of what is left at each pixel, {@link LEAST_LEVEL} at least, and their bits. */
  readonly #sizes = new Float32Array(AREA);
  readonly #sizeBits = new Uint32Array(this.#sizes.buffer);
  readonly #bins = new Uint16Array(BINS);
  readonly #mixed = new Float32Array(AREA);

  constructor() {
    const rng = new Rng(1, "structure hash");
    this.#signs = Float32Array.from({ length: AREA }, () => (rng.uniform() < 0.5 ? -1 : 1));
    this.#bits = Uint8Array.from(rng.shuffle(Array.from({ length: AREA }, (_, i) => i)).slice(0, BITS));
  }

  /**
   * @param plane Grey, {@link HASHED_SIDE} squared.
   * @param words Becomes two words for each of {@link POSITIONS}, from `at` on; those without structure stay as they are.
   * @returns Bit p is set where position p has structure; 0 where there is hardly any.
   */
  hash(plane: Float32Array, words: Uint32Array, at = 0): number {
    let found = 0;
    if (this.#structure(plane, this.#whole)) {
      for (const [position, order] of this.#orders.entries()) {
        this.#hash(order, words, at + 2 * position);
        found |= 1 << position;
      }
    }
    for (const [part, sources] of this.#parts.entries()) {
      const position = this.#orders.length + part;
      if (!this.#structure(plane, sources)) continue;
      this.#hash(this.#orders[0]!, words, at + 2 * position);
      found |= 1 << position;
    }
    return found;
  }

  /** Normalised tiles of a transformed picture into `#tiles`. @returns Whether there is structure in enough of them. */
  #structure(plane: Float32Array, { starts, from, weights }: Sources): boolean {
    const coarse = this.#coarse;
    const rows = this.#rows;
    const tiles = this.#tiles;
    const sizes = this.#sizes;
    for (let p = 0, k = 0; p < AREA; p++) {
      const end = starts[p + 1]!;
      let sum = 0;
      for (; k < end; k++) sum += weights[k]! * plane[from[k]!]!;
      coarse[p] = sum;
    }
    for (let row = 0; row < AREA; row += SIDE) {
      let sum = 0;
      for (let x = -RADIUS; x < SIDE; x++) {
        if (x + RADIUS < SIDE) sum += coarse[row + x + RADIUS]!;
        if (x > RADIUS) sum -= coarse[row + x - RADIUS - 1]!;
        if (x >= 0) rows[row + x] = sum * SHARES[x]!;
      }
    }
    for (let x = 0; x < SIDE; x++) {
      let sum = 0;
      for (let y = -RADIUS; y < SIDE; y++) {
        if (y + RADIUS < SIDE) sum += rows[(y + RADIUS) * SIDE + x]!;
        if (y > RADIUS) sum -= rows[(y - RADIUS - 1) * SIDE + x]!;
        if (y < 0) continue;
        const p = y * SIDE + x;
        const left = coarse[p]! - sum * SHARES[y]!;
        tiles[p] = left;
        sizes[p] = Math.max(LEAST_LEVEL, Math.abs(left));
      }
    }
    const scale = 1 / (2 * this.#middleSize());
    for (let p = 0; p < AREA; p++) tiles[p] = squashed(tiles[p]! * scale);
    return this.#normalise() >= LEAST_TILES;
  }

  /** Median of the sizes, which are moved about: the bin in which it lies is found first, so that few are sorted. */
  #middleSize(): number {
    const sizes = this.#sizes;
    const bits = this.#sizeBits;
    const bins = this.#bins.fill(0);
    for (let p = 0; p < AREA; p++) bins[(bits[p]! >>> BIN_SHIFT) - FIRST_BIN]!++;
    let bin = 0;
    let before = 0;
    while (before + bins[bin]! <= AREA >> 1) before += bins[bin++]!;
    let count = 0;
    for (let p = 0; p < AREA; p++) if ((bits[p]! >>> BIN_SHIFT) - FIRST_BIN === bin) sizes[count++] = sizes[p]!;
    return selected(sizes, (AREA >> 1) - before, count);
  }

  /** Brings each tile to mean 0 and length 1, flat ones to 0. @returns Tiles that are not flat. */
  #normalise(): number {
    const tiles = this.#tiles;
    let known = 0;
    for (let top = 0; top < AREA; top += TILE * SIDE) {
      for (let corner = top; corner < top + SIDE; corner += TILE) {
        let sum = 0;
        let square = 0;
        for (let k = 0; k < TILE * TILE; k++) {
          const value = tiles[corner + (k >> 2) * SIDE + (k & 3)]!;
          sum += value;
          square += value * value;
        }
        const mean = sum / (TILE * TILE);
        const energy = square - sum * mean;
        const flat = energy <= FLAT * TILE * TILE;
        const scale = flat ? 0 : 1 / Math.sqrt(energy);
        if (!flat) known++;
        for (let k = 0; k < TILE * TILE; k++) {
          const at = corner + (k >> 2) * SIDE + (k & 3);
          tiles[at] = (tiles[at]! - mean) * scale;
        }
      }
    }
    return known;
  }

  /** Writes the hash of the tiles in an order as two words. */
  #hash(order: Uint8Array, words: Uint32Array, at: number): void {
    const mixed = this.#mixed;
    const tiles = this.#tiles;
    const signs = this.#signs;
    for (let p = 0; p < AREA; p++) mixed[p] = signs[p]! * tiles[order[p]!]!;
    // Two levels of sums and differences at once.
    for (let step = 1; step < AREA; step *= 4) {
      for (let start = 0; start < AREA; start += 4 * step) {
        for (let p = start; p < start + step; p++) {
          const a = mixed[p]!;
          const b = mixed[p + step]!;
          const c = mixed[p + 2 * step]!;
          const d = mixed[p + 3 * step]!;
          const sum = a + b;
          const difference = a - b;
          const sum2 = c + d;
          const difference2 = c - d;
          mixed[p] = sum + sum2;
          mixed[p + step] = difference + difference2;
          mixed[p + 2 * step] = sum - sum2;
          mixed[p + 3 * step] = difference - difference2;
        }
      }
    }
    const bits = this.#bits;
    let low = 0;
    let high = 0;
    for (let bit = 0; bit < 32; bit++) {
      if (mixed[bits[bit]!]! > 0) low |= 1 << bit;
      if (mixed[bits[32 + bit]!]! > 0) high |= 1 << bit;
    }
    words[at] = low;
    words[at + 1] = high;
  }
}
