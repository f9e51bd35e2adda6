import { GanglionError } from "../../core/errors.ts";
import type { Architecture } from "../family.ts";
import type { FrozenNetwork } from "../frozen-network.ts";
import { designPatchScales, type PatchScales, type PatchSizes } from "../patch-scales.ts";
import type { Preset } from "../presets.ts";

/** Everything that fixes the shapes of both networks; written to `config.json` and to every checkpoint. */
export interface Pix2pixhdArchitecture extends Architecture, PatchScales {
  readonly model: "pix2pixhd";
  /** One map gives one image. */
  readonly latent: 0;
  /** Feature maps of the generator at the whole resolution, half of it, ... down to 8 pixels. */
  readonly generatorWidths: readonly number[];
  /** Residual blocks at 8 pixels. */
  readonly coarseBlocks: number;
  /** Residual blocks at half the resolution, behind the sum of both networks. */
  readonly fineBlocks: number;
}

/** Width and depth of both networks, whatever the resolution. */
export interface Pix2pixhdSize extends PatchSizes {
  /** Feature maps of the generator at the whole resolution; each halving doubles them up to `widest`. */
  readonly generatorMaps: number;
  readonly coarseBlocks: number;
  readonly fineBlocks: number;
  /** A frozen network in whose layers generated images are compared with real ones. Defaults to none. */
  readonly frozen?: FrozenNetwork | undefined;
}

const small: Pix2pixhdSize = {
  generatorMaps: 16,
  widest: 128,
  coarseBlocks: 4,
  fineBlocks: 2,
  discriminatorMaps: 32,
  discriminatorHalvings: 2,
  discriminatorScales: 2,
};

/** The coarser discriminator's patch is about the whole image up to 128 pixels, and half of it at 256. */
export const pix2pixhdSizes: Readonly<Record<Preset, Pix2pixhdSize>> = {
  tiny: { ...small, coarseBlocks: 3, discriminatorHalvings: 1 },
  small,
  base: { ...small, generatorMaps: 12, widest: 96, discriminatorMaps: 24, discriminatorHalvings: 3 },
  large: { ...small, generatorMaps: 8, widest: 64, discriminatorMaps: 16, discriminatorHalvings: 3 },
};

/** Lowest resolution inside the generator, in pixels. */
const LOWEST = 8;

/**
 * Shapes of the networks of a size at a resolution.
 * @throws GanglionError `usage` when the resolution is not 16, 32, ... 256, or the discriminators halve too often for it
 */
export function designPix2pixhd(
  size: Pix2pixhdSize,
  { resolution, channels, classes }: { resolution: number; channels: 1 | 3; classes: number },
): Pix2pixhdArchitecture {
  const halvings = Math.log2(resolution / LOWEST);
  if (!Number.isInteger(halvings) || halvings < 1 || resolution > 256) {
    throw new GanglionError(
      "usage",
      `--resolution ${resolution} does not fit: pix2pixhd halves images down to ${LOWEST} pixels; use 16, 32, 64, 128 or 256`,
    );
  }
  const { coarseBlocks, fineBlocks } = size;
  return {
    model: "pix2pixhd",
    resolution,
    channels,
    classes,
    latent: 0,
    generatorWidths: Array.from({ length: halvings + 1 }, (_, i) => Math.min(size.widest, size.generatorMaps * 2 ** i)),
    coarseBlocks,
    fineBlocks,
    ...designPatchScales(size, resolution),
  };
}
