import { pauses } from "../core/pause.ts";
import { type ProgressListener, silent } from "../core/progress.ts";
import { Likeness } from "../likeness/likeness.ts";
import { bestMatch, matchInWords, roughEvidence } from "../likeness/match.ts";
import { IDENTITY } from "../likeness/similarity.ts";
import { POSITIONS, structureHash } from "../likeness/structure-hash.ts";
import { HashIndex } from "./hash-index.ts";

/** Bits in which the hashes of candidates may differ: they have a correlation of about 0.88 or more. */
const MOST_BITS = 10;
/** Side of the thumbnails that are compared. */
const SIDE = 32;
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
 * Time grows with the number of pictures: about a millisecond each.
 * @param thumbnails Grey, 32 x 32, 0..255; an empty one takes no part
 */
export async function findRepeats(
  thumbnails: readonly Float32Array[],
  { onProgress = silent, skip, onRepeat }: FindRepeatsOptions = {},
): Promise<Repeat[]> {
  const known: number[] = [];
  const hashes: number[] = [];
  thumbnails.forEach((plane, i) => {
    const hash = plane.length === 0 ? null : structureHash(plane, SIDE, IDENTITY);
    if (hash === null) return;
    known.push(i);
    hashes.push(...hash);
  });
  const index = new HashIndex(Uint32Array.from(hashes), MOST_BITS);
  const compared = new Set<string>();
  const found: Repeat[] = [];
  const pause = pauses();
  for (const [place, i] of known.entries()) {
    if (await pause()) onProgress({ stage: "compare parts", done: place, total: known.length, unit: "images" });
    const likeness = new Likeness(thumbnails[i]!, SIDE);
    for (const similarity of POSITIONS) {
      const hash = structureHash(thumbnails[i]!, SIDE, similarity);
      if (hash === null) continue;
      for (const other of index.near(hash)) {
        const j = known[other]!;
        const [first, second] = [Math.min(i, j), Math.max(i, j)];
        if (i === j || compared.has(`${first} ${second}`) || skip?.(first, second)) continue;
        const target = new Likeness(thumbnails[j]!, SIDE);
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
