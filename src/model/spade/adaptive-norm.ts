import { add, leakyRelu, mul, slice, type Tensor } from "../../graph/index.ts";
import { MAP_CHANNELS } from "../family.ts";
import { standardised } from "../instance-norm.ts";
import { conv, declareConv } from "../layers.ts";
import type { LayoutBuilder, Weights } from "../parameters.ts";

/** Of first scales and shifts: about half of what they are added to. */
const MODULATION_GAIN = 0.5;

/** Declares the two convolutions of {@link adaptiveNorm} for `maps` feature maps. */
function declareAdaptiveNorm(layout: LayoutBuilder, name: string, maps: number, hidden: number): void {
  declareConv(layout, `${name}.map`, MAP_CHANNELS, hidden, 3);
  declareConv(layout, `${name}.modulation`, hidden, 2 * maps, 3, { gain: MODULATION_GAIN });
}

/**
 * Spatially-adaptive normalisation (arXiv 1903.07291, equation 1): x [N, C, H, W], each of its maps at mean 0 and variance 1, times
 * 1 + scale, plus shift. Scales and shifts [N, C, H, W] are two convolutions of the semantic map [N, 3, H, W].
 */
export function adaptiveNorm(weights: Weights, name: string, x: Tensor, map: Tensor): Tensor {
  const [count, maps, height, width] = x.shape;
  const seen = leakyRelu(conv(weights, `${name}.map`, map), 0);
  const modulation = conv(weights, `${name}.modulation`, seen);
  const part = (first: number) => slice(modulation, [0, first, 0, 0], [count!, maps!, height!, width!]);
  return add(mul(standardised(x), add(part(0), 1)), part(maps!));
}

/** Declares a residual block between two numbers of feature maps. */
export function declareAdaptiveBlock(
  layout: LayoutBuilder,
  name: string,
  [inputs, outputs]: readonly [number, number],
  hidden: number,
): void {
  const middle = Math.min(inputs, outputs);
  declareAdaptiveNorm(layout, `${name}.firstNorm`, inputs, hidden);
  // Without biases: the next normalisation takes them away, and its shift has them.
  declareConv(layout, `${name}.first`, inputs, middle, 3, { bias: false });
  declareAdaptiveNorm(layout, `${name}.secondNorm`, middle, hidden);
  declareConv(layout, `${name}.second`, middle, outputs, 3, { bias: false });
  if (inputs === outputs) return;
  declareAdaptiveNorm(layout, `${name}.skipNorm`, inputs, hidden);
  declareConv(layout, `${name}.skip`, inputs, outputs, 1, { gain: 1, bias: false });
}

/**
 * Residual block of two normalised convolutions, x [N, inputs, H, W] and the semantic map [N, 3, H, W] => [N, outputs, H, W]. Where the
 * numbers of maps differ the way past them is normalised and convolved too (arXiv 1903.07291, section 3 and figure 4).
 */
export function adaptiveBlock(weights: Weights, name: string, x: Tensor, map: Tensor): Tensor {
  const layer = (norm: string, convolution: string, from: Tensor) =>
    conv(weights, `${name}.${convolution}`, leakyRelu(adaptiveNorm(weights, `${name}.${norm}`, from, map), 0));
  const changed = layer("secondNorm", "second", layer("firstNorm", "first", x));
  if (weights[`${name}.skip.weight`] === undefined) return add(x, changed);
  return add(conv(weights, `${name}.skip`, adaptiveNorm(weights, `${name}.skipNorm`, x, map)), changed);
}
