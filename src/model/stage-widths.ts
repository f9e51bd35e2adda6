import { GanglionError } from "../core/errors.ts";

/** Widths of networks that double from 4 pixels up. */
export interface StageSizes {
  /** Feature maps of the generator at the highest resolution; each halving doubles them up to `widest`. */
  readonly generatorMaps: number;
  /** The same for the discriminator, which has to see texture that the generator gets as noise. */
  readonly discriminatorMaps: number;
  /** Most feature maps at any resolution. */
  readonly widest: number;
  /**
   * Resolution that `generatorMaps` and `discriminatorMaps` are for, in pixels: lower ones have more as ever, higher ones as many,
   * so that networks that are grown or cut keep the widths that they have. Defaults to the resolution of the images.
   */
  readonly mapsAt?: number | undefined;
}

/** Lowest resolution inside the networks, in pixels. */
export const SEED_RESOLUTION = 4;

/**
 * Feature maps of both networks at 4, 8, 16, ... pixels.
 * @throws GanglionError `usage` when the resolution is not 8, 16, 32, ... 256
 */
export function stageWidths(
  size: StageSizes,
  resolution: number,
): { readonly generatorWidths: number[]; readonly discriminatorWidths: number[] } {
  const stages = Math.log2(resolution / SEED_RESOLUTION);
  if (!Number.isInteger(stages) || stages < 1 || resolution > 256) {
    throw new GanglionError(
      "usage",
      `--resolution ${resolution} does not fit: the networks double from 4 pixels; use 8, 16, 32, 64, 128 or 256`,
    );
  }
  const mapsAt = Math.log2((size.mapsAt ?? resolution) / SEED_RESOLUTION);
  const widthsFrom = (maps: number) =>
    Array.from({ length: stages + 1 }, (_, stage) => Math.min(size.widest, maps * 2 ** Math.max(0, mapsAt - stage)));
  return { generatorWidths: widthsFrom(size.generatorMaps), discriminatorWidths: widthsFrom(size.discriminatorMaps) };
}
