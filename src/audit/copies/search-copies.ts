import type { ProgressListener } from "../../core/progress.ts";
import { type FeatureExtractor, featureRows, type ImageSource } from "../../features/extractor.ts";
import { TRANSFORMS, transformSource } from "../../features/pixel-vectors.ts";
import type { Linear64, Matrix } from "../../math/linear/linear64.ts";
import { nearest } from "../spaces.ts";
import { coarseVectors, findCandidates } from "./coarse.ts";
import { compareCandidates, type FinePairs } from "./fine.ts";
import { type CopyReference, copyReference, referenceThreshold, SURE } from "./reference.ts";
import type { CopyThreshold } from "./threshold.ts";

/** Nearest training image of each image of a set, with the score that tells copies. */
export interface CopyScores {
  /** -1 where there is none. */
  readonly target: Int32Array;
  /** Index into TRANSFORMS: how the image is turned to fit. */
  readonly transform: Uint8Array;
  /** Root of distance times its ratio to that of the nearest training image of another patient; 0 a copy. */
  readonly score: Float64Array;
  /** The distance alone, of which pixels have an absolute limit; null by features, whose scale is their own. */
  readonly distance: Float64Array | null;
}

/** What the copy search found in one space. */
export interface CopySearch {
  /** `pixel` or the name of an extractor. */
  readonly space: string;
  readonly synthetic: CopyScores;
  readonly holdout: CopyScores;
  /** Held-out images that may set a threshold, by pixels in every space. */
  readonly reference: CopyReference;
  /** Null where the reference has a reason against one: then only what is sure is called a copy. */
  readonly threshold: CopyThreshold | null;
}

/** By what an image is called a copy. */
export interface CopyCall {
  readonly by: "score" | "distance";
  readonly value: number;
  /** `value` is below it. */
  readonly limit: number;
}

/** Score below which an image of a space is called a copy: the threshold, by pixels never less than what is sure. */
export const scoreLimit = ({ threshold, synthetic }: CopySearch): number =>
  Math.max(threshold?.value ?? 0, synthetic.distance === null ? 0 : SURE.score);

/** Whether an image is called a copy: by its score, else by its distance alone. */
export function callOf(search: CopySearch, { score, distance }: CopyScores, i: number): CopyCall | null {
  const limit = scoreLimit(search);
  if (score[i]! < limit) return { by: "score", value: score[i]!, limit };
  if (distance !== null && distance[i]! < SURE.distance) {
    return { by: "distance", value: distance[i]!, limit: SURE.distance };
  }
  return null;
}

/** Positions of the images that are called a copy. */
export const called = (search: CopySearch, scores: CopyScores): number[] =>
  [...scores.score.keys()].filter((i) => callOf(search, scores, i) !== null);

/** Square images of one size with the group (patient) of each. */
export interface SearchedSet {
  readonly store: ImageSource;
  readonly groups: Int32Array;
}

/** What is searched; all images have one size and number of channels. */
export interface SearchedSets {
  readonly train: SearchedSet;
  readonly holdout: SearchedSet;
  readonly synthetic: SearchedSet;
}

/**
 * Copies in pixel space: candidates by correlation at 16 px over eight flips and rotations (all pairs), then a comparison
 * of colours and fine structure at 32 px over crops of up to 12 %; brightness and contrast do not count. The held-out images
 * are searched alike, and those that repeat training images set no threshold.
 */
export async function searchPixelCopies(
  { train, holdout, synthetic }: SearchedSets,
  linear: Linear64,
  falseAlarms: number,
  onProgress: ProgressListener,
): Promise<CopySearch> {
  const targets = coarseVectors(train.store);
  const search = async (images: ImageSource, stage: string): Promise<FinePairs> => {
    const candidates = await findCandidates(targets, coarseVectors(images), linear, { onProgress, stage });
    return compareCandidates(train.store, images, candidates, train.groups, onProgress);
  };
  const held = await search(holdout.store, "copies among held-out images");
  const own = await search(synthetic.store, "copies among synthetic images");
  const members = new Set(train.groups);
  const reference = copyReference(held, (i) => members.has(holdout.groups[i]!));
  const threshold = referenceThreshold(reference, held.score, own.score.length, falseAlarms);
  return { space: "pixel", synthetic: own, holdout: held, reference, threshold };
}

/** Images each turned by a transform of its own. */
function turnedEach(images: ImageSource, transforms: Uint8Array): ImageSource {
  const sources = TRANSFORMS.map((_, t) => transformSource(t, images.resolution));
  const size = images.channels * images.resolution ** 2;
  return {
    count: images.count,
    resolution: images.resolution,
    channels: images.channels,
    readInto(indices, out) {
      const whole = new Uint8Array(out.length);
      images.readInto(indices, whole);
      for (let k = 0; k < indices.length; k++) {
        const source = sources[transforms[indices[k]!]!]!;
        for (let plane = k * size; plane < (k + 1) * size; plane += source.length) {
          for (let p = 0; p < source.length; p++) out[plane + p] = whole[plane + source[p]!]!;
        }
      }
    },
  };
}

/**
 * Copies by the features of one extractor: each image as it is and turned as it fits best in pixel space, whichever is
 * nearer; so the extractor reads each twice, not eight times.
 * @param rows Features of the images as they are.
 */
export async function searchFeatureCopies(
  { train, holdout, synthetic }: SearchedSets,
  rows: { readonly train: Matrix; readonly holdout: Matrix; readonly synthetic: Matrix },
  inPixels: CopySearch,
  extractor: FeatureExtractor,
  linear: Linear64,
  falseAlarms: number,
  onProgress: ProgressListener,
): Promise<CopySearch> {
  const search = async (images: ImageSource, asIs: Matrix, turns: Uint8Array): Promise<CopyScores> => {
    const turned = featureRows(await extractor.extract(turnedEach(images, turns), onProgress));
    const first = await nearest(rows.train, asIs, linear, train.groups);
    const second = await nearest(rows.train, turned, linear, train.groups);
    const scoreOf = (found: typeof first, i: number) =>
      Math.sqrt((found.distance[i]! * found.distance[i]!) / Math.max(found.second[i]!, 1e-12));
    const target = first.index.slice();
    const transform = new Uint8Array(images.count);
    const score = new Float64Array(images.count);
    for (let i = 0; i < images.count; i++) {
      const [a, b] = [scoreOf(first, i), scoreOf(second, i)];
      score[i] = Math.min(a, b);
      if (b >= a) continue;
      target[i] = second.index[i]!;
      transform[i] = turns[i]!;
    }
    return { target, transform, score, distance: null };
  };
  const held = await search(holdout.store, rows.holdout, inPixels.holdout.transform);
  const own = await search(synthetic.store, rows.synthetic, inPixels.synthetic.transform);
  const { reference } = inPixels;
  const threshold = referenceThreshold(reference, held.score, own.score.length, falseAlarms);
  return { space: extractor.name, synthetic: own, holdout: held, reference, threshold };
}
