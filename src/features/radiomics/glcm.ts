import { GLCM_FEATURES, type GlcmFeature, glcmFeaturesOf } from "./glcm-features.ts";
import type { LevelGrid, Offset } from "./level-grid.ts";
import { radiomicsError } from "./settings.ts";

/** Levels above which a co-occurrence matrix is refused: it would take 128 MiB. */
const MAX_LEVELS = 4096;

/** Counts pairs of levels one offset apart into `counts[levels, levels]`. */
function countPairs({ data, places, indexOf, present }: LevelGrid, jump: number, weight: number, counts: Float64Array) {
  const n = present.length;
  for (let v = 0; v < places.length; v++) {
    const place = places[v]!;
    const other = data[place + jump]!;
    if (other !== 0) counts[indexOf[data[place]!]! * n + indexOf[other]!]! += weight;
  }
}

/** counts += countsᵀ */
function symmetrise(counts: Float64Array, n: number): void {
  for (let i = 0; i < n; i++) {
    for (let j = i; j < n; j++) {
      const sum = counts[i * n + j]! + counts[j * n + i]!;
      counts[i * n + j] = sum;
      counts[j * n + i] = sum;
    }
  }
}

/** Divides by the sum; false where there is no pair. */
function normalise(counts: Float64Array): boolean {
  let sum = 0;
  for (let k = 0; k < counts.length; k++) sum += counts[k]!;
  if (sum === 0) return false;
  for (let k = 0; k < counts.length; k++) counts[k]! /= sum;
  return true;
}

/**
 * Grey level co-occurrence (Haralick et al. 1973; IBSI reference manual, arXiv 1612.07003, section 3.6), averaged over the
 * directions that have pairs or, with weights, of the merged matrix. NaN where the region has no pair at all.
 * @param directions one offset of each pair of opposite ones
 * @param weights weight of each direction in the merged matrix; null to average features
 * @param symmetric whether a pair counts in both directions
 * @throws GanglionError `dataset` when there are more than 4,096 levels
 */
export function glcmFeatures(
  grid: LevelGrid,
  directions: readonly Offset[],
  weights: readonly number[] | null,
  symmetric: boolean,
): Record<GlcmFeature, number> {
  const n = grid.present.length;
  if (n > MAX_LEVELS) {
    throw radiomicsError(`the region has ${n} grey levels, at most ${MAX_LEVELS} can be; take a larger binWidth`);
  }
  const counts = new Float64Array(n * n);
  const sums = Object.fromEntries(GLCM_FEATURES.map((name) => [name, 0])) as Record<GlcmFeature, number>;
  let used = 0;
  const add = () => {
    if (symmetric) symmetrise(counts, n);
    if (normalise(counts)) {
      const found = glcmFeaturesOf(counts, grid.present, grid.levelCount);
      for (const name of GLCM_FEATURES) sums[name] += found[name];
      used++;
    }
    counts.fill(0);
  };
  for (const [k, { jump }] of directions.entries()) {
    countPairs(grid, jump, weights === null ? 1 : weights[k]!, counts);
    if (weights === null) add();
  }
  if (weights !== null) add();
  for (const name of GLCM_FEATURES) sums[name] /= used;
  return sums;
}
