import type { StepGraph } from "./family.ts";
import { trainingFamily } from "./known-families.ts";
import type { RunConfig } from "./run-config.ts";

/** The graphs that the steps of a run take; `scheduleRun` says which a step takes. */
export const stepGraphs = (config: RunConfig): StepGraph[] => trainingFamily(config).stepGraphs(config);
