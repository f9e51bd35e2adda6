import { designPggan, type PgganArchitecture, type PgganSize } from "../../model/index.ts";
import { stageDesign } from "../growth/stage-design.ts";
import type { Stage } from "../growth/stages.ts";
import type { Designed, RunConfig } from "../run-config.ts";
import type { PgganRecipe } from "./recipe.ts";

/** Configuration of a run of pggan. */
export interface PgganConfig extends RunConfig {
  readonly networks: PgganSize;
  readonly recipe: PgganRecipe;
}

/** @param stage Of a training that grows; see {@link stageDesign}. */
export const pgganArchitecture = (config: Designed<PgganConfig>, stage?: Stage): PgganArchitecture =>
  stageDesign(config, stage, designPggan);
