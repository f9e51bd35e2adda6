import { add, leakyRelu, mul, reshape, slice, type Tensor } from "../../graph/index.ts";
import { SLOPE, upsampleBilinear } from "../layers.ts";
import { LayoutBuilder, type ParameterLayout, type Weights } from "../parameters.ts";
import { SEED_RESOLUTION } from "../stage-widths.ts";
import { noiseSides, type Stylegan2Architecture, styleCount } from "./architecture.ts";
import { declareMapping, mapping, truncated } from "./mapping.ts";
import { declareModulated, modulated, styleOf } from "./modulated-convolution.ts";

/** Name of the middle of w of each class, [classes, code]: no weight, a moving mean. It is the layout's last. */
export const MIDDLE = "middle";

/** Convolutions of a stage with their place in the order of styles and noises. */
function convolutionsOf(stage: number): readonly { name: string; place: number; enlarges: boolean }[] {
  const convolution = (name: string, place: number, enlarges: boolean) => ({
    name: `stage${stage}.${name}`,
    place,
    enlarges,
  });
  return stage === 0
    ? [convolution("first", 0, false)]
    : [convolution("first", 2 * stage - 1, true), convolution("second", 2 * stage, false)];
}

const imageName = (stage: number): string => `stage${stage}.image`;

/** Layers whose outputs are the channels of an image. */
export const imageLayers = ({ generatorWidths }: Stylegan2Architecture): string[] =>
  generatorWidths.map((_, stage) => imageName(stage));

/** Weights of the generator. */
export function stylegan2GeneratorLayout(a: Stylegan2Architecture): ParameterLayout {
  const layout = new LayoutBuilder();
  const { code } = a;
  declareMapping(layout, a);
  layout.add({
    name: "seed",
    shape: [1, a.generatorWidths[0]!, SEED_RESOLUTION, SEED_RESOLUTION],
    deviation: 1,
    rate: 1,
  });
  a.generatorWidths.forEach((outputs, stage) => {
    for (const { name, enlarges } of convolutionsOf(stage)) {
      const inputs = enlarges ? a.generatorWidths[stage - 1]! : outputs;
      declareModulated(layout, name, code, { inputs, outputs, kernel: 3 });
      layout.add({ name: `${name}.noise`, shape: [1, 1, 1], deviation: 0, rate: 1 });
    }
    declareModulated(layout, imageName(stage), code, { inputs: outputs, outputs: a.channels, kernel: 1 });
  });
  layout.add({ name: MIDDLE, shape: [a.classes, code], deviation: 0, rate: 0 });
  return layout.build();
}

const biasOf = (weights: Weights, name: string): Tensor => {
  const bias = weights[`${name}.bias`]!;
  return reshape(bias, [bias.shape[0]!, 1, 1]);
};

/** Keeps the mean square of a layer with unit variance behind the rectifier. */
const GAIN = Math.sqrt(2 / (1 + SLOPE * SLOPE));

/**
 * Styles to image: ws, one [N, code] for each of {@link styleCount}, and the noise of all convolutions [N, latent - code] =>
 * [N, channels, S, S], around [-1, 1] (Karras et al. 2020, arXiv 1912.04958, figure 2 c and figure 7 b). Doubling by
 * linear interpolation is the filter [1, 3, 3, 1] of the paper, the border repeated. The strength of the noise is learnt from zero.
 */
export function paint(a: Stylegan2Architecture, weights: Weights, ws: readonly Tensor[], noise: Tensor): Tensor {
  const count = noise.shape[0]!;
  const sides = noiseSides(a.generatorWidths.length);
  let noiseStart = 0;
  let x = weights.seed!;
  let image: Tensor | undefined;
  a.generatorWidths.forEach((_, stage) => {
    for (const { name, place, enlarges } of convolutionsOf(stage)) {
      const side = sides[place]!;
      const style = styleOf(weights, name, ws[place]!);
      const y = modulated(weights[`${name}.weight`]!, x, style, {
        demodulate: true,
        ...(enlarges ? { enlarge: upsampleBilinear } : {}),
      });
      const own = reshape(slice(noise, [0, noiseStart], [count, side ** 2]), [count, 1, side, side]);
      noiseStart += side ** 2;
      const noisy = add(y, mul(own, weights[`${name}.noise`]!));
      x = mul(leakyRelu(add(noisy, biasOf(weights, name)), SLOPE), GAIN);
    }
    const name = imageName(stage);
    const style = styleOf(weights, name, ws[2 * stage + 1]!);
    const own = modulated(weights[`${name}.weight`]!, x, style, { demodulate: false });
    const seen = add(own, biasOf(weights, name));
    image = image === undefined ? seen : add(upsampleBilinear(image), seen);
  });
  return image!;
}

/** The two parts of a latent [N, latent]: z [N, code] and the noise of the convolutions. */
export function splitLatent(a: Stylegan2Architecture, latent: Tensor): { readonly z: Tensor; readonly noise: Tensor } {
  const count = latent.shape[0]!;
  return {
    z: slice(latent, [0, 0], [count, a.code]),
    noise: slice(latent, [0, a.code], [count, a.latent - a.code]),
  };
}

/**
 * latent [N, latent] and one-hot labels [N, classes] => images [N, channels, S, S]. The noise is part of the latent, so that one
 * latent gives one image.
 * @param psi [N, 1], how far w goes from the middle of its class. Defaults to all of the way.
 */
export function generateStylegan2(
  a: Stylegan2Architecture,
  weights: Weights,
  latent: Tensor,
  labels: Tensor,
  psi?: Tensor,
): Tensor {
  const { z, noise } = splitLatent(a, latent);
  const w = mapping(a, weights, z, labels);
  const used = psi === undefined ? w : truncated(w, labels, weights[MIDDLE]!, psi);
  return paint(
    a,
    weights,
    Array.from({ length: styleCount(a) }, () => used),
    noise,
  );
}
