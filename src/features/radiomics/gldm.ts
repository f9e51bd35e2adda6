import { densePairs } from "./dense-pairs.ts";
import type { LevelGrid, Offset } from "./level-grid.ts";
import { levelSizeFeatures } from "./level-sizes.ts";

export const GLDM_FEATURES = [
  "DependenceEntropy",
  "DependenceNonUniformity",
  "DependenceNonUniformityNormalized",
  "DependenceVariance",
  "GrayLevelNonUniformity",
  "GrayLevelVariance",
  "HighGrayLevelEmphasis",
  "LargeDependenceEmphasis",
  "LargeDependenceHighGrayLevelEmphasis",
  "LargeDependenceLowGrayLevelEmphasis",
  "LowGrayLevelEmphasis",
  "SmallDependenceEmphasis",
  "SmallDependenceHighGrayLevelEmphasis",
  "SmallDependenceLowGrayLevelEmphasis",
] as const;

/**
 * Grey level dependence (Sun and Wee 1983; IBSI reference manual, arXiv 1612.07003, section 3.11): a voxel's dependence
 * is one more than the number of its neighbours whose level differs by at most `alpha`.
 * @param neighbours offsets in both directions
 */
export function gldmFeatures(
  grid: LevelGrid,
  neighbours: readonly Offset[],
  alpha: number,
): Record<(typeof GLDM_FEATURES)[number], number> {
  const { data, places, present, indexOf, levelCount } = grid;
  const jumps = Int32Array.from(neighbours, ({ jump }) => jump);
  const sizes = jumps.length + 1;
  const counts = new Float64Array(present.length * sizes);
  for (let v = 0; v < places.length; v++) {
    const place = places[v]!;
    const level = data[place]!;
    let dependent = 0;
    for (let k = 0; k < jumps.length; k++) {
      const other = data[place + jumps[k]!]!;
      if (other !== 0 && Math.abs(other - level) <= alpha) dependent++;
    }
    counts[indexOf[level]! * sizes + dependent]!++;
  }
  const f = levelSizeFeatures(densePairs(counts, present, sizes), levelCount, sizes);
  return {
    DependenceEntropy: f.entropy,
    DependenceNonUniformity: f.sizeNonUniformity,
    DependenceNonUniformityNormalized: f.sizeNonUniformityNormalized,
    DependenceVariance: f.sizeVariance,
    GrayLevelNonUniformity: f.levelNonUniformity,
    GrayLevelVariance: f.levelVariance,
    HighGrayLevelEmphasis: f.highLevel,
    LargeDependenceEmphasis: f.largeSize,
    LargeDependenceHighGrayLevelEmphasis: f.largeHigh,
    LargeDependenceLowGrayLevelEmphasis: f.largeLow,
    LowGrayLevelEmphasis: f.lowLevel,
    SmallDependenceEmphasis: f.smallSize,
    SmallDependenceHighGrayLevelEmphasis: f.smallHigh,
    SmallDependenceLowGrayLevelEmphasis: f.smallLow,
  };
}
