import type { Architecture } from "../family.ts";
import type { Preset } from "../presets.ts";
import { SEED_RESOLUTION, type StageSizes, stageWidths } from "../stage-widths.ts";

/** Everything that fixes the shapes of both networks; written to `config.json` and to every checkpoint. */
export interface Stylegan2Architecture extends Architecture {
  readonly model: "stylegan2";
  /** Length of the whole latent: z, then one number a pixel for each convolution of the generator. */
  readonly latent: number;
  /** Length of z and of w. */
  readonly code: number;
  /** Length of the class embedding that is joined to z. */
  readonly embedding: number;
  /** Layers of the mapping network. */
  readonly mapping: number;
  /** Feature maps of the generator at 4, 8, 16, ... pixels. */
  readonly generatorWidths: readonly number[];
  /** Feature maps of the discriminator at 4, 8, 16, ... pixels. */
  readonly discriminatorWidths: readonly number[];
}

/** Width and depth of both networks, whatever the resolution. */
export interface Stylegan2Size extends StageSizes {
  /** Length of z and of w. */
  readonly code: number;
  /** Length of the class embedding. */
  readonly embedding: number;
  /** Layers of the mapping network. */
  readonly mapping: number;
}

const small: Stylegan2Size = {
  code: 128,
  embedding: 64,
  mapping: 4,
  generatorMaps: 16,
  discriminatorMaps: 16,
  widest: 128,
};

/** The widths are those of the same preset of the default family, so that the two compare at equal size. */
export const stylegan2Sizes: Readonly<Record<Preset, Stylegan2Size>> = {
  tiny: { ...small, code: 64, embedding: 32, mapping: 2, discriminatorMaps: 32 },
  small,
  base: { ...small, mapsAt: 64 },
  large: { ...small, mapsAt: 64 },
};

/** Width and height in pixels at a stage. */
const sideAt = (stage: number): number => SEED_RESOLUTION * 2 ** stage;

/** Numbers of noise of each convolution, in order: one at the lowest resolution, two at each above. */
export const noiseSides = (stages: number): number[] =>
  Array.from({ length: stages }, (_, stage) => (stage === 0 ? [sideAt(0)] : [sideAt(stage), sideAt(stage)])).flat();

/** Styles of a generator: one for each convolution, and the last one for the last layer to the image alone. */
export const styleCount = ({ generatorWidths }: Pick<Stylegan2Architecture, "generatorWidths">): number =>
  2 * generatorWidths.length;

/**
 * Shapes of both networks of a size at a resolution.
 * @throws GanglionError `usage` when the resolution is not 8, 16, 32, ... 256
 */
export function designStylegan2(
  size: Stylegan2Size,
  { resolution, channels, classes }: { resolution: number; channels: 1 | 3; classes: number },
): Stylegan2Architecture {
  const widths = stageWidths(size, resolution);
  const noise = noiseSides(widths.generatorWidths.length).reduce((sum, side) => sum + side ** 2, 0);
  return {
    model: "stylegan2",
    resolution,
    channels,
    classes,
    latent: size.code + noise,
    code: size.code,
    embedding: size.embedding,
    mapping: size.mapping,
    ...widths,
  };
}
