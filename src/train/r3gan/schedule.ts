import { rampAt } from "../ramp.ts";
import { averageDecay, conditioningShare, correction, warmUpShare } from "../ramps.ts";
import { hasGammaRamp } from "../shared-recipe.ts";
import type { Recipe } from "./recipe.ts";

/** Scalars of a step that depend on how far training is. */
export interface StepScalars {
  readonly generatorRate: number;
  readonly discriminatorRate: number;
  /** 1 / (1 - beta2^t): Adam's correction of the second moment. */
  readonly correction: number;
  /** Share of the old value in the moving average of the weights. */
  readonly decay: number;
  /** Weight of the gradient penalties in a step that has them; only where the recipe has gamma on a schedule. */
  readonly penaltyWeight?: number;
  /** Factor of the classes' embeddings; only where the recipe has a ramp of it. */
  readonly conditioning?: number;
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

/** Weight of the gradient penalties in a step that has them, without a schedule. */
export const penaltyWeight = ({ gamma, penaltyInterval }: Recipe): number => gamma * penaltyInterval;

/**
 * @param step Steps done so far, from 0.
 * @param updates Updates of the weights so far: the steps that were not skipped. Defaults to all.
 * @param share Share of the budget that is used up, 0..1. Defaults to 0.
 */
export function scheduleStep(recipe: Recipe, step: number, updates = step, share = 0): StepScalars {
  const { schedule, conditioning } = recipe;
  const imagesSeen = step * recipe.batch;
  const holdImages = recipe.fineTune?.holdImages ?? 0;
  const rate = warmUpShare(recipe, imagesSeen) * (schedule === undefined ? 1 : rampAt(schedule.rates, share));
  return {
    // While a new D learns to see, it has nothing to say to a G that can draw.
    generatorRate: imagesSeen < holdImages ? 0 : recipe.generatorRate * rate,
    discriminatorRate: recipe.discriminatorRate * rate,
    correction: correction(recipe.beta2, updates),
    decay: averageDecay(recipe, imagesSeen),
    ...(hasGammaRamp(schedule) && { penaltyWeight: penaltyWeight(recipe) * rampAt(schedule.gamma, share) }),
    ...(conditioning && { conditioning: conditioningShare(conditioning, imagesSeen) }),
    withPenalty: step % recipe.penaltyInterval === 0,
    ...(recipe.features === undefined ? {} : { featureWeight: featureWeight(recipe.features, imagesSeen) }),
  };
}
