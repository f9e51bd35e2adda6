import { add, conv2d, div, matmul, mul, reduceSum, reshape, sqrt, square, type Tensor } from "../../graph/index.ts";
import { declareConv, declareLinear, linear } from "../layers.ts";
import type { LayoutBuilder, Weights } from "../parameters.ts";

/** Keeps demodulation finite. */
const EPSILON = 1e-8;

/** Declares a modulated convolution: weight [outputs, inputs, K, K], bias [outputs], and the layer that makes its style of w. */
export function declareModulated(
  layout: LayoutBuilder,
  name: string,
  code: number,
  { inputs, outputs, kernel }: { readonly inputs: number; readonly outputs: number; readonly kernel: 1 | 3 },
): void {
  declareLinear(layout, `${name}.style`, code, inputs, { gain: 1 });
  declareConv(layout, name, inputs, outputs, kernel, { gain: 1 });
}

/** Factors of the input's maps [N, inputs]; they begin around 1. */
export const styleOf = (weights: Weights, name: string, w: Tensor): Tensor =>
  add(linear(weights, `${name}.style`, w), 1);

/**
 * Factors that give the outputs of a modulated kernel unit variance, [N, outputs] for style [N, inputs] and weight
 * [outputs, inputs, K, K]: 1 / sqrt(sum over c and k of (weight[o,c,k] s[n,c])^2 + eps) (Karras et al. 2020, arXiv 1912.04958,
 * equations 1 and 3).
 */
function demodulation(weight: Tensor, style: Tensor): Tensor {
  const power = reduceSum(square(weight), [2, 3], false);
  return div(1, sqrt(add(matmul(square(style), power, { transposeB: true }), EPSILON)));
}

/** Maps [N, C, H, W] (or [1, C, H, W]) times a factor of each map of each image [N, C]. */
const scaledMaps = (x: Tensor, factors: Tensor): Tensor =>
  mul(x, reshape(factors, [factors.shape[0]!, factors.shape[1]!, 1, 1]));

/**
 * A convolution with a kernel of its own for each image, whose input maps are weighted by a style: x [N, inputs, H, W] and
 * style [N, inputs] => [N, outputs, H, W], without the bias. A kernel that is scaled along its inputs and outputs convolves as
 * the kernel itself does inputs that are scaled, with outputs that are: one convolution for the whole batch, exactly.
 * @param enlarge What is done to the scaled maps first. Defaults to nothing.
 */
export function modulated(
  weight: Tensor,
  x: Tensor,
  style: Tensor,
  {
    demodulate,
    enlarge = (maps) => maps,
  }: { readonly demodulate: boolean; readonly enlarge?: (maps: Tensor) => Tensor },
): Tensor {
  const padding = (weight.shape[2]! - 1) / 2;
  const y = conv2d(enlarge(scaledMaps(x, style)), weight, { stride: 1, padding });
  return demodulate ? scaledMaps(y, demodulation(weight, style)) : y;
}
