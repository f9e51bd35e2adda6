import { averagePool, leakyRelu, type Tensor } from "../../graph/index.ts";
import { declareDeviationHead, type Judgement, judgeMaps, scoreMaps } from "../deviation-head.ts";
import { blend, conv, declareConv, type Share, SLOPE } from "../layers.ts";
import { groupDeviations } from "../minibatch-deviation.ts";
import { LayoutBuilder, type ParameterLayout, type Weights } from "../parameters.ts";
import type { PgganArchitecture } from "./architecture.ts";

/** Weights of the discriminator. */
export function pgganDiscriminatorLayout(a: PgganArchitecture): ParameterLayout {
  const layout = new LayoutBuilder();
  const widths = a.discriminatorWidths;
  declareConv(layout, "image", a.channels, widths.at(-1)!, 1);
  if (a.fading !== undefined) declareConv(layout, "before.image", a.channels, widths.at(-2)!, 1);
  for (let stage = widths.length - 1; stage > 0; stage--) {
    declareConv(layout, `stage${stage}.first`, widths[stage]!, widths[stage]!, 3);
    declareConv(layout, `stage${stage}.second`, widths[stage]!, widths[stage - 1]!, 3);
  }
  declareDeviationHead(layout, widths[0]!, a.classes);
  return layout.build();
}

const activated = (weights: Weights, name: string, x: Tensor): Tensor => leakyRelu(conv(weights, name, x), SLOPE);

/** images [N, channels, S, S] => maps [N, widths[0], 4, 4]: two convolutions and the means of four pixels at each resolution. */
function mapsOf(a: PgganArchitecture, weights: Weights, images: Tensor, share: Share | undefined): Tensor {
  const newest = a.discriminatorWidths.length - 1;
  let x = activated(weights, "image", images);
  for (let stage = newest; stage > 0; stage--) {
    x = averagePool(activated(weights, `stage${stage}.second`, activated(weights, `stage${stage}.first`, x)));
    if (share === undefined || stage < newest) continue;
    x = blend(activated(weights, "before.image", averagePool(images)), x, share);
  }
  return x;
}

/**
 * Images [N, channels, S, S] in [-1, 1] and one-hot labels [N, classes]: what the critic says, with the class by projection (Karras et
 * al. 2018, arXiv 1710.10196, table 2; class: arXiv 1802.05637). The images of a batch are compared by their deviation before the last
 * block, so that what is said of an image depends on its batch.
 * @param batch Images of one kind that lie next to each other and are compared: N or a divisor of it.
 * @param share Of networks that are faded in: what the newest layers see; the others see the image at half its size (appendix A.1).
 * Defaults to that of the architecture.
 */
export function judgeGrowing(
  a: PgganArchitecture,
  weights: Weights,
  images: Tensor,
  labels: Tensor,
  batch: number,
  share: Share | undefined = a.fading,
): Judgement {
  const x = mapsOf(a, weights, images, share);
  return judgeMaps(weights, x, groupDeviations(x, batch), labels);
}

/** As {@link judgeGrowing}, of each image by itself; see {@link scoreMaps}. */
export const scoreGrown = (a: PgganArchitecture, weights: Weights, images: Tensor, labels: Tensor): Judgement =>
  scoreMaps(weights, mapsOf(a, weights, images, a.fading), labels);
