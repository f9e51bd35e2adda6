import { pauses } from "../core/pause.ts";
import { type ProgressListener, silent } from "../core/progress.ts";
import { Likeness } from "../likeness/likeness.ts";
import { fitClosely, matchInWords } from "../likeness/match.ts";
import { HASHED_SIDE, POSITIONS } from "../likeness/structure-hash.ts";
import { RecentlyUsed } from "./recently-used.ts";
import { BLOCK, type SearchSetup } from "./repeat-search/search-block.ts";
import { searchBlocks } from "./repeat-search/search-blocks.ts";
import type { StoredPlanes } from "./stored-planes.ts";

/** Bits in which the hashes of candidates may differ: they have a correlation of about 0.88 or more. */
const MOST_BITS = 10;
/** Pictures whose structure is kept, so that one with many candidates is not made anew for each. */
const KEPT = 512;
/** Tiles of the finest view of a thumbnail, over which evidence is a sum. */
const TILES = 64;
/**
 * Evidence from which two pictures are called one (docs/audit.md describes evidence). In ISIC 2017 the least of a photograph
 * that is there twice is 40; pairs of different lesions reached 35 while the rim of the lens still counted.
 */
const LEAST_EVIDENCE = 37;

/**
 * Images among which parts, mirrored and turned copies are looked for where nobody says whether they are to be. The time of the search
 * grows with the square of their number: among so many of 224 px it takes less than half the time of decoding them, among
 * 26,000 as long (docs/benchmarks.md).
 */
export const MOST_SEARCHED = 12_000;

/** About how long the search takes among so many images, in seconds of one processor core; of images that are much alike, longer. */
export const searchSeconds = (images: number): number => SECONDS_A_PAIR * images ** 2;
const SECONDS_A_PAIR = 5e-8;

/** Two pictures of which one shows the other, turned, mirrored or cropped. */
export interface Repeat {
  /** Positions of the two pictures, first < second. */
  readonly first: number;
  readonly second: number;
  /** How one lies on the other, in words. */
  readonly transform: string;
  /** Correlation of the fine structure that the evidence amounts to, spread over the whole picture, 0..1. */
  readonly correlation: number;
}

/** What pictures are compared by, by their place. */
export interface ComparedPictures {
  readonly length: number;
  /** Bit p is set where a picture has structure in position p, see `StructureHasher`; one without bit 0 takes no part. */
  structured(index: number): number;
  /** The hash of the structure in a position. */
  part(index: number, position: number): readonly [number, number];
  /** Grey, {@link HASHED_SIDE} squared, 0..255, read when it is asked for. */
  thumbnail(index: number): Float32Array;
  /** Structures of pictures (`Likeness.half`) by index. */
  readonly structures: StoredPlanes;
}

export interface FindRepeatsOptions {
  /** Told of the images that were compared. Defaults to silence. */
  readonly onProgress?: ProgressListener | undefined;
  /** Whether a picture takes no part. Defaults to none. */
  readonly without?: (index: number) => boolean;
  /** Whether two pictures need not be compared, as those that are known to belong together. Defaults to none. */
  readonly skip?: (first: number, second: number) => boolean;
  /** Told of each repeat as it is found, before the next two are compared. Defaults to nobody. */
  readonly onRepeat?: (first: number, second: number) => void;
}

/**
 * Finds pictures that repeat others cropped by up to 12 %, mirrored or turned, by the same comparison as `ganglion audit`:
 * candidates come from a hash of the local structure in each of {@link POSITIONS}, and are then laid on each other.
 * Time grows with the number of pictures and of candidates.
 */
export async function findRepeats(
  pictures: ComparedPictures,
  { onProgress = silent, without, skip, onRepeat }: FindRepeatsOptions = {},
): Promise<Repeat[]> {
  const pause = pauses();
  const known = Uint32Array.from(
    Array.from({ length: pictures.length }, (_, i) => i).filter((i) => pictures.structured(i) & 1 && !without?.(i)),
  );
  const setup = setupOf(pictures, known);
  const opened = new RecentlyUsed<Likeness>(KEPT);
  const likenessAt = (i: number) => opened.get(i, () => new Likeness(pictures.thumbnail(i), HASHED_SIDE));
  const compared = new Set<string>();
  const found: Repeat[] = [];
  let done = 0;
  for await (const pairs of searchBlocks(setup)) {
    for (const { query, target, similarity } of pairs) {
      if (await pause()) onProgress({ stage: "compare parts", done: query, total: known.length, unit: "images" });
      const [i, j] = [known[query]!, known[target]!];
      const [first, second] = [Math.min(i, j), Math.max(i, j)];
      if (compared.has(`${first} ${second}`) || skip?.(first, second)) continue;
      const match = fitClosely(likenessAt(i), likenessAt(j), similarity);
      if (match.value < LEAST_EVIDENCE) continue;
      compared.add(`${first} ${second}`);
      const correlation = Math.sqrt(1 - Math.exp((-2 * match.value) / TILES));
      found.push({ first, second, transform: matchInWords(match), correlation });
      onRepeat?.(first, second);
    }
    done = Math.min(known.length, done + BLOCK);
    if (await pause()) onProgress({ stage: "compare parts", done, total: known.length, unit: "images" });
  }
  return found.sort((a, b) => b.correlation - a.correlation || a.first - b.first || a.second - b.second);
}

/** What threads search, in memory that they share. */
function setupOf(pictures: ComparedPictures, known: Uint32Array): SearchSetup {
  const shared = (words: number) => new Uint32Array(new SharedArrayBuffer(4 * words));
  const count = known.length;
  const asTheyAre = shared(2 * count);
  const parts = shared(2 * POSITIONS.length * count);
  const structured = shared(count);
  for (const [place, i] of known.entries()) {
    structured[place] = pictures.structured(i);
    asTheyAre.set(pictures.part(i, 0), 2 * place);
    for (let position = 0; position < POSITIONS.length; position++)
      parts.set(pictures.part(i, position), 2 * (place * POSITIONS.length + position));
  }
  const places = shared(count);
  places.set(known);
  return { count, most: MOST_BITS, asTheyAre, parts, structured, pictures: places, structures: pictures.structures };
}
