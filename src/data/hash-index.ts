import { bitCount } from "./perceptual-hash.ts";

const BLOCKS = 4;
const BLOCK_BITS = 16;
const BUCKETS = 1 << BLOCK_BITS;

/** 64-bit hashes as pairs of unsigned words, one pair an image. */
type Hashes = Uint32Array;

/** Words of 16 bits with at most `radius` bits set; none for a negative radius. */
function masksWithin(radius: number): Uint16Array {
  const masks: number[] = [];
  for (let mask = 0; mask < BUCKETS; mask++) if (bitCount(mask) <= radius) masks.push(mask);
  return Uint16Array.from(masks);
}

/**
 * Bits by which each block may differ so that no pair within `most` bits is missed (Qin et al. 2018, general pigeonhole
 * principle): if every block differed by more, the sum would be above `most`. They sum to most - blocks + 1.
 */
function blockRadii(most: number): number[] {
  const sum = most - BLOCKS + 1;
  return Array.from({ length: BLOCKS }, (_, block) => Math.floor((sum + block) / BLOCKS));
}

/** Positions by the value of one block: those of value v lie at `starts[v]` to `starts[v + 1]` of `entries`, ascending. */
interface BlockTable {
  readonly starts: Uint32Array;
  readonly entries: Uint32Array;
  readonly masks: Uint16Array;
}

const blockOf = (hashes: Hashes, index: number, block: number): number =>
  (hashes[2 * index + (block >> 1)]! >>> (BLOCK_BITS * (block & 1))) & (BUCKETS - 1);

function tableOf(hashes: Hashes, block: number, masks: Uint16Array): BlockTable {
  const count = hashes.length / 2;
  const starts = new Uint32Array(BUCKETS + 1);
  for (let i = 0; i < count; i++) starts[blockOf(hashes, i, block) + 1]!++;
  for (let value = 0; value < BUCKETS; value++) starts[value + 1]! += starts[value]!;
  const next = starts.slice();
  const entries = new Uint32Array(count);
  for (let i = 0; i < count; i++) entries[next[blockOf(hashes, i, block)]!++] = i;
  return { starts, entries, masks };
}

/**
 * Finds hashes that differ in few bits without comparing each with each (multi-index hashing, Norouzi et al. 2012): two of
 * them agree in one of four blocks of 16 bits but for a bit or two, and such blocks are looked up. What it finds is what
 * comparing all pairs finds.
 */
export class HashIndex {
  readonly #hashes: Hashes;
  readonly #most: number;
  /** Null where looking up takes longer than comparing with all. */
  readonly #tables: BlockTable[] | null;
  /** Query that met each position last, counted from 1. */
  readonly #met: Uint32Array;

  /** @param most Bits in which two hashes may differ, 0..64. */
  constructor(hashes: Hashes, most: number) {
    const count = hashes.length / 2;
    this.#hashes = hashes;
    this.#most = most;
    this.#met = new Uint32Array(count);
    const masks = new Map(blockRadii(most).map((radius) => [radius, masksWithin(radius)]));
    const tables = blockRadii(most).map((radius, block) => ({ masks: masks.get(radius)!, block }));
    const lookUps = tables.reduce((sum, table) => sum + table.masks.length, 0);
    this.#tables = lookUps < count / 2 ? tables.map((table) => tableOf(hashes, table.block, table.masks)) : null;
  }

  /** Positions after `index` whose hashes differ from its own in at most `most` bits, ascending. */
  after(index: number): number[] {
    const found: number[] = [];
    if (this.#tables === null) {
      for (let other = index + 1; other < this.#met.length; other++) this.#compare(index, other, found);
      return found;
    }
    for (const [block, { starts, entries, masks }] of this.#tables.entries()) {
      const own = blockOf(this.#hashes, index, block);
      for (const mask of masks) {
        const value = own ^ mask;
        // From the end, as only later positions are wanted.
        for (let at = starts[value + 1]! - 1; at >= starts[value]! && entries[at]! > index; at--) {
          const other = entries[at]!;
          if (this.#met[other] === index + 1) continue;
          this.#met[other] = index + 1;
          this.#compare(index, other, found);
        }
      }
    }
    return found.sort((a, b) => a - b);
  }

  /** Positions whose hashes differ from a hash in at most `most` bits, in no stated order. */
  near(hash: readonly [number, number]): number[] {
    const found = new Set<number>();
    const query = Uint32Array.from(hash);
    const differing = (other: number): number =>
      bitCount(query[0]! ^ this.#hashes[2 * other]!) + bitCount(query[1]! ^ this.#hashes[2 * other + 1]!);
    if (this.#tables === null) {
      for (let other = 0; other < this.#met.length; other++) if (differing(other) <= this.#most) found.add(other);
      return [...found];
    }
    for (const [block, { starts, entries, masks }] of this.#tables.entries()) {
      const own = blockOf(query, 0, block);
      for (const mask of masks) {
        const value = own ^ mask;
        for (let at = starts[value]!; at < starts[value + 1]!; at++) {
          if (differing(entries[at]!) <= this.#most) found.add(entries[at]!);
        }
      }
    }
    return [...found];
  }

  #compare(index: number, other: number, found: number[]): void {
    const hashes = this.#hashes;
    const low = bitCount(hashes[2 * index]! ^ hashes[2 * other]!);
    if (low + bitCount(hashes[2 * index + 1]! ^ hashes[2 * other + 1]!) <= this.#most) found.push(other);
  }
}
