import { designArchitecture, type NetworkSize, type R3ganArchitecture } from "../../model/index.ts";
import { type Designed, networkShape, type RunConfig } from "../run-config.ts";
import type { Recipe } from "./recipe.ts";

/** Configuration of a run of r3gan. */
export interface R3ganConfig extends RunConfig {
  readonly networks: NetworkSize;
  readonly recipe: Recipe;
}

export const r3ganArchitecture = (config: Designed<R3ganConfig>): R3ganArchitecture =>
  designArchitecture(config.networks, networkShape(config));
