import type { Architecture } from "../family.ts";
import type { FeatureTap, FrozenNetwork } from "../frozen-network.ts";
import type { Preset } from "../presets.ts";
import { SEED_RESOLUTION, type StageSizes, stageWidths } from "../stage-widths.ts";

/** Everything that fixes the shapes of both networks; written to `config.json` and to every checkpoint. */
export interface R3ganArchitecture extends Architecture {
  readonly model: "r3gan";
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
  /** Layers of a frozen network that heads of D judge beside it. Defaults to none. */
  readonly heads?: readonly FeatureTap[] | undefined;
}

/** Width and depth of both networks, whatever the resolution. */
export interface NetworkSize extends StageSizes {
  /** Length of the part of the latent that says what is drawn. */
  readonly code: number;
  /** Length of the class embedding. */
  readonly embedding: number;
  /** Residual blocks at each resolution. */
  readonly blocks: number;
  /** A frozen network whose layers heads of D judge beside it. Defaults to none. */
  readonly frozen?: FrozenNetwork | undefined;
}

const small: NetworkSize = {
  code: 128,
  embedding: 64,
  generatorMaps: 16,
  discriminatorMaps: 16,
  widest: 128,
  blocks: 1,
};

/**
 * `base` and `large` are `small` with layers on top that have as many maps as its last one: what a training at 64 pixels grows to,
 * and cheap where a map costs most.
 */
export const presetNetworks: Readonly<Record<Preset, NetworkSize>> = {
  tiny: { code: 64, embedding: 32, generatorMaps: 16, discriminatorMaps: 32, widest: 128, blocks: 1 },
  small,
  base: { ...small, mapsAt: 64 },
  large: { ...small, mapsAt: 64 },
};

/** Sizes that presets had in earlier versions, which files of generators still have. */
export const earlierNetworks: readonly { readonly preset: Preset; readonly networks: NetworkSize }[] = [
  {
    preset: "base",
    networks: { code: 256, embedding: 128, generatorMaps: 32, discriminatorMaps: 32, widest: 256, blocks: 1 },
  },
  {
    preset: "large",
    networks: { code: 512, embedding: 128, generatorMaps: 32, discriminatorMaps: 32, widest: 512, blocks: 2 },
  },
];

/** Noise numbers of each stage: none at the lowest resolution, one a pixel above. */
export function noiseLengths(generatorWidths: readonly number[]): number[] {
  return generatorWidths.map((_, stage) => (stage === 0 ? 0 : (SEED_RESOLUTION * 2 ** stage) ** 2));
}

/**
 * Shapes of both networks of a size at a resolution.
 * @throws GanglionError `usage` when the resolution is not 8, 16, 32, ... 256
 */
export function designArchitecture(
  size: NetworkSize,
  { resolution, channels, classes }: { resolution: number; channels: 1 | 3; classes: number },
): R3ganArchitecture {
  const { generatorWidths, discriminatorWidths } = stageWidths(size, resolution);
  return {
    model: "r3gan",
    resolution,
    channels,
    classes,
    latent: size.code + noiseLengths(generatorWidths).reduce((sum, n) => sum + n, 0),
    code: size.code,
    embedding: size.embedding,
    generatorWidths,
    discriminatorWidths,
    blocks: size.blocks,
    ...(size.frozen === undefined ? {} : { heads: size.frozen.taps }),
  };
}
