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
  /** Length of the whole latent: the code, then one number a pixel for each resolution from 8 pixels up. */
  readonly latent: number;
  /** Length of the part of the latent that says what is drawn; the rest is noise that becomes texture. */
  readonly code: number;
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
  readonly code: number;
  readonly embedding: number;
  /** Feature maps of the generator at the highest resolution; each halving doubles them up to `widest`. */
  readonly generatorMaps: number;
  /** The same for the discriminator, which has to see texture that the generator gets as noise. */
  readonly discriminatorMaps: number;
  readonly widest: number;
  readonly blocks: number;
}

/** Presets name width and depth, not a data set. */
const presetShapes: Readonly<Record<Preset, PresetShape>> = {
  tiny: {
    resolution: 32,
    code: 64,
    embedding: 32,
    generatorMaps: 16,
    discriminatorMaps: 32,
    widest: 128,
    blocks: 1,
  },
  small: {
    resolution: 64,
    code: 128,
    embedding: 64,
    generatorMaps: 16,
    discriminatorMaps: 16,
    widest: 128,
    blocks: 1,
  },
  base: {
    resolution: 128,
    code: 256,
    embedding: 128,
    generatorMaps: 32,
    discriminatorMaps: 32,
    widest: 256,
    blocks: 1,
  },
  large: {
    resolution: 256,
    code: 512,
    embedding: 128,
    generatorMaps: 32,
    discriminatorMaps: 32,
    widest: 512,
    blocks: 2,
  },
};

/** Resolution that a preset is made for, in pixels. */
export const presetResolution = (preset: Preset): number => presetShapes[preset].resolution;

/** Lowest resolution inside the networks, in pixels. */
export const SEED_RESOLUTION = 4;

/** Noise numbers of each stage: none at the lowest resolution, one a pixel above. */
export function noiseLengths(generatorWidths: readonly number[]): number[] {
  return generatorWidths.map((_, stage) => (stage === 0 ? 0 : (SEED_RESOLUTION * 2 ** stage) ** 2));
}

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
  const widthsFrom = (maps: number) =>
    Array.from({ length: stages + 1 }, (_, stage) => Math.min(shape.widest, maps * 2 ** (stages - stage)));
  const generatorWidths = widthsFrom(shape.generatorMaps);
  return {
    model: "r3gan",
    resolution,
    channels,
    classes,
    latent: shape.code + noiseLengths(generatorWidths).reduce((sum, n) => sum + n, 0),
    code: shape.code,
    embedding: shape.embedding,
    generatorWidths,
    discriminatorWidths: widthsFrom(shape.discriminatorMaps),
    blocks: shape.blocks,
  };
}
