import { add, averagePool, concat, leakyRelu, mul, reshape, slice, type Tensor, tanh } from "../../graph/index.ts";
import { MAP_CHANNELS } from "../family.ts";
import { blend, linear, type Share, SLOPE, upsampleBilinear } from "../layers.ts";
import { LayoutBuilder, type ParameterLayout, type Weights } from "../parameters.ts";
import { BOTTLENECK_RESOLUTION, type DermganArchitecture } from "./architecture.ts";
import { convolve, declareDoubling, declareKernel, declareNorm, double, halve, instanceNorm } from "./layers.ts";

/** First strength of the noise, a fifth or so of the maps that it is added to: texture is at hand from the start. */
const NOISE_DEVIATION = 0.1;

/**
 * Maps that come out of the doubling to each resolution on the way up, lowest first. At full resolution there are half as many
 * as below, where one map costs as much as all the lowest ones.
 */
const upWidths = ({ generatorWidths }: DermganArchitecture): number[] => [
  ...generatorWidths.slice(0, -1).reverse(),
  Math.ceil(generatorWidths[0]! / 2),
];

/** Weights of the U-Net. */
export function dermganGeneratorLayout(a: DermganArchitecture): ParameterLayout {
  const layout = new LayoutBuilder();
  a.generatorWidths.forEach((width, i) => {
    const before = i === 0 ? MAP_CHANNELS : a.generatorWidths[i - 1]!;
    // The first layer is not normalised: the mean of the map's first channel is the skin tone.
    declareKernel(layout, `down${i}`, [width, before, 4], { bias: i === 0 });
    if (i > 0) declareNorm(layout, `down${i}.norm`, width);
  });
  if (a.fading !== undefined) declareKernel(layout, "before.down0", [a.generatorWidths[1]!, MAP_CHANNELS, 4]);
  const lowest = a.generatorWidths[a.generatorWidths.length - 1]!;
  if (a.latentKind === "bottleneck") {
    const outputs = lowest * BOTTLENECK_RESOLUTION ** 2;
    layout.add({ name: "code.weight", shape: [outputs, a.latent], deviation: 1 / Math.sqrt(a.latent), rate: 1 });
  }
  const ups = upWidths(a);
  ups.forEach((width, i) => {
    const below = i === 0 ? lowest : ups[i - 1]! + skipWidth(a, i - 1);
    declareDoubling(layout, `up${i}`, below, width, a.resizeConv);
    if (a.latentKind === "noise")
      layout.add({ name: `up${i}.noise`, shape: [width, 1, 1], deviation: NOISE_DEVIATION, rate: 1 });
    declareNorm(layout, `up${i}.norm`, width);
  });
  const declareImage = (name: string, width: number) =>
    declareKernel(layout, name, [a.channels, width + MAP_CHANNELS, 3], { gradientOrder: true });
  declareImage("image", ups.at(-1)!);
  if (a.fading !== undefined) declareImage("before.image", ups.at(-2)!);
  return layout.build();
}

/** Maps that the skip to stage `i` of the way up brings; the map itself at full resolution. */
function skipWidth({ generatorWidths }: DermganArchitecture, i: number): number {
  return generatorWidths[generatorWidths.length - 2 - i] ?? MAP_CHANNELS;
}

/**
 * Map to image: maps [N, 3, S, S] in [0, 1] and, where there is one, latent [N, latent] => [N, channels, S, S] in [-1, 1].
 * U-Net of Conv - InstanceNorm - LeakyReLU down to 4 pixels and the reverse up, skips between equal resolutions (Ghorbani
 * et al. 2019, PMLR 116:155-170, section 3; layers of pix2pix, arXiv 1611.07004, section 6.1.1). The map itself is the skip at
 * full resolution, so that tone and region reach the last layer unnormalised.
 * @param share Of networks that are faded in: what the newest layers have in the image, and in what the others are given of the
 * map; the rest is the image of half the resolution, enlarged, from the map at half its size. Defaults to that of the architecture.
 */
export function fillImage(
  a: DermganArchitecture,
  weights: Weights,
  maps: Tensor,
  latent: Tensor | null,
  share: Share | undefined = a.fading,
): Tensor {
  const [count] = maps.shape;
  const half = share === undefined ? null : averagePool(maps);
  const skips: Tensor[] = [maps];
  let x = maps;
  a.generatorWidths.forEach((_, i) => {
    x = halve(weights, `down${i}`, x);
    if (i > 0) x = instanceNorm(weights, `down${i}.norm`, x);
    x = leakyRelu(x, SLOPE);
    if (half !== null && i === 1) x = blend(leakyRelu(halve(weights, "before.down0", half), SLOPE), x, share!);
    skips.push(x);
  });
  skips.pop();
  if (a.latentKind === "bottleneck") x = add(x, reshape(linear(weights, "code", latent!), x.shape));
  let noiseStart = 0;
  /** What comes out of the last doubling and of the one before. */
  let [last, before] = [x, x];
  upWidths(a).forEach((_, i) => {
    x = double(weights, `up${i}`, x, a.resizeConv);
    if (a.latentKind === "noise") {
      const pixels = x.shape[2]! * x.shape[3]!;
      const noise = reshape(slice(latent!, [0, noiseStart], [count!, pixels]), [count!, 1, x.shape[2]!, x.shape[3]!]);
      noiseStart += pixels;
      x = add(x, mul(noise, weights[`up${i}.noise`]!));
    }
    x = leakyRelu(instanceNorm(weights, `up${i}.norm`, x), 0);
    before = last;
    last = x;
    x = concat([x, skips.pop()!], 1);
  });
  const image = tanh(convolve(weights, "image", x));
  if (half === null) return image;
  const small = tanh(convolve(weights, "before.image", concat([before, half], 1)));
  return blend(upsampleBilinear(small), image, share!);
}
