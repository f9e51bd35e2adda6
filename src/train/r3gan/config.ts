import { designArchitecture, type NetworkSize, type R3ganArchitecture } from "../../model/index.ts";
import { stageDesign } from "../growth/stage-design.ts";
import type { Stage } from "../growth/stages.ts";
import type { Designed, RunConfig } from "../run-config.ts";
import type { Recipe } from "./recipe.ts";

/** Configuration of a run of r3gan. */
export interface R3ganConfig extends RunConfig {
  readonly networks: NetworkSize;
  readonly recipe: Recipe;
}

/** @param stage Of a training that grows; see {@link stageDesign}. */
export const r3ganArchitecture = (config: Designed<R3ganConfig>, stage?: Stage): R3ganArchitecture =>
  stageDesign(config, stage, designArchitecture);
