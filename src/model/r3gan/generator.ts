import { add, concat, leakyRelu, mul, reshape, slice, type Tensor } from "../../graph/index.ts";
import {
  blend,
  conv,
  declareConv,
  declareLinear,
  declareResidual,
  linear,
  residual,
  type Share,
  SLOPE,
  upsampleBilinear,
} from "../layers.ts";
import { LayoutBuilder, type ParameterLayout, type Weights } from "../parameters.ts";
import { SEED_RESOLUTION } from "../stage-widths.ts";
import { noiseLengths, type R3ganArchitecture } from "./architecture.ts";

const blockName = (stage: number, block: number): string => `stage${stage}.block${block}`;

/** Weights of the generator. */
export function generatorLayout(a: R3ganArchitecture): ParameterLayout {
  const layout = new LayoutBuilder();
  const [first] = a.generatorWidths;
  declareLinear(layout, "embedding", a.classes, a.embedding, { gain: Math.sqrt(a.classes), bias: false });
  declareLinear(layout, "seed", a.code + a.embedding, first! * SEED_RESOLUTION ** 2, { gain: 1 });
  a.generatorWidths.forEach((width, stage) => {
    const before = a.generatorWidths[stage - 1] ?? width;
    if (before !== width) declareConv(layout, `stage${stage}.shortcut`, before, width, 1, { gain: 1, bias: false });
    if (stage > 0) layout.add({ name: `stage${stage}.noise`, shape: [width, 1, 1], deviation: 0, rate: 1 });
    for (let block = 0; block < a.blocks; block++) declareResidual(layout, blockName(stage, block), width);
  });
  declareConv(layout, "image", a.generatorWidths[a.generatorWidths.length - 1]!, a.channels, 3, { gain: 1 });
  if (a.fading !== undefined)
    declareConv(layout, "before.image", a.generatorWidths.at(-2)!, a.channels, 3, { gain: 1 });
  return layout.build();
}

/**
 * Noise to image: z [N, latent] and one-hot labels [N, classes] => [N, channels, H, W], values around [-1, 1].
 * The class embedding is joined to the code; a linear layer makes a 4x4 map; residual blocks and bilinear doubling
 * follow (Huang et al. 2025, arXiv 2501.05441, section 4, with plain 3x3 blocks in place of grouped bottlenecks).
 * Noise is added to each map with a learnt strength a feature, so that texture need not be coded (Karras et al. 2019,
 * arXiv 1812.04948, section 3.2); it is the rest of z, so that one latent gives one image.
 * @param share Of networks that are faded in: what the newest layers have in the image; the rest is the image of half the
 * resolution, enlarged (Karras et al. 2018, arXiv 1710.10196, appendix A.1). Defaults to that of the architecture.
 */
export function generate(
  a: R3ganArchitecture,
  weights: Weights,
  z: Tensor,
  labels: Tensor,
  share: Share | undefined = a.fading,
): Tensor {
  const [count] = z.shape;
  const [first] = a.generatorWidths;
  const lengths = noiseLengths(a.generatorWidths);
  const code = concat([slice(z, [0, 0], [count!, a.code]), linear(weights, "embedding", labels)], 1);
  let noiseStart = a.code;
  let x = reshape(linear(weights, "seed", code), [count!, first!, SEED_RESOLUTION, SEED_RESOLUTION]);
  let before = x;
  a.generatorWidths.forEach((width, stage) => {
    before = x;
    if (stage > 0) {
      // A 1x1 convolution and the doubling commute; the order here does a quarter of the work.
      const narrowed = width === x.shape[1] ? x : conv(weights, `stage${stage}.shortcut`, x);
      x = upsampleBilinear(narrowed);
      const size = x.shape[2]!;
      const noise = reshape(slice(z, [0, noiseStart], [count!, lengths[stage]!]), [count!, 1, size, size]);
      noiseStart += lengths[stage]!;
      x = add(x, mul(noise, weights[`stage${stage}.noise`]!));
    }
    for (let block = 0; block < a.blocks; block++) x = residual(weights, blockName(stage, block), x);
  });
  const image = conv(weights, "image", leakyRelu(x, SLOPE));
  if (share === undefined) return image;
  return blend(upsampleBilinear(conv(weights, "before.image", leakyRelu(before, SLOPE))), image, share);
}
