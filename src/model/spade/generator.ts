import { leakyRelu, reshape, type Tensor, tanh, upsample } from "../../graph/index.ts";
import { conv, declareConv, declareLinear, linear, reduced, SLOPE } from "../layers.ts";
import { LayoutBuilder, type ParameterLayout, type Weights } from "../parameters.ts";
import { SEED_RESOLUTION } from "../stage-widths.ts";
import { adaptiveBlock, declareAdaptiveBlock } from "./adaptive-norm.ts";
import type { SpadeArchitecture } from "./architecture.ts";
import { declareEncoder } from "./encoder.ts";

/** Weights of the generator, and of the image encoder where there is one. */
export function spadeGeneratorLayout(a: SpadeArchitecture): ParameterLayout {
  const layout = new LayoutBuilder();
  const widths = a.generatorWidths;
  declareLinear(layout, "code", a.latent, widths[0]! * SEED_RESOLUTION ** 2, { gain: 1 });
  widths.forEach((width, stage) => {
    declareAdaptiveBlock(layout, `stage${stage}`, [widths[Math.max(0, stage - 1)]!, width], a.hidden);
  });
  declareConv(layout, "image", widths.at(-1)!, a.channels, 3, { gain: 1 });
  if (a.encoder) declareEncoder(layout, a);
  return layout.build();
}

/**
 * Map and code to image: maps [N, 3, S, S] in [0, 1], z [N, latent] => [N, channels, S, S] in [-1, 1]. A layer makes maps of 4 pixels
 * of the code; a residual block at each resolution sees the semantic map at its size, by which alone its content reaches the image
 * (arXiv 1903.07291, section 3 and appendix A). Maps are made smaller by means of pixels, so that small lesions do not vanish.
 */
export function paintMaps(a: SpadeArchitecture, weights: Weights, maps: Tensor, z: Tensor | null): Tensor {
  const [count] = maps.shape;
  let x = reshape(linear(weights, "code", z!), [count!, a.generatorWidths[0]!, SEED_RESOLUTION, SEED_RESOLUTION]);
  a.generatorWidths.forEach((_, stage) => {
    if (stage > 0) x = upsample(x);
    x = adaptiveBlock(weights, `stage${stage}`, x, reduced(maps, x.shape[3]!));
  });
  return tanh(conv(weights, "image", leakyRelu(x, SLOPE)));
}
