import { averagePool, concat, conv2d, leakyRelu, type Tensor } from "../../graph/index.ts";
import { MAP_CHANNELS } from "../family.ts";
import { standardised } from "../instance-norm.ts";
import { declareConv, SLOPE } from "../layers.ts";
import { LayoutBuilder, type ParameterLayout, type Weights } from "../parameters.ts";
import type { SpadeArchitecture } from "./architecture.ts";
import { type SingularVectors, singularName, spectralKernel } from "./spectral-norm.ts";

/** Width and height of every kernel. */
const KERNEL = 4;

/** Weights of the discriminators; behind them the singular vector of each kernel. */
export function spadeDiscriminatorLayout(a: SpadeArchitecture): ParameterLayout {
  const layout = new LayoutBuilder();
  const widths = [...a.discriminatorWidths, 1];
  const layers: { name: string; outputs: number }[] = [];
  for (let scale = 0; scale < a.discriminatorScales; scale++) {
    widths.forEach((outputs, i) => {
      const name = layerName(scale, i, widths.length);
      const inputs = widths[i - 1] ?? MAP_CHANNELS + a.channels;
      // A bias in front of a normalisation is taken away by it.
      declareConv(layout, name, inputs, outputs, KERNEL, { bias: i === 0 || i === widths.length - 1 });
      layers.push({ name, outputs });
    });
  }
  for (const { name, outputs } of layers)
    layout.add({ name: singularName(name), shape: [outputs], deviation: 1, rate: 0 });
  return layout.build();
}

const layerName = (scale: number, i: number, count: number): string =>
  `scale${scale}.${i === count - 1 ? "logit" : `conv${i}`}`;

/** What one discriminator says of images. */
export interface ScaleScores {
  /** Of patches, [N, 1, H, W]; greater is more real. */
  readonly logits: Tensor;
  /** Behind each convolution but the last, normalised and rectified, [N, maps, H', W'] each: what feature matching compares. */
  readonly features: readonly Tensor[];
}

/**
 * Discriminators of patches of map and image at full size, half of it, ...: maps [N, 3, S, S], images [N, channels, S, S] in [-1, 1]
 * (arXiv 1711.11585, section 3.2; kernels divided by their spectral norm, arXiv 1903.07291, section 3).
 * @param vectors Of the kernels, held; see `iterateVectors`.
 */
export function scoreScales(
  a: SpadeArchitecture,
  weights: Weights,
  vectors: SingularVectors,
  maps: Tensor,
  images: Tensor,
): ScaleScores[] {
  const widths = [...a.discriminatorWidths, 1];
  const last = widths.length - 1;
  let seen = concat([maps, images], 1);
  return Array.from({ length: a.discriminatorScales }, (_, scale) => {
    if (scale > 0) seen = averagePool(seen);
    const features: Tensor[] = [];
    const layer = (i: number, x: Tensor) => {
      const name = layerName(scale, i, widths.length);
      const kernel = spectralKernel(weights, name, vectors[name]!);
      const stride = i < last - 1 ? 2 : 1;
      return conv2d(x, kernel, { stride, padding: 1 }, weights[`${name}.bias`]);
    };
    let x = seen;
    for (let i = 0; i < last; i++) {
      const y = layer(i, x);
      x = leakyRelu(i === 0 ? y : standardised(y), SLOPE);
      features.push(x);
    }
    return { logits: layer(last, x), features };
  });
}
