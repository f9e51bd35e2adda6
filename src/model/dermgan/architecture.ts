import { GanglionError } from "../../core/errors.ts";
import type { Architecture } from "../family.ts";
import type { Preset } from "../presets.ts";

/** What several images of one map differ by. */
export const LATENT_KINDS = ["none", "bottleneck", "noise"] as const;
/**
 * `none`: one map gives one image, as in the paper. `bottleneck`: a code is mapped to the lowest maps. `noise`: one number a
 * pixel is added to the maps of every stage on the way up.
 */
export type LatentKind = (typeof LATENT_KINDS)[number];

/** Everything that fixes the shapes of both networks; written to `config.json` and to every checkpoint. */
export interface DermganArchitecture extends Architecture {
  readonly model: "dermgan";
  readonly latentKind: LatentKind;
  /** Feature maps of the generator at half the resolution, a quarter, ... down to 4 pixels. */
  readonly generatorWidths: readonly number[];
  /** Enlarges by nearest-neighbour resizing and a convolution, as in the paper; false: by transposed convolutions. */
  readonly resizeConv: boolean;
  /** Feature maps of the discriminator's convolutions but the last, first to last. */
  readonly discriminatorWidths: readonly number[];
}

/** Width and depth of both networks, whatever the resolution. */
export interface DermganSize {
  /** Feature maps of the generator at half the resolution; each halving doubles them up to `widest`. */
  readonly generatorMaps: number;
  /** The same for the discriminator's first convolution. */
  readonly discriminatorMaps: number;
  readonly widest: number;
  /** Halvings of the discriminator: a logit scores a patch of 16, 34, 70 or 142 pixels for 1, 2, 3 or 4. */
  readonly discriminatorHalvings: number;
  readonly latentKind: LatentKind;
  /** Length of the code of `bottleneck`. */
  readonly code: number;
  readonly resizeConv: boolean;
}

const size = (changes: Partial<DermganSize>): DermganSize => ({
  generatorMaps: 32,
  discriminatorMaps: 32,
  widest: 256,
  discriminatorHalvings: 2,
  latentKind: "noise",
  code: 16,
  resizeConv: true,
  ...changes,
});

/** The patch is near a quarter to a half of the image, as pix2pix's 70 of 256 pixels (arXiv 1611.07004, section 4.4). */
export const dermganSizes: Readonly<Record<Preset, DermganSize>> = {
  tiny: size({ discriminatorHalvings: 1, widest: 128 }),
  small: size({ widest: 128 }),
  base: size({ discriminatorHalvings: 3, generatorMaps: 24, discriminatorMaps: 24, widest: 128 }),
  large: size({ discriminatorHalvings: 3, generatorMaps: 16, discriminatorMaps: 16, widest: 128 }),
};

/** Lowest resolution of the generator, in pixels: instance normalisation needs pixels to take a mean over. */
export const BOTTLENECK_RESOLUTION = 4;

/**
 * Shapes of both networks of a size at a resolution.
 * @throws GanglionError `usage` when the resolution is not 16, 32, ... 256, or the discriminator halves too often for it
 */
export function designDermgan(
  size: DermganSize,
  { resolution, channels, classes }: { resolution: number; channels: 1 | 3; classes: number },
): DermganArchitecture {
  const halvings = Math.log2(resolution / BOTTLENECK_RESOLUTION);
  if (!Number.isInteger(halvings) || halvings < 2 || resolution > 256) {
    throw new GanglionError(
      "usage",
      `--resolution ${resolution} does not fit: dermgan halves images down to 4 pixels; use 16, 32, 64, 128 or 256`,
    );
  }
  if (resolution / 2 ** size.discriminatorHalvings < 4) {
    throw new GanglionError(
      "usage",
      `--set networks.discriminatorHalvings=${size.discriminatorHalvings} does not fit ${resolution} pixels: less than 4 are left; use ${halvings} at most`,
    );
  }
  const widths = (maps: number, count: number) =>
    Array.from({ length: count }, (_, i) => Math.min(size.widest, maps * 2 ** i));
  const noise = Array.from({ length: halvings }, (_, i) => (resolution / 2 ** i) ** 2).reduce((a, b) => a + b, 0);
  return {
    model: "dermgan",
    resolution,
    channels,
    classes,
    latent: { none: 0, bottleneck: size.code, noise }[size.latentKind],
    latentKind: size.latentKind,
    generatorWidths: widths(size.generatorMaps, halvings),
    resizeConv: size.resizeConv,
    discriminatorWidths: widths(size.discriminatorMaps, size.discriminatorHalvings + 1),
  };
}
