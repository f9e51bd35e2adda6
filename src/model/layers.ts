import { add, averagePool, constant, conv2d, leakyRelu, matmul, mul, sub, type Tensor } from "../graph/index.ts";
import type { LayoutBuilder, Weights } from "./parameters.ts";

/** Slope of every rectifier, as in StyleGAN and R3GAN (Huang et al. 2025, arXiv 2501.05441, appendix). */
export const SLOPE = 0.2;

/** Variance-keeping gain behind a leaky rectifier (He et al. 2015, arXiv 1502.01852, eq. 15). */
const GAIN = Math.sqrt(2 / (1 + SLOPE * SLOPE));

export interface LayerOptions {
  /** Multiplies the first weights; 0 begins with zeros. Defaults to the variance-keeping gain. */
  gain?: number;
  /** Whether there is a bias. Defaults to true. */
  bias?: boolean;
  /** Multiplies the learning rate of weight and bias. Defaults to 1. */
  rate?: number;
}

/**
 * How kernels [O,C,KH,KW] lie in memory: [KW,C,KH,O], as the product that is their gradient comes out, and with O last,
 * so that the runtime's blocks of channels move in runs (docs/decisions/5-convolution-forms.md).
 */
export const KERNEL_ORDER: readonly number[] = [3, 1, 2, 0];

function addLayer(layout: LayoutBuilder, name: string, shape: number[], fanIn: number, options: LayerOptions): void {
  const gain = options.gain ?? GAIN;
  const slower = options.rate ?? 1;
  const rate = (slower * (gain === 0 ? GAIN : gain)) / Math.sqrt(fanIn);
  const order = shape.length === 4 && shape[2]! > 1 ? KERNEL_ORDER : undefined;
  layout.add({ name: `${name}.weight`, shape, order, deviation: gain / Math.sqrt(fanIn), rate });
  if (options.bias ?? true) layout.add({ name: `${name}.bias`, shape: [shape[0]!], deviation: 0, rate: slower });
}

/** Declares a linear layer: weight [outputs, inputs], bias [outputs]. */
export function declareLinear(
  layout: LayoutBuilder,
  name: string,
  inputs: number,
  outputs: number,
  options: LayerOptions = {},
): void {
  addLayer(layout, name, [outputs, inputs], inputs, options);
}

/** x [N, inputs] => [N, outputs]. */
export function linear(weights: Weights, name: string, x: Tensor): Tensor {
  const y = matmul(x, weights[`${name}.weight`]!, { transposeB: true });
  const bias = weights[`${name}.bias`];
  return bias === undefined ? y : add(y, bias);
}

/** Declares a convolution with a square kernel of odd extent: weight [outputs, inputs, K, K], bias [outputs]. */
export function declareConv(
  layout: LayoutBuilder,
  name: string,
  inputs: number,
  outputs: number,
  kernel: number,
  options: LayerOptions = {},
): void {
  addLayer(layout, name, [outputs, inputs, kernel, kernel], inputs * kernel * kernel, options);
}

/** x [N, inputs, H, W] => [N, outputs, H, W]. */
export function conv(weights: Weights, name: string, x: Tensor): Tensor {
  const weight = weights[`${name}.weight`]!;
  return conv2d(x, weight, { stride: 1, padding: (weight.shape[2]! - 1) / 2 }, weights[`${name}.bias`]);
}

/**
 * Matrix [2 * extent, extent] of linear interpolation to twice the extent: pixel centres at quarters, the border
 * repeated, as bilinear resizing with half-pixel centres does along one axis.
 */
function doublingMatrix(extent: number): Tensor {
  const matrix = new Float64Array(2 * extent * extent);
  for (let i = 0; i < extent; i++) {
    for (const [row, neighbour] of [
      [2 * i, Math.max(0, i - 1)],
      [2 * i + 1, Math.min(extent - 1, i + 1)],
    ]) {
      matrix[row! * extent + i]! += 0.75;
      matrix[row! * extent + neighbour!]! += 0.25;
    }
  }
  return constant(matrix, [2 * extent, extent]);
}

/** Bilinear doubling of [N, C, H, W]: smooth maps from the start, where nearest-neighbour leaves blocks to unlearn. */
export function upsampleBilinear(x: Tensor): Tensor {
  const [, , height, width] = x.shape;
  const wide = matmul(x, doublingMatrix(width!), { transposeB: true });
  return matmul(doublingMatrix(height!), wide);
}

/** Images [N, C, S, S] enlarged by bilinear doubling to `size` pixels, S times a power of two; themselves where they have them. */
export function enlarged(images: Tensor, size: number): Tensor {
  return images.shape[3]! >= size ? images : enlarged(upsampleBilinear(images), size);
}

/** Images [N, C, S, S] made smaller by means of pixels; themselves where they have `size` pixels. */
export function reduced(images: Tensor, size: number): Tensor {
  return images.shape[3]! <= size ? images : averagePool(images, images.shape[3]! / size);
}

/** A share between 0 and 1, a scalar that a graph is given or a constant of it. */
export type Share = Tensor | number;

/** `before` at a share of 0, `after` at 1, and a mix between. */
export const blend = (before: Tensor, after: Tensor, share: Share): Tensor =>
  add(mul(after, share), mul(before, typeof share === "number" ? 1 - share : sub(1, share)));

/** As {@link blend}, of images [N, C, S, S] with themselves at half the resolution: what they are while layers for it are faded in. */
export const blurred = (images: Tensor, share: Share): Tensor =>
  blend(upsampleBilinear(averagePool(images)), images, share);

/**
 * Declares a residual block of two 3x3 convolutions. The second begins at zero, so that every block begins as the
 * identity and no normalisation is needed (Fixup, Zhang et al. 2019, arXiv 1901.09321).
 */
export function declareResidual(layout: LayoutBuilder, name: string, channels: number): void {
  declareConv(layout, `${name}.first`, channels, channels, 3);
  declareConv(layout, `${name}.second`, channels, channels, 3, { gain: 0 });
}

/** x + second(act(first(act(x)))), [N, channels, H, W] both ways. */
export function residual(weights: Weights, name: string, x: Tensor): Tensor {
  const inner = conv(weights, `${name}.first`, leakyRelu(x, SLOPE));
  return add(x, conv(weights, `${name}.second`, leakyRelu(inner, SLOPE)));
}
