import type { RadiomicsSettings } from "./settings.ts";
import type { Region } from "./volume.ts";

/** Grey level of each voxel of a region, 1 the lowest. */
export interface Discretised {
  /** In the order of the region's voxels. */
  readonly levels: Int32Array;
  /** Greatest level, Ng. */
  readonly levelCount: number;
  /** Voxels of each level, length Ng + 1; entry 0 is not used. */
  readonly histogram: Int32Array;
}

/** Remainder with the sign of the divisor. */
function floorMod(value: number, divisor: number): number {
  const rest = value % divisor;
  return rest !== 0 && rest < 0 !== divisor < 0 ? rest + divisor : rest;
}

/** Where level 1 begins, the width of a level, and the level above which there is none (null for any). */
function binning(low: number, high: number, { binWidth, binCount }: RadiomicsSettings) {
  if (binCount === null) return { start: low - floorMod(low, binWidth), width: binWidth, most: null };
  if (low === high) return { start: low - 0.5, width: 1 / binCount, most: binCount };
  return { start: low, width: (high - low) / binCount, most: binCount };
}

/**
 * Grey levels of a region. With `binWidth` w the edges are multiples of w and the level of x is
 * floor(x / w) - floor(min / w) + 1; with `binCount` n the range is cut into n equal parts, the greatest value in the last
 * (PyRadiomics' documentation, "Image processing: discretisation"; IBSI reference manual, section 2.7).
 */
export function discretise({ values }: Region, settings: RadiomicsSettings): Discretised {
  const n = values.length;
  let low = values[0]!;
  let high = values[0]!;
  for (let i = 1; i < n; i++) {
    if (values[i]! < low) low = values[i]!;
    if (values[i]! > high) high = values[i]!;
  }
  const { start, width, most } = binning(low, high, settings);
  const levels = new Int32Array(n);
  let levelCount = 0;
  for (let i = 0; i < n; i++) {
    const value = values[i]!;
    let bin = Math.floor((value - start) / width);
    // The quotient may round over an edge; the edges themselves decide.
    if (start + (bin + 1) * width <= value) bin++;
    else if (start + bin * width > value) bin--;
    if (most !== null && bin >= most) bin = most - 1;
    levels[i] = bin + 1;
    if (bin >= levelCount) levelCount = bin + 1;
  }
  const histogram = new Int32Array(levelCount + 1);
  for (let i = 0; i < n; i++) histogram[levels[i]!]!++;
  return { levels, levelCount, histogram };
}
