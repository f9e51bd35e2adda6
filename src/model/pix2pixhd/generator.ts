import { add, averagePool, concat, conv2d, leakyRelu, type Tensor, tanh, upsample } from "../../graph/index.ts";
import { standardised } from "../instance-norm.ts";
import { conv, declareConv } from "../layers.ts";
import { LayoutBuilder, type ParameterLayout, type Weights } from "../parameters.ts";
import type { Pix2pixhdArchitecture } from "./architecture.ts";
import { OUTLINED_CHANNELS, outlined } from "./boundaries.ts";

/** Width and height of the kernels next to map and image. */
const OUTER_KERNEL = 7;

/** Weights of both networks of the generator. */
export function pix2pixhdGeneratorLayout(a: Pix2pixhdArchitecture): ParameterLayout {
  const layout = new LayoutBuilder();
  const widths = a.generatorWidths;
  const [whole, half] = widths;
  // Biases are in front of no normalisation alone: it takes them away.
  const inner = (name: string, inputs: number, outputs: number) =>
    declareConv(layout, name, inputs, outputs, 3, { bias: false });
  const blocks = (name: string, count: number, width: number) => {
    for (let block = 0; block < count; block++) {
      inner(`${name}${block}.first`, width, width);
      inner(`${name}${block}.second`, width, width);
    }
  };
  declareConv(layout, "coarse.map", OUTLINED_CHANNELS, half!, OUTER_KERNEL);
  for (let i = 2; i < widths.length; i++) inner(`coarse.down${i}`, widths[i - 1]!, widths[i]!);
  blocks("coarse.block", a.coarseBlocks, widths.at(-1)!);
  for (let i = widths.length - 1; i > 1; i--) inner(`coarse.up${i}`, widths[i]!, widths[i - 1]!);
  declareConv(layout, "fine.map", OUTLINED_CHANNELS, whole!, OUTER_KERNEL);
  inner("fine.down", whole!, half!);
  blocks("fine.block", a.fineBlocks, half!);
  inner("fine.up", half!, whole!);
  declareConv(layout, "image", whole! + OUTLINED_CHANNELS, a.channels, OUTER_KERNEL, { gain: 1 });
  return layout.build();
}

const activated = (x: Tensor): Tensor => leakyRelu(standardised(x), 0);

/** x [N, C, H, W] => [N, C', H / 2, W / 2]. */
const halved = (weights: Weights, name: string, x: Tensor): Tensor =>
  activated(conv2d(x, weights[`${name}.weight`]!, { stride: 2, padding: 1 }));

/** x [N, C, H, W] => [N, C', 2 H, 2 W]. */
const doubled = (weights: Weights, name: string, x: Tensor): Tensor => activated(conv(weights, name, upsample(x)));

/** x plus two normalised convolutions of it, `count` times. */
function residual(weights: Weights, name: string, count: number, x: Tensor): Tensor {
  let y = x;
  for (let block = 0; block < count; block++) {
    const inner = activated(conv(weights, `${name}${block}.first`, y));
    y = add(y, standardised(conv(weights, `${name}${block}.second`, inner)));
  }
  return y;
}

/**
 * Map to image: maps [N, 3, S, S] in [0, 1] => [N, channels, S, S] in [-1, 1]. The coarse network goes from the map at half its size down to 8
 * pixels and up again; its last feature maps are added to those of the fine network at half the resolution (arXiv 1711.11585, section 3.1
 * and figure 3). Both see the boundaries of the region. The last layer sees the map too, since a normalisation takes away what is the
 * same everywhere, as a tone is.
 */
export function translateMaps(a: Pix2pixhdArchitecture, weights: Weights, maps: Tensor): Tensor {
  const whole = outlined(maps);
  const widths = a.generatorWidths;
  let coarse = leakyRelu(conv(weights, "coarse.map", averagePool(whole)), 0);
  for (let i = 2; i < widths.length; i++) coarse = halved(weights, `coarse.down${i}`, coarse);
  coarse = residual(weights, "coarse.block", a.coarseBlocks, coarse);
  for (let i = widths.length - 1; i > 1; i--) coarse = doubled(weights, `coarse.up${i}`, coarse);
  const fine = halved(weights, "fine.down", leakyRelu(conv(weights, "fine.map", whole), 0));
  const both = residual(weights, "fine.block", a.fineBlocks, add(coarse, fine));
  const x = doubled(weights, "fine.up", both);
  return tanh(conv(weights, "image", concat([x, whole], 1)));
}
