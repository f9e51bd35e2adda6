import { designPix2pixhd, type Pix2pixhdArchitecture, type Pix2pixhdSize } from "../../model/index.ts";
import { type Designed, type MapsConfig, networkShape, type RunConfig } from "../run-config.ts";
import type { Pix2pixhdRecipe } from "./recipe.ts";

/** Configuration of a run of pix2pixhd. */
export interface Pix2pixhdConfig extends RunConfig {
  readonly networks: Pix2pixhdSize;
  readonly recipe: Pix2pixhdRecipe;
  readonly maps: MapsConfig;
}

export const pix2pixhdArchitecture = (config: Designed<Pix2pixhdConfig>): Pix2pixhdArchitecture =>
  designPix2pixhd(config.networks, networkShape(config));
