import type { Linear64, Matrix } from "../../math/linear/linear64.ts";
import { mean } from "../../math/mean.ts";
import { type Neighbourhoods, neighbourhoods } from "./neighbourhood.ts";

/** Number of neighbours that sets the radius of a ball; Naeem et al. 2020, section 4.2. */
export const PRDC_NEIGHBOURS = 5;

export interface Prdc {
  /** Share of synthetic samples inside any real ball, 0..1. */
  readonly precision: number;
  /** Share of real samples inside any synthetic ball, 0..1. */
  readonly recall: number;
  /** Mean number of real balls around a synthetic sample, divided by k; may exceed 1. */
  readonly density: number;
  /** Share of real samples whose ball holds a synthetic sample, 0..1. */
  readonly coverage: number;
}

/** What each sample adds: the four metrics are the means of these lists. */
export interface PrdcParts {
  /** Per synthetic sample. */
  readonly precision: Float64Array;
  /** Per real sample. */
  readonly recall: Float64Array;
  /** Per synthetic sample. */
  readonly density: Float64Array;
  /** Per real sample. */
  readonly coverage: Float64Array;
}

/** Contribution of each sample to the four metrics. */
export function prdcParts(near: Neighbourhoods): PrdcParts {
  return {
    precision: Float64Array.from(near.realBallsAround, (count) => (count > 0 ? 1 : 0)),
    recall: Float64Array.from(near.inSyntheticBall),
    density: Float64Array.from(near.realBallsAround, (count) => count / near.k),
    coverage: near.nearestSynthetic2.map((distance, i) => (distance < near.real.kth2[i]! ? 1 : 0)),
  };
}

/**
 * Improved precision and recall (Kynkäänniemi et al. 2019, arXiv 1904.06991, equation 1) and density and coverage (Naeem
 * et al. 2020, arXiv 2002.09797, equations 4 and 7). A ball reaches to the k-th nearest other sample of its own set;
 * "inside" means strictly nearer. Higher is better.
 * @param real `[n,d]`, n > k
 * @param synthetic `[m,d]`, m > k
 * @param k Neighbours. Defaults to {@link PRDC_NEIGHBOURS}.
 */
export async function prdc(real: Matrix, synthetic: Matrix, linear: Linear64, k = PRDC_NEIGHBOURS): Promise<Prdc> {
  const parts = prdcParts(await neighbourhoods(real, synthetic, k, linear));
  return {
    precision: mean(parts.precision),
    recall: mean(parts.recall),
    density: mean(parts.density),
    coverage: mean(parts.coverage),
  };
}
