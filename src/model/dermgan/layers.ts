import { add, conv2d, conv2dInputGradient, div, mul, type Tensor, upsample } from "../../graph/index.ts";
import { instanceMoments } from "../instance-norm.ts";
import type { LayoutBuilder, Weights } from "../parameters.ts";

/** Standard deviation of first weights (pix2pix, Isola et al. 2017, arXiv 1611.07004, section 6.2). */
const DEVIATION = 0.02;

/** Geometry of layers that halve or double: kernels of 4 pixels. */
const HALVING = { stride: 2, padding: 1 };

export interface ConvOptions {
  /** Whether there is a bias; none in front of a normalisation, which would take it away. Defaults to true. */
  readonly bias?: boolean;
  /** Kernel in memory as [KW,C,KH,O], as its gradient comes out at stride 1. Defaults to false: as its shape says. */
  readonly gradientOrder?: boolean;
}

/** Declares a kernel [outputs, inputs, K, K], bias [outputs]. */
export function declareKernel(
  layout: LayoutBuilder,
  name: string,
  [outputs, inputs, kernel]: readonly [number, number, number],
  { bias = true, gradientOrder = false }: ConvOptions = {},
): void {
  const shape = [outputs, inputs, kernel, kernel];
  const order = gradientOrder ? [3, 1, 2, 0] : undefined;
  layout.add({ name: `${name}.weight`, shape, order, deviation: DEVIATION, rate: 1 });
  if (bias) layout.add({ name: `${name}.bias`, shape: [outputs], deviation: 0, rate: 1 });
}

/** x [N, inputs, H, W] => [N, outputs, H / 2, W / 2], kernel 4. */
export const halve = (weights: Weights, name: string, x: Tensor): Tensor =>
  conv2d(x, weights[`${name}.weight`]!, HALVING, weights[`${name}.bias`]);

/** x [N, inputs, H, W] => [N, outputs, H', W'] at stride 1; `padding` defaults to one that keeps the extent of odd kernels. */
export function convolve(weights: Weights, name: string, x: Tensor, padding?: number): Tensor {
  const weight = weights[`${name}.weight`]!;
  const kept = (weight.shape[2]! - 1) / 2;
  return conv2d(x, weight, { stride: 1, padding: padding ?? kept }, weights[`${name}.bias`]);
}

/** Declares what {@link double} needs: a 3x3 kernel, or a transposed one of 4x4. */
export function declareDoubling(
  layout: LayoutBuilder,
  name: string,
  inputs: number,
  outputs: number,
  resizeConv: boolean,
): void {
  if (resizeConv) declareKernel(layout, name, [outputs, inputs, 3], { bias: false, gradientOrder: true });
  else declareKernel(layout, name, [inputs, outputs, 4], { bias: false });
}

/**
 * x [N, inputs, H, W] => [N, outputs, 2 H, 2 W]: nearest-neighbour resizing and a convolution, which leaves no checkerboard
 * (Odena et al. 2016, doi 10.23915/distill.00003), or a transposed convolution.
 */
export function double(weights: Weights, name: string, x: Tensor, resizeConv: boolean): Tensor {
  if (resizeConv) return convolve(weights, name, upsample(x));
  const [, , height, width] = x.shape;
  return conv2dInputGradient(x, weights[`${name}.weight`]!, HALVING, [2 * height!, 2 * width!]);
}

/** Declares scale and shift of a normalisation of `maps` maps. */
export function declareNorm(layout: LayoutBuilder, name: string, maps: number): void {
  // The scale is 1 + a weight, so that weights may begin at zero.
  layout.add({ name: `${name}.scale`, shape: [maps, 1, 1], deviation: DEVIATION, rate: 1 });
  layout.add({ name: `${name}.shift`, shape: [maps, 1, 1], deviation: 0, rate: 1 });
}

/** Instance normalisation (Ulyanov et al. 2016, arXiv 1607.08022): each map of each image to mean 0 and variance 1, then scale and shift. */
export function instanceNorm(weights: Weights, name: string, x: Tensor): Tensor {
  const { centred, deviation } = instanceMoments(x);
  const scale = div(add(weights[`${name}.scale`]!, 1), deviation);
  return add(mul(centred, scale), weights[`${name}.shift`]!);
}
