import { add, div, reduceMean, sqrt, square, sub, type Tensor } from "../graph/index.ts";

/** Added to variances of maps. */
const NORM_EPSILON = 1e-5;

/** Each map of each image about its mean, and its deviation: x [N, C, H, W] => [N, C, H, W] and [N, C, 1, 1]. */
export function instanceMoments(x: Tensor): { readonly centred: Tensor; readonly deviation: Tensor } {
  const centred = sub(x, reduceMean(x, [2, 3]));
  return { centred, deviation: sqrt(add(reduceMean(square(centred), [2, 3]), NORM_EPSILON)) };
}

/** Instance normalisation without weights (Ulyanov et al. 2016, arXiv 1607.08022): each map of each image to mean 0 and variance 1. */
export function standardised(x: Tensor): Tensor {
  const { centred, deviation } = instanceMoments(x);
  return div(centred, deviation);
}
