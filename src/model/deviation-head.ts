import { add, broadcastTo, leakyRelu, matmul, mul, reduceSum, reshape, type Tensor } from "../graph/index.ts";
import { conv, declareConv, declareLinear, linear, SLOPE } from "./layers.ts";
import { withDeviations } from "./minibatch-deviation.ts";
import type { LayoutBuilder, Weights } from "./parameters.ts";
import { SEED_RESOLUTION } from "./stage-widths.ts";

/** Name of the moving mean [1] of the deviation of real images that D keeps behind its weights: see {@link scoreMaps}. */
export const DEVIATION = "deviation";

/** What D says of a batch. */
export interface Judgement {
  /** [N] */
  readonly logits: Tensor;
  /** [N, widths[0]] */
  readonly features: Tensor;
  /** Of each group, [N / group, 1, 1]. */
  readonly deviations: Tensor;
}

/** Declares the head of a discriminator whose lowest maps have a width, and the moving mean of deviations. */
export function declareDeviationHead(layout: LayoutBuilder, width: number, classes: number): void {
  declareConv(layout, "stage0", width + 1, width, 3);
  declareLinear(layout, "features", width * SEED_RESOLUTION ** 2, width);
  declareLinear(layout, "logit", width, 1, { gain: 1 });
  declareLinear(layout, "projection", classes, width, { gain: Math.sqrt(classes / width), bias: false });
  layout.add({ name: DEVIATION, shape: [1], deviation: 0, rate: 0 });
}

const activated = (x: Tensor): Tensor => leakyRelu(x, SLOPE);

/**
 * Logits of maps [N, width, 4, 4] and one-hot labels [N, classes], with the class by projection (arXiv 1802.05637).
 * @param deviations Of each group of images, [N / group, 1, 1]: a further map (arXiv 1710.10196, section 3).
 */
export function judgeMaps(weights: Weights, x: Tensor, deviations: Tensor, labels: Tensor): Judgement {
  const count = x.shape[0]!;
  const maps = activated(conv(weights, "stage0", withDeviations(x, deviations)));
  const flat = reshape(maps, [count, maps.shape[1]! * SEED_RESOLUTION ** 2]);
  const features = activated(linear(weights, "features", flat));
  const embedded = matmul(labels, weights["projection.weight"]!, { transposeB: true });
  const logits = add(linear(weights, "logit", features), reduceSum(mul(embedded, features), [1]));
  return { logits: reshape(logits, [count]), features, deviations };
}

/**
 * As {@link judgeMaps}, of each image by itself: in place of the deviation of its group it has the mean of those of real images
 * in the training, so that its score does not depend on what it is scored with.
 */
export function scoreMaps(weights: Weights, x: Tensor, labels: Tensor): Judgement {
  const usual = broadcastTo(reshape(weights[DEVIATION]!, [1, 1, 1]), [x.shape[0]!, 1, 1]);
  return judgeMaps(weights, x, usual, labels);
}
