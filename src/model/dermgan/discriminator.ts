import { concat, leakyRelu, type Tensor } from "../../graph/index.ts";
import { MAP_CHANNELS } from "../family.ts";
import { SLOPE } from "../layers.ts";
import { LayoutBuilder, type ParameterLayout, type Weights } from "../parameters.ts";
import type { DermganArchitecture } from "./architecture.ts";
import { convolve, declareKernel, declareNorm, halve, instanceNorm } from "./layers.ts";

/** Weights of the discriminator. */
export function dermganDiscriminatorLayout(a: DermganArchitecture): ParameterLayout {
  const layout = new LayoutBuilder();
  a.discriminatorWidths.forEach((width, i) => {
    const before = i === 0 ? MAP_CHANNELS + a.channels : a.discriminatorWidths[i - 1]!;
    declareKernel(layout, `conv${i}`, [width, before, 4], { bias: i === 0 });
    if (i > 0) declareNorm(layout, `conv${i}.norm`, width);
  });
  const last = a.discriminatorWidths[a.discriminatorWidths.length - 1]!;
  declareKernel(layout, "logit", [1, last, 4]);
  return layout.build();
}

/** Verdicts on the patches of images. */
export interface PatchScores {
  /** [N, 1, H, W]. */
  readonly logits: Tensor;
  /** Behind the second-to-last convolution, normalised and rectified, [N, maps, H', W']: what feature matching compares. */
  readonly features: Tensor;
}

/**
 * Fully convolutional discriminator that sees map and image: maps [N, 3, S, S], images [N, channels, S, S] in [-1, 1]
 * (pix2pix's patches, arXiv 1611.07004, section 6.1.2: all convolutions but the last two halve).
 */
export function scorePatches(a: DermganArchitecture, weights: Weights, maps: Tensor, images: Tensor): PatchScores {
  let x = concat([maps, images], 1);
  a.discriminatorWidths.forEach((_, i) => {
    const halves = i < a.discriminatorWidths.length - 1;
    x = halves ? halve(weights, `conv${i}`, x) : convolve(weights, `conv${i}`, x, 1);
    if (i > 0) x = instanceNorm(weights, `conv${i}.norm`, x);
    x = leakyRelu(x, SLOPE);
  });
  return { logits: convolve(weights, "logit", x, 1), features: x };
}
