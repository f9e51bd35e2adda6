import { matrix } from "../../math/linear/linear64.ts";
import { symmetricEigenvalues } from "../../math/linear/symmetric-eigenvalues.ts";

export const GLCM_FEATURES = [
  "Autocorrelation",
  "ClusterProminence",
  "ClusterShade",
  "ClusterTendency",
  "Contrast",
  "Correlation",
  "DifferenceAverage",
  "DifferenceEntropy",
  "DifferenceVariance",
  "Id",
  "Idm",
  "Idmn",
  "Idn",
  "Imc1",
  "Imc2",
  "InverseVariance",
  "JointAverage",
  "JointEnergy",
  "JointEntropy",
  "MCC",
  "MaximumProbability",
  "SumAverage",
  "SumEntropy",
  "SumSquares",
] as const;

export type GlcmFeature = (typeof GLCM_FEATURES)[number];

/** Entropy in bits. */
function entropyOf(p: Float64Array): number {
  let entropy = 0;
  for (let k = 0; k < p.length; k++) if (p[k]! > 0) entropy -= p[k]! * Math.log2(p[k]!);
  return entropy;
}

/**
 * Maximal correlation coefficient: the root of the second largest eigenvalue of Q(i,j) = Σ_k p(i,k) p(j,k) / (px(i) py(k))
 * (Haralick et al. 1973, feature 14). Q is similar to A Aᵀ with A(i,k) = p(i,k) / √(px(i) py(k)), which is symmetric.
 */
function maximalCorrelation(p: Float64Array, px: Float64Array, py: Float64Array, n: number): number {
  if (n < 2) return 1;
  const a = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < n; k++) if (p[i * n + k]! > 0) a[i * n + k] = p[i * n + k]! / Math.sqrt(px[i]! * py[k]!);
  }
  const product = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let k = 0; k < n; k++) sum += a[i * n + k]! * a[j * n + k]!;
      product[i * n + j] = sum;
    }
  }
  return Math.sqrt(Math.max(0, symmetricEigenvalues(matrix(n, n, product))[n - 2]!));
}

/**
 * Features of one co-occurrence matrix. Entropies in bits. Correlation is 1 where a marginal has no variance, Imc1 is 0 where
 * both have no entropy, MCC is 1 for a single level. Idmn and Idn divide by the greatest level.
 * @param p `[n,n]` probabilities of pairs of the present levels, sum 1
 * @param present level of each row, ascending
 */
export function glcmFeaturesOf(p: Float64Array, present: Int32Array, levelCount: number): Record<GlcmFeature, number> {
  const n = present.length;
  const px = new Float64Array(n);
  const py = new Float64Array(n);
  const sums = new Float64Array(2 * levelCount + 1);
  const differences = new Float64Array(levelCount);
  let [autocorrelation, energy, most, entropy] = [0, 0, 0, 0];
  for (let a = 0, at = 0; a < n; a++) {
    const i = present[a]!;
    for (let b = 0; b < n; b++, at++) {
      const value = p[at]!;
      if (value === 0) continue;
      const j = present[b]!;
      px[a]! += value;
      py[b]! += value;
      sums[i + j]! += value;
      differences[i > j ? i - j : j - i]! += value;
      autocorrelation += value * i * j;
      energy += value * value;
      entropy -= value * Math.log2(value);
      if (value > most) most = value;
    }
  }
  let [ux, uy] = [0, 0];
  for (let a = 0; a < n; a++) {
    ux += px[a]! * present[a]!;
    uy += py[a]! * present[a]!;
  }
  let [varianceX, varianceY] = [0, 0];
  for (let a = 0; a < n; a++) {
    varianceX += px[a]! * (present[a]! - ux) ** 2;
    varianceY += py[a]! * (present[a]! - uy) ** 2;
  }
  let [prominence, shade, tendency, sumAverage] = [0, 0, 0, 0];
  for (let k = 2; k < sums.length; k++) {
    const value = sums[k]!;
    if (value === 0) continue;
    const off = k - ux - uy;
    tendency += value * off * off;
    shade += value * off * off * off;
    prominence += value * off * off * off * off;
    sumAverage += value * k;
  }
  let [contrast, average, id, idm, idn, idmn, inverse] = [0, 0, 0, 0, 0, 0, 0];
  for (let k = 0; k < levelCount; k++) {
    const value = differences[k]!;
    if (value === 0) continue;
    contrast += value * k * k;
    average += value * k;
    id += value / (1 + k);
    idm += value / (1 + k * k);
    idn += value / (1 + k / levelCount);
    idmn += value / (1 + (k * k) / levelCount ** 2);
    if (k > 0) inverse += value / (k * k);
  }
  let differenceVariance = 0;
  for (let k = 0; k < levelCount; k++) differenceVariance += differences[k]! * (k - average) ** 2;
  const deviations = Math.sqrt(varianceX) * Math.sqrt(varianceY);
  const entropyX = entropyOf(px);
  const entropyY = entropyOf(py);
  // Both reference entropies HXY1 and HXY2 are the sum of the marginals' where those are the sums of p.
  const mutual = entropyX + entropyY - entropy;
  const larger = Math.max(entropyX, entropyY);
  return {
    Autocorrelation: autocorrelation,
    ClusterProminence: prominence,
    ClusterShade: shade,
    ClusterTendency: tendency,
    Contrast: contrast,
    Correlation: deviations === 0 ? 1 : (autocorrelation - ux * uy) / deviations,
    DifferenceAverage: average,
    DifferenceEntropy: entropyOf(differences),
    DifferenceVariance: differenceVariance,
    Id: id,
    Idm: idm,
    Idmn: idmn,
    Idn: idn,
    Imc1: larger === 0 ? 0 : -mutual / larger,
    Imc2: mutual <= 0 ? 0 : Math.sqrt(1 - Math.exp(-2 * mutual)),
    InverseVariance: inverse,
    JointAverage: ux,
    JointEnergy: energy,
    JointEntropy: entropy,
    MCC: maximalCorrelation(p, px, py, n),
    MaximumProbability: most,
    SumAverage: sumAverage,
    SumEntropy: entropyOf(sums),
    SumSquares: varianceX,
  };
}
