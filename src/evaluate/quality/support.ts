import type { Linear64, Matrix } from "../../math/linear/linear64.ts";
import { type Neighbourhoods, neighbourhoods } from "./neighbourhood.ts";

/** Distances from a centre: those that set the radii of the supports, and those that are asked to lie inside. */
export interface SupportDistances {
  /** Of the samples whose quantiles are the radii. */
  readonly base: Float64Array;
  /** Of the samples that are asked; infinite where a sample lies in no support. */
  readonly asked: Float64Array;
}

/**
 * 1 - 2 ∫ |P(a) - a| da over a in 0..1, where P(a) is the share of `asked` within the a-quantile of `base` (Alaa et al.
 * 2022, section 3.2). 1 where P(a) = a throughout, 0 where P is 0. The integral is taken by trapezoids at a = 0, 1/n, ...,
 * 1 with n the length of `base`; the k/n-quantile is the k-th smallest, and P(0) = 0.
 * @param base Ascending.
 * @param asked Ascending.
 */
export function integratedSupport(base: Float64Array, asked: Float64Array): number {
  const n = base.length;
  let inside = 0;
  let area = 0;
  for (let k = 1; k <= n; k++) {
    while (inside < asked.length && asked[inside]! <= base[k - 1]!) inside++;
    const off = Math.abs(inside / asked.length - k / n);
    area += k < n ? off : off / 2;
  }
  return 1 - (2 * area) / n;
}

/**
 * Squared distances for alpha-precision: real samples set the radii about their mean, synthetic samples are asked.
 * For beta-recall: synthetic samples set the radii about their mean; of each real sample is asked how far out the
 * innermost synthetic sample of its ball (radius: nearest other real sample) lies.
 */
export function supportDistances(near: Neighbourhoods): Record<"alphaPrecision" | "betaRecall", SupportDistances> {
  return {
    alphaPrecision: { base: near.realToOwnMean2, asked: near.syntheticToRealMean2 },
    betaRecall: { base: near.syntheticToOwnMean2, asked: near.innermostSynthetic2 },
  };
}

/** Value of a metric of {@link supportDistances}. */
export const supportValue = ({ base, asked }: SupportDistances): number =>
  integratedSupport(base.slice().sort(), asked.slice().sort());

/** Value of each metric of {@link supportDistances}. */
function supportValues(near: Neighbourhoods): Record<"alphaPrecision" | "betaRecall", number> {
  const { alphaPrecision, betaRecall } = supportDistances(near);
  return { alphaPrecision: supportValue(alphaPrecision), betaRecall: supportValue(betaRecall) };
}

/**
 * Integrated alpha-precision and beta-recall (Alaa et al. 2022, arXiv 2102.08921, sections 3.1, 3.2 and 4). The alpha-support
 * of a set is the ball about its mean that holds the share alpha of it; the paper's one-class embedding is left out and the
 * features are taken as they are. Alpha-precision asks, for every alpha, for the share of synthetic samples in the
 * alpha-support of the real ones; beta-recall, for every beta, for the share of real samples that have a synthetic sample of
 * the beta-support in their ball. Both integrated, 0..1, higher is better. A ball reaches to the nearest other real sample:
 * wider ones meet the innermost synthetic samples long before beta, and the integral would no longer fall when synthetic
 * samples crowd together. For other real samples beta-recall is somewhat above one half; its floor says where.
 * @param real `[n,d]`, n >= 2
 * @param synthetic `[m,d]`, m >= 2
 */
export async function alphaPrecisionBetaRecall(
  real: Matrix,
  synthetic: Matrix,
  linear: Linear64,
): Promise<Record<"alphaPrecision" | "betaRecall", number>> {
  return supportValues(await neighbourhoods(real, synthetic, 1, linear));
}
