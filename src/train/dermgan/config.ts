import { type DermganArchitecture, type DermganSize, designDermgan } from "../../model/index.ts";
import type { Stage } from "../growth/stages.ts";
import { type Designed, type MapsConfig, networkShape, type RunConfig } from "../run-config.ts";
import type { DermganRecipe } from "./recipe.ts";

/** Configuration of a run of dermgan. */
export interface DermganConfig extends RunConfig {
  readonly networks: DermganSize;
  readonly recipe: DermganRecipe;
  readonly maps: MapsConfig;
}

/** @param stage Of a training that grows: its networks are those of the configuration without the layers next to map and image. */
export function dermganArchitecture(config: Designed<DermganConfig>, stage?: Stage): DermganArchitecture {
  const { networks, resolution } = config;
  const shape = networkShape(config);
  if (stage === undefined) return designDermgan(networks, shape);
  const factor = resolution / stage.resolution;
  const sizes = {
    ...networks,
    generatorMaps: networks.generatorMaps * factor,
    discriminatorMaps: networks.discriminatorMaps * factor,
    discriminatorHalvings: networks.discriminatorHalvings - Math.log2(factor),
  };
  const whole = designDermgan(sizes, { ...shape, resolution: stage.resolution });
  return stage.fading ? { ...whole, fading: 0 } : whole;
}

/** Layers are left out only where the next ones have twice the maps, and the discriminator has a layer to leave out. */
export function dermganLowest({ networks, resolution }: Designed<DermganConfig>): number {
  const { generatorMaps, discriminatorHalvings, widest } = networks;
  const doublings = Math.min(Math.floor(Math.log2(widest / generatorMaps)), discriminatorHalvings);
  return Math.max(16, resolution / 2 ** Math.max(0, doublings));
}
