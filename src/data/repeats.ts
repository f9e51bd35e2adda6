import { pauses } from "../core/pause.ts";
import { type ProgressListener, silent } from "../core/progress.ts";
import { Likeness } from "../likeness/likeness.ts";
import { bestMatch, matchInWords, roughEvidence } from "../likeness/match.ts";
import { HASHED_SIDE, POSITIONS, StructureHasher } from "../likeness/structure-hash.ts";
import { HashIndex } from "./hash-index.ts";

/** Bits in which the hashes of candidates may differ: they have a correlation of about 0.88 or more. */
const MOST_BITS = 10;
/** Pictures whose structure is kept, so that one with many candidates is not made anew for each. */
const KEPT = 512;
/** Tiles of the finest view of a thumbnail, over which evidence is a sum. */
const TILES = 64;
/**
 * Evidence from which two pictures are called one (docs/audit.md describes evidence). In ISIC 2017 the least of a photograph
 * that is there twice is 40; pairs of different lesions with the same rim of the lens reach 35.
 */
const LEAST_EVIDENCE = 37;
/** Evidence below which two pictures are not laid closely on each other. */
const LEAST_ROUGH = 8;

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

/** Grey thumbnails, {@link HASHED_SIDE} squared, 0..255, read when they are asked for; an empty one takes no part. */
export interface Thumbnails {
  readonly length: number;
  at(index: number): Float32Array | undefined;
}

export interface FindRepeatsOptions {
  /** Told of the images that were compared. Defaults to silence. */
  readonly onProgress?: ProgressListener | undefined;
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
  thumbnails: Thumbnails,
  { onProgress = silent, skip, onRepeat }: FindRepeatsOptions = {},
): Promise<Repeat[]> {
  const hasher = new StructureHasher();
  const pause = pauses();
  const tell = async (stage: string, done: number, total: number) => {
    if (await pause()) onProgress({ stage, done, total, unit: "images" });
  };
  const known: number[] = [];
  /** Words of every position of the known pictures, one picture after another. */
  const words = new Uint32Array(2 * POSITIONS.length * thumbnails.length);
  /** 1 where a position has hardly any structure. */
  const blank = new Uint8Array(POSITIONS.length * thumbnails.length);
  for (let i = 0; i < thumbnails.length; i++) {
    await tell("describe parts", i, thumbnails.length);
    const plane = thumbnails.at(i)!;
    const hashes = plane.length === 0 ? [] : hasher.hashes(plane);
    if (!hashes[0]) continue;
    for (const [position, hash] of hashes.entries()) {
      const at = known.length * POSITIONS.length + position;
      if (hash === null) blank[at] = 1;
      else words.set(hash, 2 * at);
    }
    known.push(i);
  }
  const wordsAt = (at: number): [number, number] => [words[2 * at]!, words[2 * at + 1]!];
  const asTheyAre = new Uint32Array(2 * known.length);
  for (const place of known.keys()) asTheyAre.set(wordsAt(place * POSITIONS.length), 2 * place);
  const index = new HashIndex(asTheyAre, MOST_BITS);
  const opened = new Map<number, Likeness>();
  const likenessAt = (i: number): Likeness => {
    let likeness = opened.get(i);
    if (likeness === undefined) {
      if (opened.size >= KEPT) opened.clear();
      likeness = new Likeness(thumbnails.at(i)!, HASHED_SIDE);
      opened.set(i, likeness);
    }
    return likeness;
  };
  const compared = new Set<string>();
  const found: Repeat[] = [];
  for (const [place, i] of known.entries()) {
    await tell("compare parts", place, known.length);
    for (const [position, similarity] of POSITIONS.entries()) {
      const at = place * POSITIONS.length + position;
      if (blank[at] === 1) continue;
      for (const other of index.near(wordsAt(at))) {
        const j = known[other]!;
        const [first, second] = [Math.min(i, j), Math.max(i, j)];
        if (i === j || compared.has(`${first} ${second}`) || skip?.(first, second)) continue;
        const [likeness, target] = [likenessAt(i), likenessAt(j)];
        if (roughEvidence(likeness, target, similarity) < LEAST_ROUGH) continue;
        const match = bestMatch(likeness, [{ target: 0, similarity, rough: false }], () => target);
        if (match === null || match.value < LEAST_EVIDENCE) continue;
        compared.add(`${first} ${second}`);
        const correlation = Math.sqrt(1 - Math.exp((-2 * match.value) / TILES));
        found.push({ first, second, transform: matchInWords(match), correlation });
        onRepeat?.(first, second);
      }
    }
  }
  return found.sort((a, b) => b.correlation - a.correlation || a.first - b.first || a.second - b.second);
}
