import {
  add,
  gradient,
  meanAll,
  mul,
  neg,
  reduceSum,
  softplus,
  sqrt,
  square,
  sub,
  sumAll,
  type Tensor,
} from "../../graph/index.ts";

/** Non-saturating logistic losses (Goodfellow et al. 2014; Karras et al. 2020, arXiv 1912.04958, appendix B), logits [N] each. */
export const discriminatorLoss = (real: Tensor, fake: Tensor): Tensor =>
  add(meanAll(softplus(neg(real))), meanAll(softplus(fake)));
export const generatorLoss = (fake: Tensor): Tensor => meanAll(softplus(neg(fake)));

/**
 * How far an image moves when w does (arXiv 1912.04958, equation 4): the length of J^T y for each image, [N], J the Jacobian of the
 * image in a change of w that all layers share.
 * @param images [N, C, S, S]
 * @param ws Styles [N, code] of the layers, each a node of its own in the graph of the images.
 * @param directions y, [N, C, S, S], standard normal; divided by S here, so that lengths do not grow with the resolution.
 */
export function pathLengths(images: Tensor, ws: readonly Tensor[], directions: Tensor): Tensor {
  const along = mul(sumAll(mul(images, directions)), 1 / images.shape[3]!);
  const shared = gradient(along, ws).reduce((sum, g) => add(sum, g));
  return sqrt(add(reduceSum(square(shared), [1], false), 1e-12));
}

/** Mean squared distance of lengths [N] to their moving mean, a scalar that is held. */
export const pathPenalty = (lengths: Tensor, mean: Tensor): Tensor => meanAll(square(sub(lengths, mean)));
