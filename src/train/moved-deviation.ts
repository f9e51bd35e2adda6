import { add, meanAll, mul, reshape, sub, type Tensor } from "../graph/index.ts";
import { DEVIATION, type Weights } from "../model/index.ts";

/** Share of a step in the moving mean of the deviation of real images. */
const SHARE = 0.01;

/** The moving mean [1] that D keeps, after a step. @param deviations Of the groups of its real images. */
export function movedDeviation(weights: Weights, deviations: Tensor): Tensor {
  const mean = weights[DEVIATION]!;
  return add(mean, mul(sub(reshape(meanAll(deviations), [1]), mean), SHARE));
}
