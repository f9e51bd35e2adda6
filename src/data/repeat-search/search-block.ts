import type { HashIndex } from "../hash-index.ts";

/** What is searched: hashes of pictures as they are, and in each position, by place. Threads share the memory. */
export interface SearchSetup {
  /** Pictures that take part. */
  readonly count: number;
  /** Bits in which hashes of candidates may differ. */
  readonly most: number;
  /** Two words for each picture as it is. */
  readonly asTheyAre: Uint32Array;
  /** Two words for each position of each picture. */
  readonly parts: Uint32Array;
  /** Bits of the positions in which a picture has structure. */
  readonly structured: Uint32Array;
}

/** Pictures that are searched at once; few, since each may be close to all others. */
export const BLOCK = 32;

/**
 * Candidates of some pictures: for each in each of its positions the pictures whose hashes, as they are, are close.
 * @returns three numbers each: place, position, place of the candidate
 */
export function searchBlock(setup: SearchSetup, index: HashIndex, first: number): Uint32Array {
  const { parts, structured, count } = setup;
  const positions = parts.length / (2 * Math.max(1, count));
  const found: number[] = [];
  for (let place = first; place < Math.min(count, first + BLOCK); place++) {
    for (let position = 0; position < positions; position++) {
      if (((structured[place]! >> position) & 1) === 0) continue;
      const at = 2 * (place * positions + position);
      for (const other of index.near(parts[at]!, parts[at + 1]!)) {
        if (other !== place) found.push(place, position, other);
      }
    }
  }
  return Uint32Array.from(found);
}
