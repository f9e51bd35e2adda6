import { designSpade, type SpadeArchitecture, type SpadeSize } from "../../model/index.ts";
import { type Designed, type MapsConfig, networkShape, type RunConfig } from "../run-config.ts";
import type { SpadeRecipe } from "./recipe.ts";

/** Configuration of a run of spade. */
export interface SpadeConfig extends RunConfig {
  readonly networks: SpadeSize;
  readonly recipe: SpadeRecipe;
  readonly maps: MapsConfig;
}

export const spadeArchitecture = (config: Designed<SpadeConfig>): SpadeArchitecture =>
  designSpade(config.networks, networkShape(config));
