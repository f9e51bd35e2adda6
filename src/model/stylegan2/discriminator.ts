import { add, constant, conv2d, leakyRelu, matmul, mul, reshape, type Tensor } from "../../graph/index.ts";
import { declareDeviationHead, type Judgement, judgeMaps, scoreMaps } from "../deviation-head.ts";
import { conv, declareConv, SLOPE } from "../layers.ts";
import { groupDeviations, groupOf } from "../minibatch-deviation.ts";
import { LayoutBuilder, type ParameterLayout, type Weights } from "../parameters.ts";
import type { Stylegan2Architecture } from "./architecture.ts";

/** Name of the moving mean [1] of path lengths that D keeps behind its weights, the layout's last: see the step. */
export const PATH_LENGTH = "pathLength";

const TAPS = [1, 3, 3, 1].map((tap) => tap / 8);

/** [1, 3, 3, 1] x [1, 3, 3, 1], sum 1. */
const FILTER = constant(
  TAPS.flatMap((row) => TAPS.map((column) => row * column)),
  [1, 1, 4, 4],
);

/** Matrix [9, 36] from the taps of a 3x3 kernel to those of the 6x6 kernel that filters first. */
const FILTERED = (() => {
  const matrix = new Float64Array(9 * 36);
  for (let tap = 0; tap < 9; tap++) {
    for (let filter = 0; filter < 16; filter++) {
      const row = Math.floor(tap / 3) + Math.floor(filter / 4);
      const column = (tap % 3) + (filter % 4);
      matrix[tap * 36 + row * 6 + column]! += TAPS[Math.floor(filter / 4)]! * TAPS[filter % 4]!;
    }
  }
  return constant(matrix, [9, 36]);
})();

/**
 * Halves maps: x [N, C, H, W] and a kernel [O, C, K, K] of 1 or 3 taps a side => [N, O, H / 2, W / 2]. The maps are filtered with
 * [1, 3, 3, 1] and then convolved with stride 2 (arXiv 1912.04958, section 2.2); both are linear, so the kernel is filtered instead.
 */
export function halved(x: Tensor, weight: Tensor): Tensor {
  const [outputs, inputs, taps] = weight.shape;
  if (taps === 1) return conv2d(x, mul(weight, FILTER), { stride: 2, padding: 1 });
  const filtered = reshape(matmul(reshape(weight, [outputs! * inputs!, 9]), FILTERED), [outputs!, inputs!, 6, 6]);
  return conv2d(x, filtered, { stride: 2, padding: 2 });
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
 * @param batch Images that are of one kind: N or a divisor of it, which groups divide. Defaults to all.
 */
export function judgeImages(
  a: Stylegan2Architecture,
  weights: Weights,
  images: Tensor,
  labels: Tensor,
  batch = images.shape[0]!,
): Judgement {
  const x = mapsOf(a, weights, images);
  return judgeMaps(weights, x, groupDeviations(x, groupOf(batch)), labels);
}

/** As {@link judgeImages}, of each image by itself; see {@link scoreMaps}. */
export const scoreAlone = (a: Stylegan2Architecture, weights: Weights, images: Tensor, labels: Tensor): Judgement =>
  scoreMaps(weights, mapsOf(a, weights, images), labels);
