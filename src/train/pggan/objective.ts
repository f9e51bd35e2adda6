import { add, gradient, meanAll, neg, reduceSum, sqrt, square, sub, sumAll, type Tensor } from "../../graph/index.ts";

/** What the critic says of real images less what it says of generated ones, as each network minimises it; logits [N] each. */
export const discriminatorLoss = (real: Tensor, fake: Tensor): Tensor => sub(meanAll(fake), meanAll(real));
export const generatorLoss = (fake: Tensor): Tensor => neg(meanAll(fake));

/** Mean square of logits [N] of real images, which keeps them near 0 (Karras et al. 2018, arXiv 1710.10196, appendix A.1). */
export const drift = (real: Tensor): Tensor => meanAll(square(real));

/** Keeps the gradient of a length finite at 0. */
const EPSILON = 1e-12;

/**
 * Squared distance of the length of d logit / d image from the one that is asked for, for each image [N, C, S, S] => [N] (Gulrajani
 * et al. 2017, arXiv 1704.00028, equation 3).
 * @param logits [N]; where images meet, the gradient is that of the sum of all.
 */
export function lengthPenalty(logits: Tensor, images: Tensor, wanted: number): Tensor {
  const [g] = gradient(sumAll(logits), [images]);
  const length = sqrt(add(reduceSum(square(g!), [1, 2, 3], false), EPSILON));
  return square(sub(length, wanted));
}
