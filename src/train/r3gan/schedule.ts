import { averageDecay, warmUpShare } from "../ramps.ts";
import type { Recipe } from "./recipe.ts";

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
  const holdImages = recipe.fineTune?.holdImages ?? 0;
  const warmUp = warmUpShare(recipe, imagesSeen);
  return {
    // While a new D learns to see, it has nothing to say to a G that can draw.
    generatorRate: imagesSeen < holdImages ? 0 : recipe.generatorRate * warmUp,
    discriminatorRate: recipe.discriminatorRate * warmUp,
    correction: 1 / (1 - recipe.beta2 ** (updates + 1)),
    decay: averageDecay(recipe, imagesSeen),
    withPenalty: step % recipe.penaltyInterval === 0,
  };
}
