import { type DermganArchitecture, type DermganSize, designDermgan } from "../../model/index.ts";
import { type Designed, type MapsConfig, networkShape, type RunConfig } from "../run-config.ts";
import type { DermganRecipe } from "./recipe.ts";

/** Configuration of a run of dermgan. */
export interface DermganConfig extends RunConfig {
  readonly networks: DermganSize;
  readonly recipe: DermganRecipe;
  readonly maps: MapsConfig;
}

export const dermganArchitecture = (config: Designed<DermganConfig>): DermganArchitecture =>
  designDermgan(config.networks, networkShape(config));
