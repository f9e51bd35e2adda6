import { columnMeans, type Linear64, type Matrix, matrix } from "../../math/linear/linear64.ts";
import { type FrechetPrecision, fid } from "./fid.ts";

/** Squared distances below it count as it, so that the logarithm of equal sets is a number: FRD is never below -13.8. */
const MIN_SQUARE = 1e-12;

/** Columns of both sets less the mean and divided by the standard deviation (divisor n-1) of the real one; columns in which the real set does not vary are left out. */
function standardised(real: Matrix, synthetic: Matrix): [Matrix, Matrix] {
  const { rows: n, columns: d } = real;
  const mean = columnMeans(real);
  const deviation = new Float64Array(d);
  for (let i = 0; i < n; i++) for (let c = 0; c < d; c++) deviation[c]! += (real.data[i * d + c]! - mean[c]!) ** 2;
  for (let c = 0; c < d; c++) deviation[c] = Math.sqrt(deviation[c]! / (n - 1));
  const kept = Array.from({ length: d }, (_, c) => c).filter((c) => deviation[c]! > 1e-12 * Math.abs(mean[c]!));
  const scaled = ({ rows, data }: Matrix): Matrix => {
    const out = matrix(rows, kept.length);
    for (let i = 0; i < rows; i++) {
      for (const [k, c] of kept.entries())
        out.data[i * kept.length + k] = (data[i * d + c]! - mean[c]!) / deviation[c]!;
    }
    return out;
  };
  return [scaled(real), scaled(synthetic)];
}

/** d² of the standardised features, at least {@link MIN_SQUARE}; NaN where none varies. */
async function squaredDistance(
  real: Matrix,
  synthetic: Matrix,
  linear: Linear64,
  precision: FrechetPrecision,
): Promise<number> {
  const [a, b] = standardised(real, synthetic);
  return a.columns === 0 ? Number.NaN : Math.max(await fid(a, b, linear, precision), MIN_SQUARE);
}

/**
 * Fréchet Radiomic Distance (Konz et al. 2024, arXiv 2412.01496, equation 3): log d, d the Fréchet distance (not its square)
 * between Gaussians fitted to radiomic features, each standardised by mean and deviation of the real set. The paper's
 * own package gives log d² unless told otherwise: twice this. Lower is better; may be below 0.
 * @param real radiomics `[n,d]`, n >= 2, in any units
 * @param synthetic `[m,d]`, m >= 2, in the same
 * @returns NaN where no feature of the real set varies: there is no scale then
 */
export async function frd(
  real: Matrix,
  synthetic: Matrix,
  linear: Linear64,
  precision: FrechetPrecision = "full",
): Promise<number> {
  return Math.log(await squaredDistance(real, synthetic, linear, precision)) / 2;
}

/**
 * Fréchet Radiomic Distance as its authors' package computes it (version 1 of github.com/RichardObi/frd-score, `compute_frd.py`
 * and `convert_radiomic_dfs_to_vectors`): log d² of features standardised by mean and deviation (divisor n) of the real
 * set. Twice the equation 3 of the paper.
 * @param real radiomics `[n,d]`, n >= 2, in any units
 * @param synthetic `[m,d]`, m >= 2, in the same
 * @returns NaN where no feature of the real set varies
 */
export async function frdV1(
  real: Matrix,
  synthetic: Matrix,
  linear: Linear64,
  precision: FrechetPrecision = "full",
): Promise<number> {
  // The divisor changes the scale of all features alike.
  const scale = real.rows / (real.rows - 1);
  return Math.log(scale * (await squaredDistance(real, synthetic, linear, precision)));
}
