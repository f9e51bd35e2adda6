import type { Architecture } from "../family.ts";
import type { Preset } from "../presets.ts";
import { type StageSizes, stageWidths } from "../stage-widths.ts";

/** Everything that fixes the shapes of both networks; written to `config.json` and to every checkpoint. */
export interface PgganArchitecture extends Architecture {
  readonly model: "pggan";
  /** Feature maps of the generator at 4, 8, 16, ... pixels. */
  readonly generatorWidths: readonly number[];
  /** Feature maps of the discriminator at 4, 8, 16, ... pixels. */
  readonly discriminatorWidths: readonly number[];
}

/** Width of both networks, whatever the resolution. */
export interface PgganSize extends StageSizes {
  /** Length of the latent. */
  readonly code: number;
}

const small: PgganSize = { code: 128, generatorMaps: 16, discriminatorMaps: 16, widest: 128 };

/** The widths are those of the same preset of the default family, so that the two compare at equal size. */
export const pgganSizes: Readonly<Record<Preset, PgganSize>> = {
  tiny: { ...small, code: 64, discriminatorMaps: 32 },
  small,
  base: { ...small, mapsAt: 64 },
  large: { ...small, mapsAt: 64 },
};

/**
 * Shapes of both networks of a size at a resolution.
 * @throws GanglionError `usage` when the resolution is not 8, 16, 32, ... 256
 */
export function designPggan(
  size: PgganSize,
  { resolution, channels, classes }: { resolution: number; channels: 1 | 3; classes: number },
): PgganArchitecture {
  return {
    model: "pggan",
    resolution,
    channels,
    classes,
    latent: size.code,
    ...stageWidths(size, resolution),
  };
}
