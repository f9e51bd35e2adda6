import { gradient, reduceSum, square, sumAll, type Tensor } from "../graph/index.ts";

/** Squared length of d logit / d image for each image of a batch [N, C, H, W] => [N]. */
export function gradientPenalty(logits: Tensor, images: Tensor): Tensor {
  const [g] = gradient(sumAll(logits), [images]);
  return reduceSum(square(g!), [1, 2, 3], false);
}
