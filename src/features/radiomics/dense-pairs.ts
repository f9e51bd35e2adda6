import type { LevelSizes } from "./level-sizes.ts";

/**
 * Pairs that occur in a matrix of counts.
 * @param counts `[levels, sizes]`, the first column for size 1
 * @param present level of each row
 */
export function densePairs(counts: Float64Array, present: Int32Array, sizes: number): LevelSizes {
  const level = new Int32Array(counts.length);
  const size = new Int32Array(counts.length);
  const count = new Float64Array(counts.length);
  let n = 0;
  for (let row = 0, at = 0; row < present.length; row++) {
    for (let j = 1; j <= sizes; j++, at++) {
      if (counts[at] === 0) continue;
      level[n] = present[row]!;
      size[n] = j;
      count[n++] = counts[at]!;
    }
  }
  return { n, level, size, count };
}
