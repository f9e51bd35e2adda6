import { logSoftmax, meanAll, mul, neg, reduceSum, slice, softplus, sub, type Tensor } from "../../graph/index.ts";

/**
 * The relativistic objective with zero-centred penalties (Huang et al. 2025, arXiv 2501.05441, equations 2 and 5):
 * `L_D = E softplus(D(fake) - D(real))`, `L_G = E softplus(D(real) - D(fake))`,
 * plus gamma / 2 times the mean squared gradient of D at real (R1) and at generated images (R2).
 */

/** Logits of a batch of pairs, each [N]. */
export interface PairLogits {
  readonly real: Tensor;
  readonly fake: Tensor;
}

/** Splits logits [2N] of real images followed by generated ones. */
export function splitPairs(logits: Tensor): PairLogits {
  const half = logits.shape[0]! / 2;
  return { real: slice(logits, [0], [half]), fake: slice(logits, [half], [half]) };
}

export const discriminatorLoss = ({ real, fake }: PairLogits): Tensor => meanAll(softplus(sub(fake, real)));
export const generatorLoss = ({ real, fake }: PairLogits): Tensor => meanAll(softplus(sub(real, fake)));

/** Mean cross-entropy of scores [N, classes] and one-hot labels [N, classes]. */
export const classEntropy = (scores: Tensor, labels: Tensor): Tensor =>
  meanAll(neg(reduceSum(mul(logSoftmax(scores), labels), [1])));
