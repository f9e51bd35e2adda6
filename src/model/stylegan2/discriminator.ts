import { add, averagePool, conv2d, filter, leakyRelu, mul, reshape, type Tensor } from "../../graph/index.ts";
import { declareDeviationHead, type Judgement, judgeMaps, scoreMaps } from "../deviation-head.ts";
import { conv, declareConv, SLOPE } from "../layers.ts";
import { groupDeviations, groupOf } from "../minibatch-deviation.ts";
import { LayoutBuilder, type ParameterLayout, type Weights } from "../parameters.ts";
import type { Stylegan2Architecture } from "./architecture.ts";

/** Name of the moving mean [1] of path lengths that D keeps behind its weights, the layout's last: see the step. */
export const PATH_LENGTH = "pathLength";

/** The filter [1, 3, 3, 1] of the paper, sum 1. */
const FILTER = [1, 3, 3, 1].map((tap) => tap / 8);

/** What is left of it before the mean of two neighbours: [1, 2, 1] and then [1, 1] are [1, 3, 3, 1]. */
const BEFORE_MEAN = [1, 2, 1].map((tap) => tap / 4);

/**
 * Halves maps: x [N, C, H, W] and a kernel [O, C, K, K] of 1 or 3 taps a side => [N, O, H / 2, W / 2]. The maps are filtered with
 * [1, 3, 3, 1], as far as any tap of the kernel reaches, and then convolved with stride 2 (arXiv 1912.04958, section 2.2). A kernel
 * that is filtered instead would be as exact, with four times the work.
 */
export function halved(x: Tensor, weight: Tensor): Tensor {
  if (weight.shape[2] === 1) {
    return conv2d(averagePool(filter(x, BEFORE_MEAN, 1)), weight, { stride: 1, padding: 0 });
  }
  return conv2d(filter(x, FILTER, 2), weight, { stride: 2, padding: 0 });
}

/** Weights of the discriminator. */
export function stylegan2DiscriminatorLayout(a: Stylegan2Architecture): ParameterLayout {
  const layout = new LayoutBuilder();
  const widths = a.discriminatorWidths;
  const [lowest] = widths;
  declareConv(layout, "image", a.channels, widths.at(-1)!, 1);
  for (let stage = widths.length - 1; stage > 0; stage--) {
    const [width, next] = [widths[stage]!, widths[stage - 1]!];
    declareConv(layout, `stage${stage}.first`, width, width, 3);
    declareConv(layout, `stage${stage}.second`, width, next, 3);
    declareConv(layout, `stage${stage}.shortcut`, width, next, 1, { gain: 1, bias: false });
  }
  declareDeviationHead(layout, lowest!, a.classes);
  layout.add({ name: PATH_LENGTH, shape: [1], deviation: 0, rate: 0 });
  return layout.build();
}

const activated = (x: Tensor): Tensor => leakyRelu(x, SLOPE);

/** images [N, channels, S, S] => maps [N, widths[0], 4, 4]: residual blocks (arXiv 1912.04958, figure 7 c). */
function mapsOf(a: Stylegan2Architecture, weights: Weights, images: Tensor): Tensor {
  let x = activated(conv(weights, "image", images));
  for (let stage = a.discriminatorWidths.length - 1; stage > 0; stage--) {
    const name = `stage${stage}`;
    const first = activated(conv(weights, `${name}.first`, x));
    const bias = weights[`${name}.second.bias`]!;
    const inner = add(halved(first, weights[`${name}.second.weight`]!), reshape(bias, [bias.shape[0]!, 1, 1]));
    x = mul(add(activated(inner), halved(x, weights[`${name}.shortcut.weight`]!)), Math.SQRT1_2);
  }
  return x;
}

/**
 * images [N, channels, S, S] in [-1, 1] and one-hot labels [N, classes]: logits with the class by projection (arXiv 1802.05637).
 * Groups of images are compared by their deviation, so that the logit of an image depends on its group: images next to each other,
 * all real or all generated.
 */
export function judgeImages(a: Stylegan2Architecture, weights: Weights, images: Tensor, labels: Tensor): Judgement {
  const x = mapsOf(a, weights, images);
  return judgeMaps(weights, x, groupDeviations(x, groupOf(images.shape[0]!)), labels);
}

/** As {@link judgeImages}, of each image by itself; see {@link scoreMaps}. */
export const scoreAlone = (a: Stylegan2Architecture, weights: Weights, images: Tensor, labels: Tensor): Judgement =>
  scoreMaps(weights, mapsOf(a, weights, images), labels);
