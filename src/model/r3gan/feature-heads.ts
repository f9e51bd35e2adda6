import {
  add,
  div,
  leakyRelu,
  matmul,
  mul,
  reduceMean,
  reduceSum,
  reshape,
  sqrt,
  square,
  type Tensor,
} from "../../graph/index.ts";
import type { FeatureTap } from "../frozen-network.ts";
import { conv, declareConv, declareLinear, linear, SLOPE } from "../layers.ts";
import type { LayoutBuilder, Weights } from "../parameters.ts";

/** Feature maps inside a head. */
const HEAD_MAPS = 64;
const EPSILON = 1e-6;

const headName = (index: number): string => `head${index}`;

/** Name of the weight [HEAD_MAPS, classes] with which a head judges classes. */
export const headProjection = (index: number): string => `${headName(index)}.projection.weight`;

/** Declares one small head a tap. */
export function declareHeads(layout: LayoutBuilder, taps: readonly FeatureTap[], classes: number): void {
  taps.forEach(({ maps }, i) => {
    const name = headName(i);
    declareConv(layout, `${name}.first`, maps, HEAD_MAPS, 1);
    declareConv(layout, `${name}.second`, HEAD_MAPS, HEAD_MAPS, 3);
    declareLinear(layout, `${name}.logit`, HEAD_MAPS, 1, { gain: 1 });
    declareLinear(layout, `${name}.projection`, classes, HEAD_MAPS, {
      gain: Math.sqrt(classes / HEAD_MAPS),
      bias: false,
    });
  });
}

/**
 * Each position of [N, C, H, W] at a length of sqrt(C), whatever the layer's own scale, as LPIPS does before it compares (Zhang et al.
 * 2018, arXiv 1801.03924, section 3).
 */
export const unitFeatures = (x: Tensor): Tensor => div(x, sqrt(add(reduceMean(square(x), [1]), EPSILON)));

/**
 * Logits [N] of the head of one tap given its features [N, C, H, W] at unit scale and one-hot labels [N, classes]: two convolutions,
 * the mean over positions, and a projection on the class as in the discriminator.
 */
export function headLogits(weights: Weights, index: number, features: Tensor, labels: Tensor): Tensor {
  const name = headName(index);
  const first = leakyRelu(conv(weights, `${name}.first`, features), SLOPE);
  const second = leakyRelu(conv(weights, `${name}.second`, first), SLOPE);
  const pooled = reshape(reduceMean(second, [2, 3]), [features.shape[0]!, HEAD_MAPS]);
  const embedded = matmul(labels, weights[headProjection(index)]!, { transposeB: true });
  const logits = add(linear(weights, `${name}.logit`, pooled), reduceSum(mul(embedded, pooled), [1]));
  return reshape(logits, [features.shape[0]!]);
}
