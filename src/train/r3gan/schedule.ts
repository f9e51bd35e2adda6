import { type SharedScalars, sharedScalars } from "../shared-schedule.ts";
import type { Recipe } from "./recipe.ts";

/** Scalars of a step that depend on how far training is. */
export interface StepScalars extends SharedScalars {
  readonly withPenalty: boolean;
  /** Weight of the heads' loss; of a training with a frozen network. */
  readonly featureWeight?: number;
}

function featureWeight(
  { weight, fromImages, rampImages }: NonNullable<Recipe["features"]>,
  imagesSeen: number,
): number {
  const past = imagesSeen - fromImages;
  if (past < 0) return 0;
  return rampImages === 0 ? weight : weight * Math.min(1, past / rampImages);
}

/**
 * @param step Steps done so far, from 0.
 * @param updates Updates of the weights so far: the steps that were not skipped. Defaults to all.
 * @param share Share of the budget that is used up, 0..1. Defaults to 0.
 */
export function scheduleStep(recipe: Recipe, step: number, updates = step, share = 0): StepScalars {
  return {
    ...sharedScalars(recipe, step, updates, share),
    withPenalty: step % recipe.penaltyInterval === 0,
    ...(recipe.features === undefined ? {} : { featureWeight: featureWeight(recipe.features, step * recipe.batch) }),
  };
}
