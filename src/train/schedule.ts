import type { Recipe, RunConfig } from "./config.ts";
import { scheduleDermgan } from "./dermgan/schedule.ts";
import { averageDecay, warmUpShare } from "./ramps.ts";

/** Scalars of a step that depend on how far training is. */
export interface StepScalars {
  readonly generatorRate: number;
  readonly discriminatorRate: number;
  /** 1 / (1 - beta2^t): Adam's correction of the second moment. */
  readonly correction: number;
  /** Share of the old value in the moving average of the weights. */
  readonly decay: number;
  readonly withPenalty: boolean;
}

/**
 * @param step Steps done so far, from 0.
 * @param updates Updates of the weights so far: the steps that were not skipped. Defaults to all.
 */
export function scheduleStep(recipe: Recipe, step: number, updates = step): StepScalars {
  const imagesSeen = step * recipe.batch;
  const warmUp = warmUpShare(recipe, imagesSeen);
  return {
    generatorRate: recipe.generatorRate * warmUp,
    discriminatorRate: recipe.discriminatorRate * warmUp,
    correction: 1 / (1 - recipe.beta2 ** (updates + 1)),
    decay: averageDecay(recipe, imagesSeen),
    withPenalty: step % recipe.penaltyInterval === 0,
  };
}

/** Which graph of `stepGraphs` a step runs, and its scalars by the names of the graph's inputs. */
export function scheduleRun(
  config: RunConfig,
  step: number,
  updates: number,
): { readonly graph: number; readonly scalars: Readonly<Record<string, number>> } {
  if (config.model === "dermgan") return { graph: 0, scalars: scheduleDermgan(config.recipe, step) };
  const { withPenalty, ...scalars } = scheduleStep(config.recipe, step, updates);
  return { graph: withPenalty && config.recipe.gamma > 0 ? 1 : 0, scalars: { ...scalars } };
}

/** Steps of {@link measuredSteps} at least. */
const LEAST_STEPS = 4;

/** Steps to time as one: whole cycles of the kinds of step, so that their mean is that of training. */
export function measuredSteps(config: RunConfig): number {
  const cycle = config.model === "dermgan" ? 1 : config.recipe.penaltyInterval;
  return cycle * Math.ceil(LEAST_STEPS / cycle);
}
