import { quantile } from "../../math/quantile.ts";
import type { Discretised } from "./discretise.ts";
import type { RadiomicsSettings } from "./settings.ts";
import type { Region } from "./volume.ts";

export const FIRST_ORDER_FEATURES = [
  "10Percentile",
  "90Percentile",
  "Energy",
  "Entropy",
  "InterquartileRange",
  "Kurtosis",
  "Maximum",
  "MeanAbsoluteDeviation",
  "Mean",
  "Median",
  "Minimum",
  "Range",
  "RobustMeanAbsoluteDeviation",
  "RootMeanSquared",
  "Skewness",
  "TotalEnergy",
  "Uniformity",
  "Variance",
] as const;

/** Range of whole numbers that are sorted by counting. */
const COUNTED_RANGE = 65536;

/** A sorted copy. Whole numbers of a small range, as images have, are counted: a comparison sort takes ten times as long. */
function sortedCopy(values: Float64Array): Float64Array {
  let [low, high, whole] = [values[0], values[0], true];
  for (let i = 0; i < values.length && whole; i++) {
    const value = values[i]!;
    if (value < low!) low = value;
    if (value > high!) high = value;
    whole = Number.isInteger(value);
  }
  if (!whole || high! - low! >= COUNTED_RANGE) return values.slice().sort();
  const counts = new Int32Array(high! - low! + 1);
  for (let i = 0; i < values.length; i++) counts[values[i]! - low!]!++;
  const out = new Float64Array(values.length);
  for (let k = 0, at = 0; k < counts.length; k++) {
    out.fill(low! + k, at, at + counts[k]!);
    at += counts[k]!;
  }
  return out;
}

/** Mean absolute distance to the mean of sorted[from..to-1]. */
function meanAbsoluteDeviation(sorted: Float64Array, from: number, to: number): number {
  let sum = 0;
  for (let i = from; i < to; i++) sum += sorted[i]!;
  const mean = sum / (to - from);
  let deviation = 0;
  for (let i = from; i < to; i++) deviation += Math.abs(sorted[i]! - mean);
  return deviation / (to - from);
}

/**
 * First-order statistics of the grey values; Entropy (bits) and Uniformity are of the levels. Variance has divisor n,
 * Kurtosis is 3 for a normal distribution, and both shape moments are 0 where the region is flat.
 * Definitions: IBSI reference manual (Zwanenburg et al. 2016, arXiv 1612.07003), section 3.3.
 */
export function firstOrderFeatures(
  region: Region,
  { histogram }: Discretised,
  { voxelArrayShift }: RadiomicsSettings,
): Record<(typeof FIRST_ORDER_FEATURES)[number], number> {
  const sorted = sortedCopy(region.values);
  const n = sorted.length;
  let sum = 0;
  let energy = 0;
  for (let i = 0; i < n; i++) {
    sum += sorted[i]!;
    energy += (sorted[i]! + voxelArrayShift) ** 2;
  }
  const mean = sum / n;
  let [second, third, fourth] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    const square = (sorted[i]! - mean) ** 2;
    second += square;
    third += square * (sorted[i]! - mean);
    fourth += square * square;
  }
  second /= n;
  third /= n;
  fourth /= n;
  let [entropy, uniformity] = [0, 0];
  for (const count of histogram) {
    if (count === 0) continue;
    const p = count / n;
    entropy -= p * Math.log2(p);
    uniformity += p * p;
  }
  const tenth = quantile(sorted, 0.1);
  const ninetieth = quantile(sorted, 0.9);
  let [from, to] = [0, n];
  while (sorted[from]! < tenth) from++;
  while (sorted[to - 1]! > ninetieth) to--;
  const [width, height, depth] = region.spacing;
  return {
    "10Percentile": tenth,
    "90Percentile": ninetieth,
    Energy: energy,
    Entropy: entropy,
    InterquartileRange: quantile(sorted, 0.75) - quantile(sorted, 0.25),
    Kurtosis: second === 0 ? 0 : fourth / second ** 2,
    Maximum: sorted[n - 1]!,
    MeanAbsoluteDeviation: meanAbsoluteDeviation(sorted, 0, n),
    Mean: mean,
    Median: quantile(sorted, 0.5),
    Minimum: sorted[0]!,
    Range: sorted[n - 1]! - sorted[0]!,
    RobustMeanAbsoluteDeviation: meanAbsoluteDeviation(sorted, from, to),
    RootMeanSquared: Math.sqrt(energy / n),
    Skewness: second === 0 ? 0 : third / second ** 1.5,
    TotalEnergy: energy * width * height * depth,
    Uniformity: uniformity,
    Variance: second,
  };
}
