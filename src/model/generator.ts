import { concat, leakyRelu, reshape, type Tensor } from "../graph/index.ts";
import { type Architecture, SEED_RESOLUTION } from "./architecture.ts";
import {
  conv,
  declareConv,
  declareLinear,
  declareResidual,
  linear,
  residual,
  SLOPE,
  upsampleBilinear,
} from "./layers.ts";
import { LayoutBuilder, type ParameterLayout, type Weights } from "./parameters.ts";

const blockName = (stage: number, block: number): string => `stage${stage}.block${block}`;

/** Weights of the generator. */
export function generatorLayout(a: Architecture): ParameterLayout {
  const layout = new LayoutBuilder();
  const [first] = a.generatorWidths;
  declareLinear(layout, "embedding", a.classes, a.embedding, { gain: Math.sqrt(a.classes), bias: false });
  declareLinear(layout, "seed", a.latent + a.embedding, first * SEED_RESOLUTION ** 2, { gain: 1 });
  a.generatorWidths.forEach((width, stage) => {
    const before = a.generatorWidths[stage - 1] ?? width;
    if (before !== width) declareConv(layout, `stage${stage}.shortcut`, before, width, 1, { gain: 1, bias: false });
    for (let block = 0; block < a.blocks; block++) declareResidual(layout, blockName(stage, block), width);
  });
  declareConv(layout, "image", a.generatorWidths[a.generatorWidths.length - 1], a.channels, 3, { gain: 1 });
  return layout.build();
}

/**
 * Noise to image: z [N, latent] and one-hot labels [N, classes] => [N, channels, H, W], values around [-1, 1].
 * The class embedding is joined to z; a linear layer makes a 4x4 map; residual blocks and bilinear doubling
 * follow (Huang et al. 2025, arXiv 2501.05441, section 4, with plain 3x3 blocks in place of grouped bottlenecks).
 */
export function generate(a: Architecture, weights: Weights, z: Tensor, labels: Tensor): Tensor {
  const [first] = a.generatorWidths;
  const code = concat([z, linear(weights, "embedding", labels)], 1);
  let x = reshape(linear(weights, "seed", code), [z.shape[0], first, SEED_RESOLUTION, SEED_RESOLUTION]);
  a.generatorWidths.forEach((width, stage) => {
    if (stage > 0) {
      // A 1x1 convolution and the doubling commute; the order here does a quarter of the work.
      const narrowed = width === x.shape[1] ? x : conv(weights, `stage${stage}.shortcut`, x);
      x = upsampleBilinear(narrowed);
    }
    for (let block = 0; block < a.blocks; block++) x = residual(weights, blockName(stage, block), x);
  });
  return conv(weights, "image", leakyRelu(x, SLOPE));
}
