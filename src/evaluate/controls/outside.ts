import type { Rng } from "../../core/rng.ts";
import { bootstrap, type Interval } from "../../math/bootstrap.ts";
import { mean } from "../../math/mean.ts";

/** How two images differ outside and inside of a region, mean over pairs. */
export interface OutsideChange {
  /** Pairs of images. */
  readonly n: number;
  /** Mean absolute difference in grey levels (0..255), mean over channels, outside of the region with a margin. */
  readonly outside: Interval | null;
  /** The same inside of the region, without the margin. */
  readonly inside: Interval | null;
  /** Outside divided by inside, of the means. */
  readonly ratio: Interval | null;
}

/** Mean absolute differences of one pair; null where nothing is outside or nothing inside. */
export interface PairChange {
  readonly outside: number;
  readonly inside: number;
}

/** Margin around a region, as a share of the side: what a lesion may blur into. */
export const OUTSIDE_MARGIN = 0.04;

/** Region [S * S] with everything nearer than `radius` pixels (by row and column) added. */
export function dilated(region: ArrayLike<number>, size: number, radius: number): Uint8Array {
  const out = new Uint8Array(size * size);
  for (let i = 0; i < out.length; i++) {
    if (region[i] === 0) continue;
    const [x, y] = [i % size, Math.floor(i / size)];
    const [left, right] = [Math.max(0, x - radius), Math.min(size - 1, x + radius)];
    for (let v = Math.max(0, y - radius); v <= Math.min(size - 1, y + radius); v++) {
      out.fill(255, v * size + left, v * size + right + 1);
    }
  }
  return out;
}

/**
 * @param first Image [C, S, S], 0..255; `second` likewise.
 * @param region [S * S], not zero inside.
 */
export function pairChange(
  first: Uint8Array,
  second: Uint8Array,
  region: ArrayLike<number>,
  size: number,
): PairChange | null {
  const wide = dilated(region, size, Math.ceil(OUTSIDE_MARGIN * size));
  const pixels = size * size;
  const sums = { outside: 0, inside: 0 };
  const counts = { outside: 0, inside: 0 };
  for (let i = 0; i < first.length; i++) {
    const at = i % pixels;
    const where = wide[at] === 0 ? "outside" : region[at] !== 0 ? "inside" : null;
    if (where === null) continue;
    sums[where] += Math.abs(first[i]! - second[i]!);
    counts[where]++;
  }
  if (counts.outside === 0 || counts.inside === 0) return null;
  return { outside: sums.outside / counts.outside, inside: sums.inside / counts.inside };
}

/** Means over pairs with intervals. */
export function summariseChange(pairs: readonly PairChange[], rng: Rng): OutsideChange {
  const outside = (indices: Int32Array) => mean(Float64Array.from(indices, (i) => pairs[i]!.outside));
  const inside = (indices: Int32Array) => mean(Float64Array.from(indices, (i) => pairs[i]!.inside));
  const n = pairs.length;
  return {
    n,
    outside: bootstrap(n, outside, rng),
    inside: bootstrap(n, inside, rng),
    ratio: bootstrap(n, (indices) => outside(indices) / inside(indices), rng),
  };
}
