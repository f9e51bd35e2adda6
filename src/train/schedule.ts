import { budgetShare, FIRST_PACE } from "./budget-share.ts";
import { trainingFamily } from "./known-families.ts";
import type { RunConfig } from "./run-config.ts";
import type { ScheduledStep } from "./scheduled-step.ts";

/**
 * Which graph of `stepGraphs` a step runs, and its scalars; `updates` counts the steps that were not skipped.
 * @param share Share of the budget that is used up, 0..1. Defaults to that of the images.
 */
export const scheduleRun = (
  config: RunConfig,
  step: number,
  updates: number,
  share = budgetShare(config, FIRST_PACE, step * config.recipe.batch),
): ScheduledStep => trainingFamily(config).schedule(config, step, updates, share);

/** Steps of {@link measuredSteps} at least. */
const MIN_STEPS = 4;

/** Steps to time as one: whole cycles of the kinds of step, so that their mean is that of training. */
export function measuredSteps(config: RunConfig): number {
  const cycle = trainingFamily(config).cycle(config);
  return cycle * Math.ceil(MIN_STEPS / cycle);
}
