/**
 * Runs, zones and dependences are counted alike: how often a grey level i occurs with a size j (length of a run, area of a
 * zone, number of dependent voxels). One set of formulas serves all three.
 */

/** Counts of pairs (level, size); pairs that do not occur are left out. */
export interface LevelSizes {
  /** Pairs held. */
  readonly n: number;
  readonly level: ArrayLike<number>;
  readonly size: ArrayLike<number>;
  readonly count: ArrayLike<number>;
}

/** Formulas over a matrix of levels and sizes, under neutral names. */
export interface LevelSizeFeatures {
  readonly smallSize: number;
  readonly largeSize: number;
  readonly levelNonUniformity: number;
  readonly levelNonUniformityNormalized: number;
  readonly sizeNonUniformity: number;
  readonly sizeNonUniformityNormalized: number;
  readonly percentage: number;
  readonly levelVariance: number;
  readonly sizeVariance: number;
  readonly entropy: number;
  readonly lowLevel: number;
  readonly highLevel: number;
  readonly smallLow: number;
  readonly smallHigh: number;
  readonly largeLow: number;
  readonly largeHigh: number;
}

/**
 * Galloway 1975; Chu et al. 1990; Dasarathy and Holder 1991 (runs), Thibault et al. 2009 (zones), Sun and Wee 1983
 * (dependences); as defined by the IBSI reference manual (arXiv 1612.07003), sections 3.7, 3.8 and 3.11. Entropy in bits.
 * @param sizeLimit Greatest size, or more.
 */
export function levelSizeFeatures(pairs: LevelSizes, levelCount: number, sizeLimit: number): LevelSizeFeatures {
  const { n, level, size, count } = pairs;
  const byLevel = new Float64Array(levelCount + 1);
  const bySize = new Float64Array(sizeLimit + 1);
  let [total, voxels] = [0, 0];
  for (let k = 0; k < n; k++) {
    total += count[k]!;
    voxels += count[k]! * size[k]!;
    byLevel[level[k]!]! += count[k]!;
    bySize[size[k]!]! += count[k]!;
  }
  let [smallSize, largeSize, lowLevel, highLevel, smallLow, smallHigh, largeLow, largeHigh] = [0, 0, 0, 0, 0, 0, 0, 0];
  let [entropy, levelMean, sizeMean] = [0, 0, 0];
  for (let k = 0; k < n; k++) {
    const p = count[k]! / total;
    const i2 = level[k]! * level[k]!;
    const j2 = size[k]! * size[k]!;
    smallSize += p / j2;
    largeSize += p * j2;
    lowLevel += p / i2;
    highLevel += p * i2;
    smallLow += p / (i2 * j2);
    smallHigh += (p * i2) / j2;
    largeLow += (p * j2) / i2;
    largeHigh += p * i2 * j2;
    if (p > 0) entropy -= p * Math.log2(p);
    levelMean += p * level[k]!;
    sizeMean += p * size[k]!;
  }
  let [levelVariance, sizeVariance] = [0, 0];
  for (let k = 0; k < n; k++) {
    const p = count[k]! / total;
    levelVariance += p * (level[k]! - levelMean) ** 2;
    sizeVariance += p * (size[k]! - sizeMean) ** 2;
  }
  let [levelSquares, sizeSquares] = [0, 0];
  for (let i = 0; i <= levelCount; i++) levelSquares += byLevel[i]! * byLevel[i]!;
  for (let j = 0; j <= sizeLimit; j++) sizeSquares += bySize[j]! * bySize[j]!;
  return {
    smallSize,
    largeSize,
    levelNonUniformity: levelSquares / total,
    levelNonUniformityNormalized: levelSquares / total ** 2,
    sizeNonUniformity: sizeSquares / total,
    sizeNonUniformityNormalized: sizeSquares / total ** 2,
    percentage: total / voxels,
    levelVariance,
    sizeVariance,
    entropy,
    lowLevel,
    highLevel,
    smallLow,
    smallHigh,
    largeLow,
    largeHigh,
  };
}
