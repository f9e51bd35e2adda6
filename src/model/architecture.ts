import { GanglionError } from "../core/errors.ts";

export const PRESETS = ["tiny", "small", "base", "large"] as const;
export type Preset = (typeof PRESETS)[number];

/** Everything that fixes the shapes of both networks; written to `config.json` and to every checkpoint. */
export interface Architecture {
  readonly model: "r3gan";
  /** Width and height of the images in pixels, 4 times a power of two. */
  readonly resolution: number;
  /** 1 grey, 3 sRGB. */
  readonly channels: 1 | 3;
  readonly classes: number;
  /** Length of the latent z. */
  readonly latent: number;
  /** Length of the class embedding that is joined to z. */
  readonly embedding: number;
  /** Feature maps of the generator at 4, 8, 16, ... pixels. */
  readonly generatorWidths: readonly number[];
  /** Feature maps of the discriminator at 4, 8, 16, ... pixels. */
  readonly discriminatorWidths: readonly number[];
  /** Residual blocks at each resolution. */
  readonly blocks: number;
}

interface PresetShape {
  /** Resolution that the preset is made for. */
  readonly resolution: number;
  readonly latent: number;
  readonly embedding: number;
  /** Feature maps at the highest resolution; each halving doubles them up to `widest`. */
  readonly narrowest: number;
  readonly widest: number;
  readonly blocks: number;
}

/** Presets name width and depth, not a data set. */
const presetShapes: Readonly<Record<Preset, PresetShape>> = {
  tiny: { resolution: 32, latent: 64, embedding: 32, narrowest: 16, widest: 128, blocks: 1 },
  small: { resolution: 64, latent: 128, embedding: 64, narrowest: 32, widest: 128, blocks: 1 },
  base: { resolution: 128, latent: 256, embedding: 128, narrowest: 32, widest: 256, blocks: 1 },
  large: { resolution: 256, latent: 512, embedding: 128, narrowest: 32, widest: 512, blocks: 2 },
};

/** Resolution that a preset is made for, in pixels. */
export const presetResolution = (preset: Preset): number => presetShapes[preset].resolution;

/** Lowest resolution inside the networks, in pixels. */
export const SEED_RESOLUTION = 4;

/**
 * Shapes of both networks for a preset at a resolution.
 * @throws GanglionError `usage` when the resolution is not 8, 16, 32, ... 256
 */
export function designArchitecture(
  preset: Preset,
  { resolution, channels, classes }: { resolution: number; channels: 1 | 3; classes: number },
): Architecture {
  const stages = Math.log2(resolution / SEED_RESOLUTION);
  if (!Number.isInteger(stages) || stages < 1 || resolution > 256) {
    throw new GanglionError(
      "usage",
      `--resolution ${resolution} does not fit: the networks double from 4 pixels; use 8, 16, 32, 64, 128 or 256`,
    );
  }
  const shape = presetShapes[preset];
  const widths = Array.from({ length: stages + 1 }, (_, stage) =>
    Math.min(shape.widest, shape.narrowest * 2 ** (stages - stage)),
  );
  return {
    model: "r3gan",
    resolution,
    channels,
    classes,
    latent: shape.latent,
    embedding: shape.embedding,
    generatorWidths: widths,
    discriminatorWidths: widths,
    blocks: shape.blocks,
  };
}
