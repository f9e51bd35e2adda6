import { averagePool, concat, leakyRelu, type Tensor } from "../../graph/index.ts";
import { MAP_CHANNELS } from "../family.ts";
import { blend, type Share, SLOPE } from "../layers.ts";
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
  if (a.fading !== undefined)
    declareKernel(layout, "before.conv0", [a.discriminatorWidths[1]!, MAP_CHANNELS + a.channels, 4]);
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
 * @param share Of networks that are faded in: what the newest layer sees; the others see map and image at half their size. Defaults
 * to that of the architecture.
 */
export function scorePatches(
  a: DermganArchitecture,
  weights: Weights,
  maps: Tensor,
  images: Tensor,
  share: Share | undefined = a.fading,
): PatchScores {
  const seen = concat([maps, images], 1);
  let x = seen;
  const halves = (i: number) => i < a.discriminatorWidths.length - 1;
  const layer = (name: string, i: number, from: Tensor) =>
    halves(i) ? halve(weights, name, from) : convolve(weights, name, from, 1);
  a.discriminatorWidths.forEach((_, i) => {
    x = layer(`conv${i}`, i, x);
    if (i > 0) x = instanceNorm(weights, `conv${i}.norm`, x);
    x = leakyRelu(x, SLOPE);
    if (share !== undefined && i === 1)
      x = blend(leakyRelu(layer("before.conv0", i, averagePool(seen)), SLOPE), x, share);
  });
  return { logits: convolve(weights, "logit", x, 1), features: x };
}
