import { add, div, reduceMean, sqrt, square, type Tensor } from "../graph/index.ts";

/**
 * Rows [N, C] or maps [N, C, H, W] with a mean square of 1 over C, at each position (pixel normalisation of Karras et al. 2018,
 * arXiv 1710.10196, section 4.2).
 */
export const pixelNorm = (x: Tensor): Tensor => div(x, sqrt(add(reduceMean(square(x), [1]), 1e-8)));
