import type { Rng } from "../../core/rng.ts";
import { TONES } from "../../data/index.ts";
import { bootstrap, type Interval } from "../../math/bootstrap.ts";

/** Ranks from 1; equal values share the average of their ranks. */
export function averageRanks(values: ArrayLike<number>): Float64Array {
  if (values instanceof Uint8Array) return ranksOfBytes(values);
  const order = Array.from({ length: values.length }, (_, i) => i).sort((a, b) => values[a]! - values[b]!);
  const ranks = new Float64Array(values.length);
  for (let start = 0; start < order.length; ) {
    let end = start + 1;
    while (end < order.length && values[order[end]!] === values[order[start]!]) end++;
    for (let i = start; i < end; i++) ranks[order[i]!] = (start + end + 1) / 2;
    start = end;
  }
  return ranks;
}

/** The same of bytes, by counting. */
function ranksOfBytes(values: Uint8Array): Float64Array {
  const counts = new Int32Array(256);
  for (const value of values) counts[value]!++;
  const rank = new Float64Array(256);
  let below = 0;
  for (let value = 0; value < 256; value++) {
    rank[value] = below + (counts[value]! + 1) / 2;
    below += counts[value]!;
  }
  const ranks = new Float64Array(values.length);
  for (let i = 0; i < ranks.length; i++) ranks[i] = rank[values[i]!]!;
  return ranks;
}

/**
 * Spearman's rank correlation: Pearson's correlation of {@link averageRanks} (Spearman 1904; ties as in Kendall 1948,
 * chapter 3). NaN where one side does not vary.
 */
export function rankCorrelation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const [x, y] = [averageRanks(a), averageRanks(b)];
  const middle = (x.length + 1) / 2;
  let [xy, xx, yy] = [0, 0, 0];
  for (let i = 0; i < x.length; i++) {
    xy += (x[i]! - middle) * (y[i]! - middle);
    xx += (x[i]! - middle) ** 2;
    yy += (y[i]! - middle) ** 2;
  }
  return xx === 0 || yy === 0 ? Number.NaN : xy / Math.sqrt(xx * yy);
}

/** Asked against estimated skin tones. */
export interface ToneAgreement {
  readonly n: number;
  /** Rank correlation; null where the asked or the estimated tones do not vary. */
  readonly correlation: Interval | null;
  /** Share of the images whose estimated tone is the asked one. */
  readonly exact: Interval | null;
  /** Images by asked (row) and estimated (column) tone, I to VI. */
  readonly table: readonly (readonly number[])[];
}

/** @param asked Tones 1 to 6. @param estimated Tones 1 to 6. */
export function measureTone(asked: ArrayLike<number>, estimated: ArrayLike<number>, rng: Rng): ToneAgreement {
  const n = asked.length;
  const table = TONES.map(() => TONES.map(() => 0));
  for (let i = 0; i < n; i++) table[asked[i]! - 1]![estimated[i]! - 1]!++;
  const take = (of: ArrayLike<number>, indices: Int32Array) => {
    const out = new Uint8Array(indices.length);
    for (let k = 0; k < out.length; k++) out[k] = of[indices[k]!]!;
    return out;
  };
  return {
    n,
    correlation: bootstrap(n, (indices) => rankCorrelation(take(asked, indices), take(estimated, indices)), rng),
    exact: bootstrap(n, (indices) => indices.filter((i) => asked[i] === estimated[i]).length / n, rng),
    table,
  };
}
