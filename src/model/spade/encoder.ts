import { conv2d, leakyRelu, reshape, slice, type Tensor } from "../../graph/index.ts";
import { standardised } from "../instance-norm.ts";
import { declareConv, declareLinear, linear, SLOPE } from "../layers.ts";
import type { LayoutBuilder, Weights } from "../parameters.ts";
import { SEED_RESOLUTION } from "../stage-widths.ts";
import type { SpadeArchitecture } from "./architecture.ts";

/** Feature maps at half the resolution, a quarter, ... down to 4 pixels: as many as the generator has there. */
const encoderWidths = ({ generatorWidths }: SpadeArchitecture): number[] => generatorWidths.slice(0, -1).reverse();

/** Declares the image encoder. */
export function declareEncoder(layout: LayoutBuilder, a: SpadeArchitecture): void {
  const widths = encoderWidths(a);
  widths.forEach((width, i) => {
    declareConv(layout, `encoder.conv${i}`, widths[i - 1] ?? a.channels, width, 3, { bias: i === 0 });
  });
  const outputs = widths.at(-1)! * SEED_RESOLUTION ** 2;
  declareLinear(layout, "encoder.code", outputs, 2 * a.latent, { gain: 0.5 });
}

/** The normal distribution of the code of an image, each [N, latent]. */
export interface CodeDistribution {
  readonly mean: Tensor;
  /** Logarithm of the variance. */
  readonly logVariance: Tensor;
}

/**
 * What codes an image may have: images [N, channels, S, S] in [-1, 1]. Convolutions with stride 2, normalised but the first, and a linear
 * layer for mean and variance (arXiv 1903.07291, appendix A).
 */
export function encodeImages(a: SpadeArchitecture, weights: Weights, images: Tensor): CodeDistribution {
  let x = images;
  encoderWidths(a).forEach((_, i) => {
    const name = `encoder.conv${i}`;
    x = conv2d(x, weights[`${name}.weight`]!, { stride: 2, padding: 1 }, weights[`${name}.bias`]);
    x = leakyRelu(i === 0 ? x : standardised(x), SLOPE);
  });
  const [count, ...extents] = x.shape;
  const flat = reshape(x, [count!, extents.reduce((product, extent) => product * extent, 1)]);
  const both = linear(weights, "encoder.code", flat);
  const part = (first: number) => slice(both, [0, first], [count!, a.latent]);
  return { mean: part(0), logVariance: part(a.latent) };
}
