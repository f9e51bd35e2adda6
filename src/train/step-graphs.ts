import type { StepGraph } from "./family.ts";
import type { Stage } from "./growth/stages.ts";
import { trainingFamily } from "./known-families.ts";
import type { RunConfig } from "./run-config.ts";

/**
 * The graphs that the steps of a run take; `scheduleRun` says which a step takes.
 * @param stage Of a run that grows. Defaults to its whole networks.
 */
export const stepGraphs = (config: RunConfig, stage?: Stage): StepGraph[] =>
  trainingFamily(config).stepGraphs(config, stage);
