import type { ProgressListener } from "../../core/progress.ts";
import { type FeatureExtractor, featureRows, type ImageSource } from "../../features/extractor.ts";
import { TRANSFORMS, transformSource } from "../../features/pixel-vectors.ts";
import { type Match, matchInWords } from "../../likeness/match.ts";
import type { Linear64, Matrix } from "../../math/linear/linear64.ts";
import { nearest } from "../spaces.ts";
import { coarseVectors, findCandidates } from "./coarse.ts";
import { compareCandidates } from "./fine.ts";
import { jointScores, structureDistance } from "./joint.ts";
import { type CopyReference, copyReference, isSure, referenceThreshold, SURE } from "./reference.ts";
import { type StructureReference, structureReference } from "./structure-limit.ts";
import { StructureSearch } from "./structure-search.ts";
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
  /** The training image whose local structure each image repeats best; null by features. */
  readonly structure: readonly (Match | null)[] | null;
  /** The two searches together, see `jointScores`; null by features. */
  readonly joint: Float64Array | null;
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
  /** From which evidence local structure tells a copy; null by features. */
  readonly structure: StructureReference | null;
  /** Joint score below which an image is called a copy; null by features and where held-out images give none. */
  readonly jointLimit: number | null;
  /** The planted copies; null where none were searched. */
  readonly planted: CopyScores | null;
}

/** By what an image is called a copy. */
export interface CopyCall {
  readonly by: "score" | "distance" | "structure" | "both";
  readonly value: number;
  /** `value` is below it. */
  readonly limit: number;
  /** Index of the training image that it repeats. */
  readonly target: number;
  /** How the image is turned to fit, in words. */
  readonly transform: string;
}

/** Shares of the expected false alarms that local structure, and the two searches together, get: their limits hardly depend on it. */
const [STRUCTURE_SHARE, JOINT_SHARE] = [0.2, 0.3];

/** Score below which an image of a space is called a copy: the threshold, by pixels never less than what is sure. */
export const scoreLimit = ({ threshold, synthetic }: CopySearch): number =>
  Math.max(threshold?.value ?? 0, synthetic.distance === null ? 0 : SURE.score);

/** Whether an image is called a copy: by its score, else by its distance alone, else by its local structure, else by both searches. */
export function callOf(search: CopySearch, scores: CopyScores, i: number): CopyCall | null {
  const { score, distance, structure } = scores;
  const limit = scoreLimit(search);
  const whole = { target: scores.target[i]!, transform: TRANSFORMS[scores.transform[i]!]! };
  if (score[i]! < limit) return { by: "score", value: score[i]!, limit, ...whole };
  if (distance !== null && distance[i]! < SURE.distance) {
    return { by: "distance", value: distance[i]!, limit: SURE.distance, ...whole };
  }
  const match = structure?.[i];
  if (!match || search.structure === null) return null;
  const { value, distinct } = search.structure.limits;
  const by = match.value >= value ? "value" : match.distinct >= distinct ? "distinct" : null;
  const laid = { target: match.target, transform: matchInWords(match) };
  if (by !== null) {
    const own = structureDistance(search.structure.limits[by]);
    return { by: "structure", value: structureDistance(match[by]), limit: own, ...laid };
  }
  const joint = scores.joint?.[i] ?? Number.POSITIVE_INFINITY;
  const most = search.jointLimit ?? 0;
  return joint < most ? { by: "both", value: joint, limit: most, ...laid } : null;
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
  /** Further images that are searched alike, and have no part in any limit. Defaults to none. */
  readonly planted?: ImageSource;
}

export interface PixelSearchOptions {
  /** Expected number of images wrongly called a copy. */
  readonly falseAlarms: number;
  /** Threads that compare, and inside one product. */
  readonly threads: number;
  readonly onProgress: ProgressListener;
}

/**
 * Copies in pixel space, searched in two ways. As a whole: candidates by correlation at 16 px over eight flips and rotations
 * (all pairs), then a comparison of colours and fine structure at 32 px over crops of up to 12 %; brightness and contrast do
 * not count. By local structure (`structure-search.ts`): at any angle, in parts and in mixtures. And by both together
 * where they agree on the training image's patient. The held-out images are searched alike, and those that repeat training images set no threshold.
 */
export async function searchPixelCopies(
  { train, holdout, synthetic, planted: further }: SearchedSets,
  linear: Linear64,
  { falseAlarms, threads, onProgress }: PixelSearchOptions,
): Promise<CopySearch> {
  const targets = coarseVectors(train.store);
  const byStructure = new StructureSearch(train, threads);
  const search = async (images: ImageSource, stage: string) => {
    const candidates = await findCandidates(targets, coarseVectors(images), linear, { onProgress, stage });
    const pairs = await compareCandidates(train.store, images, candidates, train.groups, onProgress);
    const structure = await byStructure.matches(images, onProgress, stage);
    return { ...pairs, structure, joint: jointScores(pairs, structure, train.groups) };
  };
  try {
    const held = await search(holdout.store, "copies among held-out images");
    const own = await search(synthetic.store, "copies among synthetic images");
    const planted = further === undefined ? null : await search(further, "copies that were planted");
    const members = new Set(train.groups);
    const sharesPatient = (i: number) => members.has(holdout.groups[i]!);
    const queries = own.score.length;
    const repeats = (i: number) => isSure(held.distance[i]!, held.score[i]!);
    const structure = structureReference(held.structure!, sharesPatient, {
      queries,
      falseAlarms: STRUCTURE_SHARE * falseAlarms,
      repeats,
    });
    const repeated = new Set(structure.leaks);
    const sure = (i: number) => repeats(i) || repeated.has(i);
    const reference = copyReference(held, sharesPatient, sure);
    const alone = (1 - STRUCTURE_SHARE - JOINT_SHARE) * falseAlarms;
    const threshold = referenceThreshold(reference, held.score, queries, alone);
    const jointly = copyReference({ distance: held.joint, score: held.joint }, sharesPatient, sure);
    const joint = referenceThreshold(jointly, held.joint, queries, JOINT_SHARE * falseAlarms);
    // Where the two disagree the joint score is the score, whose own limit decides.
    const jointLimit = threshold === null || joint === null ? null : Math.min(threshold.value, joint.value);
    return { space: "pixel", synthetic: own, holdout: held, reference, threshold, structure, jointLimit, planted };
  } finally {
    await byStructure.close();
  }
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
    return { target, transform, score, distance: null, structure: null, joint: null };
  };
  const held = await search(holdout.store, rows.holdout, inPixels.holdout.transform);
  const own = await search(synthetic.store, rows.synthetic, inPixels.synthetic.transform);
  const { reference } = inPixels;
  const threshold = referenceThreshold(reference, held.score, own.score.length, falseAlarms);
  const space = extractor.name;
  return {
    space,
    synthetic: own,
    holdout: held,
    reference,
    threshold,
    structure: null,
    jointLimit: null,
    planted: null,
  };
}
