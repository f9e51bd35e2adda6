import type { LevelGrid, Offset } from "./level-grid.ts";
import { type LevelSizeFeatures, type LevelSizes, levelSizeFeatures } from "./level-sizes.ts";

/** Names and the formula behind each. */
const FORMULAS = {
  GrayLevelNonUniformity: "levelNonUniformity",
  GrayLevelNonUniformityNormalized: "levelNonUniformityNormalized",
  GrayLevelVariance: "levelVariance",
  HighGrayLevelZoneEmphasis: "highLevel",
  LargeAreaEmphasis: "largeSize",
  LargeAreaHighGrayLevelEmphasis: "largeHigh",
  LargeAreaLowGrayLevelEmphasis: "largeLow",
  LowGrayLevelZoneEmphasis: "lowLevel",
  SizeZoneNonUniformity: "sizeNonUniformity",
  SizeZoneNonUniformityNormalized: "sizeNonUniformityNormalized",
  SmallAreaEmphasis: "smallSize",
  SmallAreaHighGrayLevelEmphasis: "smallHigh",
  SmallAreaLowGrayLevelEmphasis: "smallLow",
  ZoneEntropy: "entropy",
  ZonePercentage: "percentage",
  ZoneVariance: "sizeVariance",
} as const satisfies Record<string, keyof LevelSizeFeatures>;

type GlszmFeature = keyof typeof FORMULAS;

export const GLSZM_FEATURES = Object.keys(FORMULAS) as GlszmFeature[];

/** Zones of touching voxels of equal level, as `level * stride + size` each. */
function zones({ data, places }: LevelGrid, neighbours: readonly Offset[], stride: number): Float64Array {
  const jumps = Int32Array.from(neighbours, ({ jump }) => jump);
  const open = data.slice();
  const queue = new Int32Array(places.length);
  const found = new Float64Array(places.length);
  let n = 0;
  for (let v = 0; v < places.length; v++) {
    const level = open[places[v]!]!;
    if (level === 0) continue;
    queue[0] = places[v]!;
    open[places[v]!] = 0;
    let size = 1;
    for (let next = 0; next < size; next++) {
      const place = queue[next]!;
      for (let k = 0; k < jumps.length; k++) {
        const other = place + jumps[k]!;
        if (open[other] !== level) continue;
        open[other] = 0;
        queue[size++] = other;
      }
    }
    found[n++] = level * stride + size;
  }
  return found.subarray(0, n);
}

/** Counts of equal zones. */
function countZones(found: Float64Array, stride: number): LevelSizes {
  found.sort();
  const level = new Int32Array(found.length);
  const size = new Int32Array(found.length);
  const count = new Float64Array(found.length);
  let n = 0;
  for (let k = 0; k < found.length; k++) {
    if (k === 0 || found[k] !== found[k - 1]) {
      level[n] = Math.floor(found[k]! / stride);
      size[n] = found[k]! - level[n]! * stride;
      n++;
    }
    count[n - 1]!++;
  }
  return { n, level, size, count };
}

/**
 * Grey level size zones (Thibault et al. 2009; IBSI reference manual, arXiv 1612.07003, section 3.8): voxels of one level
 * that touch by face, edge or corner are a zone.
 * @param neighbours offsets in both directions, distance 1
 */
export function glszmFeatures(grid: LevelGrid, neighbours: readonly Offset[]): Record<GlszmFeature, number> {
  const stride = grid.places.length + 1;
  const pairs = countZones(zones(grid, neighbours, stride), stride);
  const found = levelSizeFeatures(pairs, grid.levelCount, grid.places.length);
  return Object.fromEntries(GLSZM_FEATURES.map((name) => [name, found[FORMULAS[name]]])) as Record<
    GlszmFeature,
    number
  >;
}
