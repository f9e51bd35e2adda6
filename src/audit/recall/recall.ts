import { Rng } from "../../core/rng.ts";
import { type RawImage, toPlanes } from "../../data/index.ts";
import { type ImageSource, imagesInMemory } from "../../features/extractor.ts";
import { readImages } from "../../features/raw-images.ts";
import type { AuditRecall } from "../audit-file.ts";
import { type CopyScores, type CopySearch, callOf } from "../copies/search-copies.ts";
import { ALTERATIONS } from "./alterations.ts";

/** Alterations that every audit plants, in the order of its table. */
const KINDS = [
  "flipped",
  "JPEG 70",
  "brightened",
  "cropped 5 %",
  "noised",
  "turned by 10°",
  "shrunk and enlarged",
  "shrunk by nearest neighbours",
  "half of one, half of another",
  "left half of one, right half of another",
  "middle pasted on another",
] as const satisfies (keyof typeof ALTERATIONS)[];

/** Most and fewest images planted of each kind; between them no more in all than there are synthetic images. */
const [MOST, FEWEST] = [20, 5];
/** Share of the planted images of a kind below which the audit says that it would not have found it. */
const SELDOM = 0.5;

/** Altered copies of training images whose originals are known. */
export interface PlantedCopies {
  readonly images: ImageSource;
  readonly planted: readonly {
    readonly kind: string;
    /** Training images that it is made from. */
    readonly sources: readonly number[];
  }[];
}

/** Grey levels that an image must span to show anything: an empty slice can be found by nobody. */
const LEAST_RANGE = 16;
/** Draws until an image that shows something is taken for granted. */
const DRAWS = 20;

function showsSomething({ data }: RawImage): boolean {
  let [low, high] = [255, 0];
  for (const value of data) [low, high] = [Math.min(low, value), Math.max(high, value)];
  return high - low >= LEAST_RANGE;
}

/** Draws an image that shows something; any, where there is hardly one. */
function draw(images: ImageSource, rng: Rng): { readonly index: number; readonly image: RawImage } {
  for (let left = DRAWS; ; left--) {
    const index = rng.integer(images.count);
    const [image] = readImages(images, [index]);
    if (left === 1 || showsSomething(image!)) return { index, image: image! };
  }
}

/** Makes altered copies of training images drawn with the seed, so that an audit can say what its search finds of each kind. */
export async function plantCopies(train: ImageSource, synthetic: number, seed: number): Promise<PlantedCopies> {
  const { resolution, channels, count } = train;
  const size = channels * resolution ** 2;
  const perKind = Math.min(count, Math.max(FEWEST, Math.min(MOST, Math.floor(synthetic / KINDS.length))));
  const bytes = new Uint8Array(KINDS.length * perKind * size);
  const planted: { kind: string; sources: number[] }[] = [];
  for (const kind of KINDS) {
    const rng = new Rng(seed, "recall", kind);
    for (let i = 0; i < perKind; i++) {
      const [own, other] = [draw(train, rng), draw(train, rng)];
      const made = await ALTERATIONS[kind](own.image, rng, other.image);
      const at = planted.length * size;
      toPlanes(made, bytes.subarray(at, at + size));
      planted.push({ kind, sources: [own.index, other.index] });
    }
  }
  return { images: imagesInMemory(bytes, resolution, channels), planted };
}

/**
 * How many of the planted copies of each kind are called a copy of an image that they are made from, or of another image of
 * that patient: a slice moved a little may be nearest to the next one.
 * @param groups Group (patient) of each training image.
 */
export function recallOf(
  search: CopySearch,
  scores: CopyScores,
  { planted }: PlantedCopies,
  groups: Int32Array,
): AuditRecall[] {
  return KINDS.map((kind) => {
    const own = [...planted.keys()].filter((i) => planted[i]!.kind === kind);
    const found = own.filter((i) => {
      const call = callOf(search, scores, i);
      return call !== null && planted[i]!.sources.some((source) => groups[source] === groups[call.target]);
    });
    return { alteration: kind, planted: own.length, found: found.length };
  });
}

/** Says which kinds of copies an audit would mostly have missed; null where there is none. */
export function seldomFound(recall: readonly AuditRecall[]): string | null {
  const seldom = recall.filter(({ planted, found }) => found < SELDOM * planted);
  if (seldom.length === 0) return null;
  const kinds = seldom.map(({ alteration, planted, found }) => `${alteration} (${found} of ${planted} found)`);
  return `This audit would have missed most training images altered like this: ${kinds.join(", ")}.`;
}
