import type { Rng } from "../core/rng.ts";
import { percentiles } from "./quantile.ts";

/** A figure with its 95 % interval. */
export interface Interval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** Resamples of an interval. */
export const BOOTSTRAP_RESAMPLES = 1000;

/**
 * A statistic of n images with the 2.5 and 97.5 % quantiles of the statistic of {@link BOOTSTRAP_RESAMPLES} draws of n
 * images with replacement; draws for which it is not defined are left out.
 * @param statistic Takes indices of images, with repeats; may be NaN.
 * @returns null where it is not defined on the images themselves
 */
export function bootstrap(n: number, statistic: (indices: Int32Array) => number, rng: Rng): Interval | null {
  const value = n === 0 ? Number.NaN : statistic(Int32Array.from({ length: n }, (_, i) => i));
  if (!Number.isFinite(value)) return null;
  const drawn: number[] = [];
  const indices = new Int32Array(n);
  for (let r = 0; r < BOOTSTRAP_RESAMPLES; r++) {
    for (let i = 0; i < n; i++) indices[i] = rng.integer(n);
    const found = statistic(indices);
    if (Number.isFinite(found)) drawn.push(found);
  }
  return { value, ...percentiles(drawn) };
}
