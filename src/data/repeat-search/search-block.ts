import { laidRoughly, roughEvidence } from "../../likeness/match.ts";
import { PositionEvidence } from "../../likeness/position-evidence.ts";
import type { Similarity } from "../../likeness/similarity.ts";
import { HASHED_SIDE, POSITIONS } from "../../likeness/structure-hash.ts";
import { HashIndex } from "../hash-index.ts";
import { RecentlyUsed } from "../recently-used.ts";
import { PlaneReader, type StoredPlanes } from "../stored-planes.ts";

/**
 * Evidence below which two pictures are not laid closely on each other: in the position of the candidate as it is. Of the pairs
 * that {@link LEAST_LAID} was set by, and of 249 repeats made from ISIC 2017, the least that was called one had 11.8 where it was
 * met first and 12.8 in its best position; pairs that were not seen need room below that ...
 */
const LEAST_ROUGH = 8;
/**
 * ... and after each step of laying them on each other at half the side. Of pairs in ISIC 2017, HAM10000 and the slices of
 * sarcoma-mr, and of 489 repeats made from them, that are called one picture in the end, the least had 16 and 30; of other
 * pairs that get this far in the first two, 99 of 100 have less than 24 after the second.
 */
const LEAST_LAID = [14, 26] as const;
/**
 * Structures that a search keeps, 8 kB each: those asked for last. Few pictures are most others' candidates: in HAM10000 a twentieth
 * of them are nine in ten.
 */
const KEPT = 2048;

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
  /** Which picture each place stands for. */
  readonly pictures: Uint32Array;
  /** Structures (`Likeness.half`) by picture. */
  readonly structures: StoredPlanes;
}

/** Pictures that are searched at once; few, since each may be close to all others. */
export const BLOCK = 32;

/** Two pictures that are much alike when one is laid on the other. */
export interface LaidPair {
  /** Places. */
  readonly query: number;
  readonly target: number;
  /** How the query lies on the target. */
  readonly similarity: Similarity;
}

/** The structure of a picture and its tiles, null where a part is not shown. */
interface Opened {
  readonly structure: Float32Array;
  readonly tiles: Float32Array | null;
}

/** Searches for pictures that may repeat others. Close it. */
export class BlockSearch {
  readonly #setup: SearchSetup;
  readonly #index: HashIndex;
  readonly #reader: PlaneReader;
  readonly #evidence = new PositionEvidence();
  readonly #opened = new RecentlyUsed<Opened>(KEPT);

  constructor(setup: SearchSetup) {
    this.#setup = setup;
    this.#index = new HashIndex(setup.asTheyAre, setup.most);
    this.#reader = new PlaneReader(setup.structures);
  }

  /**
   * Looks at {@link BLOCK} places from `first` on: for each in each of its positions at the pictures whose hashes, as they are, are
   * close. @throws GanglionError `files`
   */
  block(first: number): LaidPair[] {
    const { parts, structured, count } = this.#setup;
    const positions = parts.length / (2 * Math.max(1, count));
    const found: LaidPair[] = [];
    for (let place = first; place < Math.min(count, first + BLOCK); place++) {
      for (let position = 0; position < positions; position++) {
        if (((structured[place]! >> position) & 1) === 0) continue;
        const at = 2 * (place * positions + position);
        const near = this.#index.near(parts[at]!, parts[at + 1]!);
        if (near.length === 0 || (near.length === 1 && near[0] === place)) continue;
        this.#compare(place, position, near, found);
      }
    }
    return found;
  }

  #compare(query: number, position: number, targets: readonly number[], found: LaidPair[]): void {
    const own = this.#open(query);
    if (own.tiles !== null) this.#evidence.lay(own.structure, position);
    const similarity = POSITIONS[position]!;
    const ownPlane = { side: HASHED_SIDE, structure: own.structure };
    for (const target of targets) {
      if (target === query) continue;
      const { structure, tiles } = this.#open(target);
      const plane = { side: HASHED_SIDE, structure };
      const rough =
        own.tiles === null || tiles === null
          ? roughEvidence(ownPlane, plane, similarity)
          : this.#evidence.with(tiles, LEAST_ROUGH);
      if (rough < LEAST_ROUGH) continue;
      const laid = laidRoughly(ownPlane, plane, similarity, LEAST_LAID);
      if (laid !== null) found.push({ query, target, similarity: laid.similarity });
    }
  }

  #open(place: number): Opened {
    return this.#opened.get(place, () => {
      const structure = this.#reader.at(this.#setup.pictures[place]!);
      return { structure, tiles: PositionEvidence.tilesOf(structure) };
    });
  }

  close(): void {
    this.#reader.close();
  }
}
