import { bitCount } from "./perceptual-hash.ts";

const BITS = 64;
/** Numbers of blocks that are weighed against each other; a block has 8 to 16 bits. */
const FEWEST_BLOCKS = 4;
const MOST_BLOCKS = 8;
/** Time of looking up one value of a block, and of comparing a hash that is found there, in times of comparing one of many in a row. */
const LOOK_UP = 1.5;
const FOUND = 2;
/** Hashes that are looked for to find the fastest division. */
const TRIED = 64;
/** Of fewer hashes all are compared, which no division was faster than. */
const FEWEST_HASHES = 256;

/** 64-bit hashes as pairs of unsigned words, one pair an image. */
type Hashes = Uint32Array;

/** Words of so many bits with at most `radius` of them set; none for a negative radius. */
function masksWithin(bits: number, radius: number): Uint16Array {
  const masks: number[] = [];
  for (let mask = 0; mask < 1 << bits; mask++) if (bitCount(mask) <= radius) masks.push(mask);
  return Uint16Array.from(masks);
}

/** A stretch of bits of a hash, and by how many of them hashes may differ there. */
interface Block {
  readonly start: number;
  readonly bits: number;
  readonly radius: number;
}

/**
 * Blocks of equal size, with the bits by which each may differ so that no pair within `most` bits is missed (Qin et al. 2018,
 * general pigeonhole principle): if every block differed by more, the sum would be above `most`. They sum to most - blocks + 1.
 */
function blocksOf(count: number, most: number): Block[] {
  const sum = most - count + 1;
  return Array.from({ length: count }, (_, block) => {
    const [start, end] = [Math.floor((block * BITS) / count), Math.floor(((block + 1) * BITS) / count)];
    return { start, bits: end - start, radius: Math.floor((sum + block) / count) };
  });
}

/** Hashes by the value of one block: those of value v lie at `starts[v]` to `starts[v + 1]`, by position. */
interface BlockTable extends Block {
  /** Bit v is set where there are any: most values have none, and these bits stay in the fastest memory. */
  readonly filled: Uint32Array;
  readonly starts: Uint32Array;
  /** Positions of the hashes. */
  readonly entries: Uint32Array;
  /** Their words, so that one stretch of memory is read and not one place for each. */
  readonly words: Hashes;
  readonly masks: Uint16Array;
}

/** Value of a block of a hash. */
function blockOf(low: number, high: number, start: number, bits: number): number {
  const shifted = start >= 32 ? high >>> (start - 32) : start === 0 ? low : (low >>> start) | (high << (32 - start));
  return shifted & ((1 << bits) - 1);
}

function tableOf(hashes: Hashes, block: Block): BlockTable {
  const count = hashes.length / 2;
  const valueAt = (i: number) => blockOf(hashes[2 * i]!, hashes[2 * i + 1]!, block.start, block.bits);
  const starts = new Uint32Array((1 << block.bits) + 1);
  for (let i = 0; i < count; i++) starts[valueAt(i) + 1]!++;
  for (let value = 0; value + 1 < starts.length; value++) starts[value + 1]! += starts[value]!;
  const filled = new Uint32Array(Math.ceil((1 << block.bits) / 32));
  for (let value = 0; value + 1 < starts.length; value++)
    if (starts[value + 1]! > starts[value]!) filled[value >>> 5]! |= 1 << (value & 31);
  const next = starts.slice();
  const entries = new Uint32Array(count);
  const words = new Uint32Array(2 * count);
  for (let i = 0; i < count; i++) {
    const at = next[valueAt(i)]!++;
    entries[at] = i;
    words[2 * at] = hashes[2 * i]!;
    words[2 * at + 1] = hashes[2 * i + 1]!;
  }
  return { ...block, filled, starts, entries, words, masks: masksWithin(block.bits, block.radius) };
}

/** Time of looking for some of the hashes, in times of comparing one: how full their values are cannot be told from their number. */
function timeOf(tables: readonly BlockTable[], hashes: Hashes, tried: readonly number[]): number {
  let time = 0;
  for (const i of tried) {
    for (const { start, bits, masks, starts } of tables) {
      const own = blockOf(hashes[2 * i]!, hashes[2 * i + 1]!, start, bits);
      time += masks.length * LOOK_UP;
      for (const mask of masks) time += FOUND * (starts[(own ^ mask) + 1]! - starts[own ^ mask]!);
    }
  }
  return time;
}

/** Tables of the fastest division into blocks; null where comparing with all is faster. */
function fastestTables(hashes: Hashes, most: number): BlockTable[] | null {
  const count = hashes.length / 2;
  if (count < FEWEST_HASHES) return null;
  const tried = Array.from({ length: TRIED }, (_, k) => Math.floor((k * count) / TRIED));
  let [best, time]: [BlockTable[] | null, number] = [null, TRIED * count];
  for (let blocks = FEWEST_BLOCKS; blocks <= MOST_BLOCKS; blocks++) {
    const tables = blocksOf(blocks, most).map((block) => tableOf(hashes, block));
    const own = timeOf(tables, hashes, tried);
    if (own < time) [best, time] = [tables, own];
  }
  return best;
}

/**
 * Finds hashes that differ in few bits without comparing each with each (multi-index hashing, Norouzi et al. 2012): two of
 * them agree in one of some blocks but for a bit or two, and such blocks are looked up. What it finds is what comparing all
 * pairs finds.
 */
export class HashIndex {
  readonly #hashes: Hashes;
  readonly #most: number;
  /** Null where looking up takes longer than comparing with all. */
  readonly #tables: readonly BlockTable[] | null;
  /** Search that found each position last, counted from 1. */
  readonly #met: Uint32Array;
  #search = 0;

  /** @param most Bits in which two hashes may differ, 0..64. */
  constructor(hashes: Hashes, most: number) {
    const count = hashes.length / 2;
    this.#hashes = hashes;
    this.#most = most;
    this.#met = new Uint32Array(count);
    this.#tables = fastestTables(hashes, most);
  }

  /** Positions after `index` whose hashes differ from its own in at most `most` bits, ascending. */
  after(index: number): number[] {
    return this.#find(this.#hashes[2 * index]!, this.#hashes[2 * index + 1]!, index + 1);
  }

  /** Positions whose hashes differ from one in at most `most` bits, ascending. */
  near(low: number, high: number): number[] {
    return this.#find(low, high, 0);
  }

  /** @param from First position that is wanted. */
  #find(low: number, high: number, from: number): number[] {
    const found: number[] = [];
    const [hashes, most, met] = [this.#hashes, this.#most, this.#met];
    if (this.#tables === null) {
      for (let i = from; i < met.length; i++) {
        if (bitCount(low ^ hashes[2 * i]!) + bitCount(high ^ hashes[2 * i + 1]!) <= most) found.push(i);
      }
      return found;
    }
    const search = ++this.#search;
    for (const { start, bits, masks, filled, starts, entries, words } of this.#tables) {
      const own = blockOf(low, high, start, bits);
      for (let m = 0; m < masks.length; m++) {
        const value = own ^ masks[m]!;
        if (((filled[value >>> 5]! >>> (value & 31)) & 1) === 0) continue;
        const begin = starts[value]!;
        // From the end, as only later positions may be wanted.
        for (let at = starts[value + 1]! - 1; at >= begin && (from === 0 || entries[at]! >= from); at--) {
          // Most of those that are no find are told by one word.
          const differing = bitCount(low ^ words[2 * at]!);
          if (differing > most || differing + bitCount(high ^ words[2 * at + 1]!) > most) continue;
          const position = entries[at]!;
          if (met[position] === search) continue;
          met[position] = search;
          found.push(position);
        }
      }
    }
    return found.sort((a, b) => a - b);
  }
}
