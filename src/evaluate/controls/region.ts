import type { Rng } from "../../core/rng.ts";
import { type Box, fillBoxes, maskBoxes } from "../../data/index.ts";
import { BOOTSTRAP_RESAMPLES, bootstrap, type Interval } from "../../math/bootstrap.ts";
import { median, quantile } from "../../math/quantile.ts";
import { resampledMedian } from "../../math/resampled-median.ts";

/** Intersection over union of two regions [S * S], not zero inside; 1 where both are empty. */
export function intersectionOverUnion(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let both = 0;
  let either = 0;
  for (let i = 0; i < a.length; i++) {
    if (a[i] !== 0 || b[i] !== 0) either++;
    if (a[i] !== 0 && b[i] !== 0) both++;
  }
  return either === 0 ? 1 : both / either;
}

/** The boxes around the parts of a region, filled: [S * S]. Specks give no box (`docs/maps.md`). */
export function boxedRegion(region: ArrayLike<number>, size: number): Uint8Array {
  const out = new Uint8Array(size * size);
  fillBoxes(out, size, maskBoxes(region, size));
  return out;
}

/** Region of stated boxes, [S * S]. */
export function regionOfBoxes(boxes: readonly Box[], size: number): Uint8Array {
  const out = new Uint8Array(size * size);
  fillBoxes(out, size, boxes);
  return out;
}

/** Intersection over union of n pairs of regions. */
export interface Overlap {
  readonly n: number;
  readonly median: Interval | null;
  readonly lowerQuartile: number | null;
  readonly upperQuartile: number | null;
  /** By condition, those with images only. */
  readonly perClass: Readonly<Record<string, { readonly n: number; readonly median: Interval }>>;
}

/**
 * @param values Intersection over union of each image.
 * @param labels Class index of each image.
 */
export function summariseOverlap(
  values: ArrayLike<number>,
  labels: ArrayLike<number>,
  classes: readonly string[],
  rng: Rng,
): Overlap {
  const sorted = Float64Array.from(values).sort();
  const perClass: Record<string, { n: number; median: Interval }> = {};
  classes.forEach((name, c) => {
    const own = Float64Array.from(values).filter((_, i) => labels[i] === c);
    const found = bootstrap(own.length, resampledMedian(own), rng);
    if (found !== null) perClass[name] = { n: own.length, median: found };
  });
  const at = (q: number) => (sorted.length === 0 ? null : quantile(sorted, q));
  return {
    n: values.length,
    median: bootstrap(values.length, resampledMedian(values), rng),
    lowerQuartile: at(0.25),
    upperQuartile: at(0.75),
    perClass,
  };
}

/** Median of one set over the median of another, both resampled; null where the second is 0 or a set is empty. */
export function ratioOfMedians(first: Float64Array, second: Float64Array, rng: Rng): Interval | null {
  const value = median(first) / median(second);
  if (!Number.isFinite(value)) return null;
  const drawing = (of: Float64Array) => {
    const medianOf = resampledMedian(of);
    const indices = new Int32Array(of.length);
    return () => medianOf(indices.map(() => rng.integer(of.length)));
  };
  const [above, below] = [drawing(first), drawing(second)];
  const drawn = Float64Array.from({ length: BOOTSTRAP_RESAMPLES }, () => above() / below());
  const sorted = drawn.filter(Number.isFinite).sort();
  return { value, low: quantile(sorted, 0.025), high: quantile(sorted, 0.975) };
}
