import { add, leakyRelu, reshape, type Tensor } from "../../graph/index.ts";
import { blend, conv, declareConv, declareLinear, linear, type Share, SLOPE, upsampleBilinear } from "../layers.ts";
import { LayoutBuilder, type ParameterLayout, type Weights } from "../parameters.ts";
import { pixelNorm } from "../pixel-norm.ts";
import { SEED_RESOLUTION } from "../stage-widths.ts";
import type { PgganArchitecture } from "./architecture.ts";

/** Weights of the generator. */
export function pgganGeneratorLayout(a: PgganArchitecture): ParameterLayout {
  const layout = new LayoutBuilder();
  const widths = a.generatorWidths;
  const seed = widths[0]! * SEED_RESOLUTION ** 2;
  declareLinear(layout, "seed", a.latent, seed);
  // Of variance 1, whatever the number of classes; the latent's layer gives twice as much.
  declareLinear(layout, "label", a.classes, seed, { gain: Math.sqrt(a.classes), bias: false });
  widths.forEach((width, stage) => {
    if (stage > 0) declareConv(layout, `stage${stage}.first`, widths[stage - 1]!, width, 3);
    declareConv(layout, `stage${stage}.second`, width, width, 3);
  });
  declareConv(layout, "image", widths.at(-1)!, a.channels, 1, { gain: 1 });
  if (a.fading !== undefined) declareConv(layout, "before.image", widths.at(-2)!, a.channels, 1, { gain: 1 });
  return layout.build();
}

const activated = (x: Tensor): Tensor => pixelNorm(leakyRelu(x, SLOPE));

/**
 * Noise to image: z [N, latent] standard normal and one-hot labels [N, classes] => [N, channels, S, S], around [-1, 1] (Karras et al.
 * 2018, arXiv 1710.10196, table 2). One linear layer of the latent with the one-hot class beside it makes maps of 4 pixels (its columns
 * for the class are weights of their own); two 3x3 convolutions follow at each resolution, each with pixel normalisation behind its
 * rectifier, between them doubling by linear interpolation.
 * @param share Of networks that are faded in: what the newest layers have in the image; the rest is the image of half the resolution,
 * enlarged (appendix A.1). Defaults to that of the architecture.
 */
export function drawGrowing(
  a: PgganArchitecture,
  weights: Weights,
  z: Tensor,
  labels: Tensor,
  share: Share | undefined = a.fading,
): Tensor {
  const seed = add(linear(weights, "seed", z), linear(weights, "label", labels));
  let x = activated(reshape(seed, [z.shape[0]!, a.generatorWidths[0]!, SEED_RESOLUTION, SEED_RESOLUTION]));
  let before = x;
  a.generatorWidths.forEach((_, stage) => {
    before = x;
    if (stage > 0) x = activated(conv(weights, `stage${stage}.first`, upsampleBilinear(x)));
    x = activated(conv(weights, `stage${stage}.second`, x));
  });
  const image = conv(weights, "image", x);
  return share === undefined ? image : blend(upsampleBilinear(conv(weights, "before.image", before)), image, share);
}
