import { GanglionError } from "../core/errors.ts";
import { averagePool, conv2d, leakyRelu, type Tensor } from "../graph/index.ts";
import { standardised } from "./instance-norm.ts";
import { declareConv, SLOPE } from "./layers.ts";
import type { LayoutBuilder, Weights } from "./parameters.ts";

/** Discriminators of patches at several scales (arXiv 1711.11585, section 3.2). */
export interface PatchScales {
  /** Feature maps of the convolutions of each discriminator but the last, first to last. */
  readonly discriminatorWidths: readonly number[];
  /** Discriminators: the first sees what it is given, each other one that at half the size of the one before. */
  readonly discriminatorScales: number;
}

/** Width and height of every kernel. */
const KERNEL = 4;

/** Convolutions of a discriminator by name and the maps that they give, first to last; the last gives logits. */
function layersOf({ discriminatorWidths: widths }: PatchScales, scale: number): { name: string; outputs: number }[] {
  const own = (name: string, outputs: number) => ({ name: `scale${scale}.${name}`, outputs });
  return [...widths.map((width, i) => own(`conv${i}`, width)), own("logit", 1)];
}

/**
 * Declares the discriminators of `inputs` channels.
 * @returns The convolutions of all of them by name, with the maps that they give.
 */
export function declarePatchScales(
  layout: LayoutBuilder,
  scales: PatchScales,
  inputs: number,
): { readonly name: string; readonly outputs: number }[] {
  return Array.from({ length: scales.discriminatorScales }, (_, scale) => {
    const layers = layersOf(scales, scale);
    layers.forEach(({ name, outputs }, i) => {
      // A bias in front of a normalisation is taken away by it.
      const bias = i === 0 || i === layers.length - 1;
      declareConv(layout, name, layers[i - 1]?.outputs ?? inputs, outputs, KERNEL, { bias });
    });
    return layers;
  }).flat();
}

/** What one discriminator says of images. */
export interface ScaleScores {
  /** Of patches, [N, 1, H, W]; greater is more real. */
  readonly logits: Tensor;
  /** Behind each convolution but the last, normalised and rectified, [N, maps, H', W'] each: what feature matching compares. */
  readonly features: readonly Tensor[];
}

/**
 * Scores of maps and images, joined, [N, inputs, S, S]: convolutions of which all but the last two halve.
 * @param kernelOf The kernel of a layer by its name. Defaults to its weight.
 */
export function scorePatchScales(
  scales: PatchScales,
  weights: Weights,
  given: Tensor,
  kernelOf: (layer: string) => Tensor = (layer) => weights[`${layer}.weight`]!,
): ScaleScores[] {
  let seen = given;
  return Array.from({ length: scales.discriminatorScales }, (_, scale) => {
    if (scale > 0) seen = averagePool(seen);
    const layers = layersOf(scales, scale);
    const last = layers.length - 1;
    const features: Tensor[] = [];
    let x = seen;
    layers.forEach(({ name }, i) => {
      x = conv2d(x, kernelOf(name), { stride: i < last - 1 ? 2 : 1, padding: 1 }, weights[`${name}.bias`]);
      if (i === last) return;
      x = leakyRelu(i === 0 ? x : standardised(x), SLOPE);
      features.push(x);
    });
    return { logits: x, features };
  });
}

/** Width and height that the last halving of the coarsest discriminator leaves, in pixels, at least. */
const LEAST_PATCHES = 4;

/** Of each discriminator. */
export interface PatchSizes {
  /** Feature maps of its first convolution; each further one has twice as many up to `widest`. */
  readonly discriminatorMaps: number;
  readonly widest: number;
  /** Halvings: a logit scores a patch of 16, 34, 70 or 142 pixels for 1, 2, 3 or 4. */
  readonly discriminatorHalvings: number;
  readonly discriminatorScales: number;
}

/** Shapes of discriminators of a size. @throws GanglionError `usage` where they halve too often for a resolution */
export function designPatchScales(size: PatchSizes, resolution: number): PatchScales {
  const { discriminatorHalvings: halvings, discriminatorScales } = size;
  const most = Math.log2(resolution / LEAST_PATCHES);
  if (halvings + discriminatorScales - 1 > most) {
    throw new GanglionError(
      "usage",
      `--set networks.discriminatorHalvings=${halvings} and networks.discriminatorScales=${discriminatorScales} do not fit ${resolution} pixels: less than ${LEAST_PATCHES} are left; let them add up to ${most + 1} at most`,
    );
  }
  const discriminatorWidths = Array.from({ length: halvings + 1 }, (_, i) =>
    Math.min(size.widest, size.discriminatorMaps * 2 ** i),
  );
  return { discriminatorWidths, discriminatorScales };
}
