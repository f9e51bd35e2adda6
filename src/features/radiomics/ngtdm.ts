import type { LevelGrid, Offset } from "./level-grid.ts";

export const NGTDM_FEATURES = ["Busyness", "Coarseness", "Complexity", "Contrast", "Strength"] as const;

/** Coarseness of a region in which no voxel differs from its neighbours (PyRadiomics). */
const COARSENESS_LIMIT = 1e6;

/**
 * Neighbourhood grey tone difference (Amadasun and King 1989; IBSI reference manual, arXiv 1612.07003, section 3.10).
 * The mean of a voxel's neighbours is over those inside the region; a voxel without any has no part.
 * @param neighbours offsets in both directions
 */
export function ngtdmFeatures(
  grid: LevelGrid,
  neighbours: readonly Offset[],
): Record<(typeof NGTDM_FEATURES)[number], number> {
  const { data, places, present, indexOf } = grid;
  const levels = present.length;
  const jumps = Int32Array.from(neighbours, ({ jump }) => jump);
  /** Voxels of each level, and the sum of their differences. */
  const counts = new Float64Array(levels);
  const differences = new Float64Array(levels);
  let total = 0;
  for (let v = 0; v < places.length; v++) {
    const place = places[v]!;
    let sum = 0;
    let n = 0;
    for (let k = 0; k < jumps.length; k++) {
      const other = data[place + jumps[k]!]!;
      if (other === 0) continue;
      sum += other;
      n++;
    }
    if (n === 0) continue;
    const index = indexOf[data[place]!]!;
    counts[index]!++;
    differences[index]! += Math.abs(data[place]! - sum / n);
    total++;
  }
  let [coarse, sum, busy, complexity, contrast, strength, occurring] = [0, 0, 0, 0, 0, 0, 0];
  for (let a = 0; a < levels; a++) {
    if (counts[a] === 0) continue;
    occurring++;
    const i = present[a]!;
    const pi = counts[a]! / total;
    coarse += pi * differences[a]!;
    sum += differences[a]!;
    for (let b = 0; b < levels; b++) {
      if (counts[b] === 0) continue;
      const j = present[b]!;
      const pj = counts[b]! / total;
      busy += Math.abs(i * pi - j * pj);
      complexity += (Math.abs(i - j) * (pi * differences[a]! + pj * differences[b]!)) / (pi + pj);
      contrast += pi * pj * (i - j) ** 2;
      strength += (pi + pj) * (i - j) ** 2;
    }
  }
  return {
    Busyness: busy === 0 ? 0 : coarse / busy,
    Coarseness: coarse === 0 ? COARSENESS_LIMIT : 1 / coarse,
    Complexity: total === 0 ? 0 : complexity / total,
    Contrast: occurring < 2 ? 0 : (contrast / (occurring * (occurring - 1))) * (sum / total),
    Strength: sum === 0 ? 0 : strength / sum,
  };
}
