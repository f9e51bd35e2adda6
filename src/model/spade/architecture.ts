import type { Architecture } from "../family.ts";
import type { FrozenNetwork } from "../frozen-network.ts";
import { designPatchScales, type PatchScales, type PatchSizes } from "../patch-scales.ts";
import type { Preset } from "../presets.ts";
import { type StageSizes, stageWidths } from "../stage-widths.ts";

/** Everything that fixes the shapes of both networks; written to `config.json` and to every checkpoint. */
export interface SpadeArchitecture extends Architecture, PatchScales {
  readonly model: "spade";
  /** Feature maps of the generator at 4, 8, 16, ... pixels. */
  readonly generatorWidths: readonly number[];
  /** Feature maps between the semantic map and the scales and shifts of a normalisation. */
  readonly hidden: number;
  /** Whether an image encoder belongs to the generator while it is trained. */
  readonly encoder: boolean;
}

/** Width and depth of the networks, whatever the resolution. */
export interface SpadeSize extends StageSizes, PatchSizes {
  readonly hidden: number;
  /** Length of z. */
  readonly code: number;
  readonly encoder: boolean;
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

/**
 * Shapes of the networks of a size at a resolution.
 * @throws GanglionError `usage` when the resolution is not 8, 16, 32, ... 256, or the discriminators halve too often for it
 */
export function designSpade(
  size: SpadeSize,
  { resolution, channels, classes }: { resolution: number; channels: 1 | 3; classes: number },
): SpadeArchitecture {
  const { generatorWidths } = stageWidths(size, resolution);
  return {
    model: "spade",
    resolution,
    channels,
    classes,
    latent: size.code,
    generatorWidths,
    hidden: size.hidden,
    encoder: size.encoder,
    ...designPatchScales(size, resolution),
  };
}
