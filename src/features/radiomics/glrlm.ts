import { densePairs } from "./dense-pairs.ts";
import type { LevelGrid, Offset } from "./level-grid.ts";
import { type LevelSizeFeatures, levelSizeFeatures } from "./level-sizes.ts";

/** Names and the formula behind each. */
const FORMULAS = {
  GrayLevelNonUniformity: "levelNonUniformity",
  GrayLevelNonUniformityNormalized: "levelNonUniformityNormalized",
  GrayLevelVariance: "levelVariance",
  HighGrayLevelRunEmphasis: "highLevel",
  LongRunEmphasis: "largeSize",
  LongRunHighGrayLevelEmphasis: "largeHigh",
  LongRunLowGrayLevelEmphasis: "largeLow",
  LowGrayLevelRunEmphasis: "lowLevel",
  RunEntropy: "entropy",
  RunLengthNonUniformity: "sizeNonUniformity",
  RunLengthNonUniformityNormalized: "sizeNonUniformityNormalized",
  RunPercentage: "percentage",
  RunVariance: "sizeVariance",
  ShortRunEmphasis: "smallSize",
  ShortRunHighGrayLevelEmphasis: "smallHigh",
  ShortRunLowGrayLevelEmphasis: "smallLow",
} as const satisfies Record<string, keyof LevelSizeFeatures>;

type GlrlmFeature = keyof typeof FORMULAS;

export const GLRLM_FEATURES = Object.keys(FORMULAS) as GlrlmFeature[];

/** Adds `weight` to `counts[level, length]` for each run along one direction. */
function countRuns(
  { data, places, indexOf }: LevelGrid,
  jump: number,
  weight: number,
  sizes: number,
  counts: Float64Array,
) {
  for (let v = 0; v < places.length; v++) {
    let place = places[v]!;
    const level = data[place]!;
    if (data[place - jump] === level) continue;
    let length = 0;
    for (; data[place + jump] === level; place += jump) length++;
    counts[indexOf[level]! * sizes + length]! += weight;
  }
}

/**
 * Grey level run lengths (Galloway 1975; IBSI reference manual, arXiv 1612.07003, section 3.7), averaged over directions
 * or, with weights, of the merged matrix.
 * @param directions one offset of each pair of opposite ones, distance 1
 * @param weights weight of each direction in the merged matrix; null to average features
 */
export function glrlmFeatures(
  grid: LevelGrid,
  directions: readonly Offset[],
  weights: readonly number[] | null,
): Record<GlrlmFeature, number> {
  const { present, levelCount } = grid;
  const sizes = Math.max(...grid.size);
  const counts = new Float64Array(present.length * sizes);
  const sums = Object.fromEntries(GLRLM_FEATURES.map((name) => [name, 0])) as Record<GlrlmFeature, number>;
  const add = (share: number) => {
    const found = levelSizeFeatures(densePairs(counts, present, sizes), levelCount, sizes);
    for (const name of GLRLM_FEATURES) sums[name] += share * found[FORMULAS[name]];
  };
  for (const [k, { jump }] of directions.entries()) {
    countRuns(grid, jump, weights === null ? 1 : weights[k]!, sizes, counts);
    if (weights !== null) continue;
    add(1 / directions.length);
    counts.fill(0);
  }
  if (weights !== null) add(1);
  return sums;
}
