import {
  add,
  broadcastTo,
  constant,
  conv2d,
  leakyRelu,
  matmul,
  mul,
  reduceSum,
  reshape,
  type Tensor,
} from "../../graph/index.ts";
import { conv, declareConv, declareLinear, linear, SLOPE } from "../layers.ts";
import { LayoutBuilder, type ParameterLayout, type Weights } from "../parameters.ts";
import { SEED_RESOLUTION } from "../stage-widths.ts";
import type { Stylegan2Architecture } from "./architecture.ts";
import { groupDeviations, groupOf, withDeviations } from "./minibatch-deviation.ts";

/** Names of moving means that D keeps beside its weights, each [1], the layout's last: see {@link scoreAlone} and the step. */
export const DEVIATION = "deviation";
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
  declareConv(layout, "stage0", lowest! + 1, lowest!, 3);
  declareLinear(layout, "features", lowest! * SEED_RESOLUTION ** 2, lowest!);
  declareLinear(layout, "logit", lowest!, 1, { gain: 1 });
  declareLinear(layout, "projection", a.classes, lowest!, { gain: Math.sqrt(a.classes / lowest!), bias: false });
  for (const name of [DEVIATION, PATH_LENGTH]) layout.add({ name, shape: [1], deviation: 0, rate: 0 });
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

/** What D says of a batch. */
export interface Judgement {
  /** [N] */
  readonly logits: Tensor;
  /** [N, widths[0]] */
  readonly features: Tensor;
  /** Of each group, [N / group, 1, 1]. */
  readonly deviations: Tensor;
}

function headOf(weights: Weights, x: Tensor, deviations: Tensor, labels: Tensor): Judgement {
  const count = x.shape[0]!;
  const maps = activated(conv(weights, "stage0", withDeviations(x, deviations)));
  const flat = reshape(maps, [count, maps.shape[1]! * SEED_RESOLUTION ** 2]);
  const features = activated(linear(weights, "features", flat));
  const embedded = matmul(labels, weights["projection.weight"]!, { transposeB: true });
  const logits = add(linear(weights, "logit", features), reduceSum(mul(embedded, features), [1]));
  return { logits: reshape(logits, [count]), features, deviations };
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
  return headOf(weights, x, groupDeviations(x, groupOf(batch)), labels);
}

/**
 * As {@link judgeImages}, of each image by itself: in place of the deviation of its group it has the mean of those of real images
 * in the training, so that its score does not depend on what it is scored with.
 */
export function scoreAlone(a: Stylegan2Architecture, weights: Weights, images: Tensor, labels: Tensor): Judgement {
  const usual = broadcastTo(reshape(weights[DEVIATION]!, [1, 1, 1]), [images.shape[0]!, 1, 1]);
  return headOf(weights, mapsOf(a, weights, images), usual, labels);
}
