import { designStylegan2, type Stylegan2Architecture, type Stylegan2Size } from "../../model/index.ts";
import { type Designed, networkShape, type RunConfig } from "../run-config.ts";
import type { Stylegan2Recipe } from "./recipe.ts";

/** Configuration of a run of stylegan2. */
export interface Stylegan2Config extends RunConfig {
  readonly networks: Stylegan2Size;
  readonly recipe: Stylegan2Recipe;
}

export const stylegan2Architecture = (config: Designed<Stylegan2Config>): Stylegan2Architecture =>
  designStylegan2(config.networks, networkShape(config));
