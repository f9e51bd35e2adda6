import { GanglionError } from "../../core/errors.ts";
import type { FrozenNetwork } from "../frozen-network.ts";
import type { Preset } from "../presets.ts";
import { type StageSizes, stageWidths } from "../stage-widths.ts";

/** Everything that fixes the shapes of both networks; written to `config.json` and to every checkpoint. */
export interface SpadeArchitecture {
  readonly model: "spade";
  /** Width and height of the images in pixels, 4 times a power of two. */
  readonly resolution: number;
  /** 1 grey, 3 sRGB. */
  readonly channels: 1 | 3;
  readonly classes: number;
  /** Length of z. */
  readonly latent: number;
  /** Feature maps of the generator at 4, 8, 16, ... pixels. */
  readonly generatorWidths: readonly number[];
  /** Feature maps between the semantic map and the scales and shifts of a normalisation. */
  readonly hidden: number;
  /** Whether an image encoder belongs to the generator while it is trained. */
  readonly encoder: boolean;
  /** Feature maps of the convolutions of each discriminator but the last, first to last. */
  readonly discriminatorWidths: readonly number[];
  /** Discriminators: the first sees map and image, each other one both at half the size of the one before. */
  readonly discriminatorScales: number;
}

/** Width and depth of the networks, whatever the resolution. */
export interface SpadeSize extends StageSizes {
  /** Feature maps of each discriminator's first convolution; each further one has twice as many up to `widest`. */
  readonly discriminatorMaps: number;
  readonly hidden: number;
  /** Length of z. */
  readonly code: number;
  readonly encoder: boolean;
  /** Halvings of each discriminator: a logit scores a patch of 16, 34, 70 or 142 pixels for 1, 2, 3 or 4. */
  readonly discriminatorHalvings: number;
  readonly discriminatorScales: number;
  /** A frozen network in whose layers generated images are compared with real ones. Defaults to none. */
  readonly frozen?: FrozenNetwork | undefined;
}

const small: SpadeSize = {
  generatorMaps: 16,
  widest: 128,
  hidden: 16,
  code: 64,
  encoder: true,
  discriminatorMaps: 32,
  discriminatorHalvings: 2,
  discriminatorScales: 2,
};

/** The coarser discriminator's patch is about the whole image up to 128 pixels, and half of it at 256. */
export const spadeSizes: Readonly<Record<Preset, SpadeSize>> = {
  tiny: { ...small, discriminatorHalvings: 1 },
  small,
  base: { ...small, mapsAt: 64, discriminatorMaps: 24, discriminatorHalvings: 3 },
  large: { ...small, mapsAt: 64, discriminatorMaps: 16, discriminatorHalvings: 3 },
};

/** Width and height that the last halving of the coarsest discriminator leaves, in pixels, at least. */
const LEAST_PATCHES = 4;

/**
 * Shapes of the networks of a size at a resolution.
 * @throws GanglionError `usage` when the resolution is not 8, 16, 32, ... 256, or the discriminators halve too often for it
 */
export function designSpade(
  size: SpadeSize,
  { resolution, channels, classes }: { resolution: number; channels: 1 | 3; classes: number },
): SpadeArchitecture {
  const { generatorWidths } = stageWidths(size, resolution);
  const { discriminatorHalvings: halvings, discriminatorScales: scales } = size;
  const most = Math.log2(resolution / LEAST_PATCHES);
  if (halvings + scales - 1 > most) {
    throw new GanglionError(
      "usage",
      `--set networks.discriminatorHalvings=${halvings} and networks.discriminatorScales=${scales} do not fit ${resolution} pixels: less than ${LEAST_PATCHES} are left; let them add up to ${most + 1} at most`,
    );
  }
  return {
    model: "spade",
    resolution,
    channels,
    classes,
    latent: size.code,
    generatorWidths,
    hidden: size.hidden,
    encoder: size.encoder,
    discriminatorWidths: Array.from({ length: halvings + 1 }, (_, i) =>
      Math.min(size.widest, size.discriminatorMaps * 2 ** i),
    ),
    discriminatorScales: scales,
  };
}
