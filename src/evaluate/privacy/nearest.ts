import type { ProgressListener } from "../../core/progress.ts";
import { silent } from "../../core/progress.ts";
import { type FeatureExtractor, featureRows, type ImageSource } from "../../features/extractor.ts";
import { pixelVectors, TRANSFORMS, transformedImages, transformVectors } from "../../features/pixel-vectors.ts";
import { type Linear64, type Matrix, rowNorms2, rowsView } from "../../math/linear/linear64.ts";

/** Pixels are compared at this side or the images' own, whichever is smaller. */
export const NEAREST_PIXEL_SIDE = 32;
/** Images a block of the search holds. */
const BLOCK = 1024;

/** For each query image: the nearest image of the other set over the eight flips and rotations. */
export interface NearestImages {
  /** Index of the nearest image. */
  readonly index: Int32Array;
  /** Transform of the query that brings it nearest, index into TRANSFORMS. */
  readonly transform: Uint8Array;
  /** Pixel space: root mean squared difference, 0..1. Feature space: Euclidean distance. */
  readonly distance: Float64Array;
}

function startNearest(n: number): { index: Int32Array; transform: Uint8Array; squared: Float64Array } {
  return {
    index: new Int32Array(n).fill(-1),
    transform: new Uint8Array(n),
    squared: new Float64Array(n).fill(Number.POSITIVE_INFINITY),
  };
}

/** Keeps the smaller distances of one block; `own` names each query among the targets, itself left out. */
async function search(
  targets: Matrix,
  targetStart: number,
  queries: Matrix,
  queryStart: number,
  transform: number,
  best: ReturnType<typeof startNearest>,
  own: Int32Array | undefined,
  linear: Linear64,
): Promise<void> {
  const targetNorms = rowNorms2(targets);
  const queryNorms = rowNorms2(queries);
  await linear.innerProducts(targets, queries, ({ rowStart, rows, columnStart, columns, stride, values }) => {
    for (let i = 0; i < rows; i++) {
      const target = targetStart + rowStart + i;
      const base = targetNorms[rowStart + i]!;
      for (let j = 0, at = i * stride; j < columns; j++, at++) {
        const query = queryStart + columnStart + j;
        const squared = base + queryNorms[columnStart + j]! - 2 * values[at]!;
        if (squared < best.squared[query]! && own?.[query] !== target) {
          best.squared[query] = squared;
          best.index[query] = target;
          best.transform[query] = transform;
        }
      }
    }
  });
}

const finished = ({ index, transform, squared }: ReturnType<typeof startNearest>): NearestImages => ({
  index,
  transform,
  distance: squared.map((value) => Math.sqrt(Math.max(0, value))),
});

/** Squared distances near 0 lose digits in |x|² + |y|² - 2 x·y: the pairs found are measured again, directly. */
function remeasure(distance: Float64Array, query: number, a: Float64Array, b: Float64Array): void {
  let sum = 0;
  for (let c = 0; c < a.length; c++) sum += (a[c]! - b[c]!) ** 2;
  distance[query] = Math.sqrt(sum);
}

export interface NearestPixelOptions {
  /** Side at which pixels are compared. Defaults to {@link NEAREST_PIXEL_SIDE}. */
  readonly side?: number;
  /** Index of each query among the targets: an image does not count as its own neighbour. Defaults to none among them. */
  readonly own?: Int32Array | undefined;
  readonly onProgress?: ProgressListener | undefined;
}

/**
 * Nearest target of each query in pixel space: mean squared difference over area-averaged pixels, smallest over the eight
 * flips and rotations of the query. Exhaustive; memory is two blocks of images.
 */
export async function nearestInPixels(
  targets: ImageSource,
  queries: ImageSource,
  linear: Linear64,
  options: NearestPixelOptions = {},
): Promise<NearestImages> {
  const { own, onProgress = silent } = options;
  const side = Math.min(options.side ?? NEAREST_PIXEL_SIDE, targets.resolution, queries.resolution);
  const channels = targets.channels === 3 || queries.channels === 3 ? 3 : 1;
  const best = startNearest(queries.count);
  const block = (source: ImageSource, start: number): Matrix => {
    const n = Math.min(BLOCK, source.count - start);
    const indices = Int32Array.from({ length: n }, (_, i) => start + i);
    return pixelVectors(source, indices, side, channels);
  };
  for (let queryStart = 0; queryStart < queries.count; queryStart += BLOCK) {
    const chosen = block(queries, queryStart);
    const turned = TRANSFORMS.map((_, transform) => transformVectors(chosen, side, transform));
    for (let targetStart = 0; targetStart < targets.count; targetStart += BLOCK) {
      const target = block(targets, targetStart);
      for (let t = 0; t < TRANSFORMS.length; t++) {
        await search(target, targetStart, turned[t]!, queryStart, t, best, own, linear);
      }
    }
    onProgress({
      stage: own !== undefined ? "nearest other real image" : "nearest real image",
      done: queryStart + chosen.rows,
      total: queries.count,
      unit: "images",
    });
  }
  const result = finished(best);
  for (let query = 0; query < queries.count; query++) {
    if (result.index[query]! < 0) continue;
    const a = transformVectors(pixelVectors(queries, [query], side, channels), side, result.transform[query]!);
    remeasure(result.distance, query, a.data, pixelVectors(targets, [result.index[query]!], side, channels).data);
  }
  return result;
}

/**
 * Nearest target of each query by the features as they are, without flips and rotations.
 * @param targets `[n,d]`
 * @param queries `[m,d]`; the same object as `targets` leaves an image itself out
 */
export async function nearestRows(targets: Matrix, queries: Matrix, linear: Linear64): Promise<NearestImages> {
  const best = startNearest(queries.rows);
  const own = targets === queries ? Int32Array.from({ length: queries.rows }, (_, i) => i) : undefined;
  await search(targets, 0, queries, 0, 0, best, own, linear);
  const result = finished(best);
  for (let query = 0; query < queries.rows; query++) {
    if (result.index[query]! < 0) continue;
    remeasure(
      result.distance,
      query,
      rowsView(queries, query, 1).data,
      rowsView(targets, result.index[query]!, 1).data,
    );
  }
  return result;
}

/**
 * Nearest target of each query in feature space, smallest over the eight flips and rotations of the query. The
 * extractor runs eight times on every query, so callers bound their number; once where the eight have equal features.
 * @param targets `[n,d]` features of the targets
 */
export async function nearestInFeatures(
  targets: Matrix,
  queries: ImageSource,
  extractor: FeatureExtractor,
  linear: Linear64,
  onProgress?: ProgressListener,
): Promise<NearestImages> {
  const best = startNearest(queries.count);
  const kept: Matrix[] = [];
  for (let t = 0; t < (extractor.symmetric ? 1 : TRANSFORMS.length); t++) {
    const features = featureRows(await extractor.extract(transformedImages(queries, t), onProgress));
    kept.push(features);
    await search(targets, 0, features, 0, t, best, undefined, linear);
  }
  const result = finished(best);
  for (let query = 0; query < queries.count; query++) {
    const a = rowsView(kept[result.transform[query]!]!, query, 1).data;
    remeasure(result.distance, query, a, rowsView(targets, result.index[query]!, 1).data);
  }
  return result;
}
