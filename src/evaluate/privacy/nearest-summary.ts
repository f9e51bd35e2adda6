import { type ProgressListener, silent } from "../../core/progress.ts";
import { type FeatureExtractor, type ImageSource, selectImages } from "../../features/extractor.ts";
import { TRANSFORMS } from "../../features/pixel-vectors.ts";
import type { Linear64, Matrix } from "../../math/linear/linear64.ts";
import { quantile } from "../../math/quantile.ts";
import type { EvaluatedSets } from "../datasets.ts";
import type { NearestSummary } from "../metrics-file.ts";
import { type NearestImages, nearestInFeatures, nearestInPixels, nearestRows } from "./nearest.ts";

/** Closest pairs that are named and shown. */
const CLOSEST_SHOWN = 12;
/** Synthetic images searched over all flips and rotations in feature space, where each costs eight runs of the model. */
const FEATURE_SEARCHED = 128;

/** Real (and held-out) images whose nearest real image is searched for comparison in pixel space, evenly spaced. */
const CONTEXT_IMAGES = 1024;

/** Root mean squared difference of equal images: less than half a grey level, which is rounding. */
const EQUAL = 0.5 / 255;

/** Images that equal one of the others. @param found nearest in pixel space */
export const equalImages = ({ distance }: Pick<NearestImages, "distance">): number =>
  distance.reduce((equal, own) => equal + (own < EQUAL ? 1 : 0), 0);

/** One synthetic image and the real image nearest to it. */
interface ClosePair {
  /** Index into the synthetic set. */
  readonly synthetic: number;
  /** Index into the real set. */
  readonly real: number;
  /** Index into TRANSFORMS. */
  readonly transform: number;
  readonly distance: number;
}

/** What the report shows of one space. */
export interface NearestFinding {
  readonly summary: NearestSummary;
  readonly pairs: readonly ClosePair[];
}

/** Positions in ascending order of distance. */
function closestFirst(distance: Float64Array): Int32Array {
  return Int32Array.from(distance, (_, i) => i).sort((a, b) => distance[a]! - distance[b]! || a - b);
}

function distances(found: NearestImages | null): { median: number | null; low: number | null; n: number } {
  const sorted = (found?.distance ?? new Float64Array()).filter(Number.isFinite).sort();
  if (sorted.length === 0) return { median: null, low: null, n: 0 };
  return { median: quantile(sorted, 0.5), low: quantile(sorted, 0.05), n: sorted.length };
}

/**
 * @param found Nearest real image of each query over the eight transforms.
 * @param all Nearest real image of every synthetic one, by the same search as `real` and `holdout`.
 * @param queries Index of each query in the synthetic set. Defaults to the query's own position.
 */
function summarise(
  sets: EvaluatedSets,
  found: NearestImages,
  all: NearestImages,
  real: NearestImages | null,
  holdout: NearestImages | null,
  queries?: Int32Array,
): NearestFinding {
  const pairs = [...closestFirst(found.distance)].slice(0, CLOSEST_SHOWN).map((i) => ({
    synthetic: queries === undefined ? i : queries[i]!,
    real: found.index[i]!,
    transform: found.transform[i]!,
    distance: found.distance[i]!,
  }));
  const realDistances = distances(real);
  const limit = realDistances.low ?? 0;
  return {
    pairs,
    summary: {
      searched: found.distance.length,
      synthetic: distances(all),
      real: realDistances,
      holdout: holdout === null ? null : distances(holdout),
      suspects: all.distance.reduce((count, distance) => count + (distance <= limit ? 1 : 0), 0),
      closest: pairs.map((pair) => ({
        synthetic: sets.synthetic.dataset.samples[pair.synthetic]!.fileName,
        real: sets.real.dataset.samples[pair.real]!.fileName,
        transform: TRANSFORMS[pair.transform]!,
        distance: pair.distance,
      })),
    },
  };
}

/** Nearest real image of every synthetic one in pixel space, with the same search among real images as context. */
export async function pixelFinding(
  sets: EvaluatedSets,
  linear: Linear64,
  onProgress: ProgressListener = silent,
): Promise<{ finding: NearestFinding; found: NearestImages }> {
  const { real, synthetic, holdout } = sets;
  const found = await nearestInPixels(real.store, synthetic.store, linear, { onProgress });
  const context = async (source: ImageSource, isReal: boolean): Promise<NearestImages> => {
    const n = Math.min(CONTEXT_IMAGES, source.count);
    const chosen = Int32Array.from({ length: n }, (_, i) => Math.floor((i * source.count) / n));
    const own = isReal ? chosen : undefined;
    return nearestInPixels(real.store, selectImages(source, chosen), linear, { own, onProgress });
  };
  const own = real.store.count < 2 ? null : await context(real.store, true);
  const held = holdout === null ? null : await context(holdout.store, false);
  return { finding: summarise(sets, found, found, own, held), found };
}

/**
 * Nearest real image in feature space over the eight flips and rotations, for the {@link FEATURE_SEARCHED} synthetic
 * images that come nearest in pixel space or, as they are, in feature space (half from each list).
 * The distances that are counted and compared with those among real images are taken as they are, for all images.
 */
export async function featureFinding(
  sets: EvaluatedSets,
  features: { readonly real: Matrix; readonly synthetic: Matrix; readonly holdout: Matrix | null },
  inPixels: NearestImages,
  extractor: FeatureExtractor,
  linear: Linear64,
  onProgress: ProgressListener = silent,
): Promise<NearestFinding> {
  const plain = await nearestRows(features.real, features.synthetic, linear);
  const chosen = new Set<number>();
  const orders = [closestFirst(inPixels.distance), closestFirst(plain.distance)];
  for (let i = 0; i < features.synthetic.rows && chosen.size < FEATURE_SEARCHED; i++) {
    for (const order of orders) if (chosen.size < FEATURE_SEARCHED) chosen.add(order[i]!);
  }
  const queries = Int32Array.from(chosen);
  const images = selectImages(sets.synthetic.store, queries);
  const found = await nearestInFeatures(features.real, images, extractor, linear, onProgress);
  const own = features.real.rows < 2 ? null : await nearestRows(features.real, features.real, linear);
  const held = features.holdout === null ? null : await nearestRows(features.real, features.holdout, linear);
  return summarise(sets, found, plain, own, held, queries);
}
