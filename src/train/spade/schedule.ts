import { averageDecay, correction, warmUpShare } from "../ramps.ts";
import { fallingShare } from "../rate-fall.ts";
import type { SpadeRecipe } from "./recipe.ts";

/**
 * Scalars of a step of spade by the names of the graph's inputs.
 * @param step Steps done so far, from 0.
 * @param used Share of the budget that is used up, 0..1.
 */
export function scheduleSpade(recipe: SpadeRecipe, step: number, used: number): Record<string, number> {
  const imagesSeen = step * recipe.batch;
  const share = warmUpShare(recipe, imagesSeen) * fallingShare(recipe, imagesSeen, used);
  return {
    generatorRate: recipe.generatorRate * share,
    discriminatorRate: recipe.discriminatorRate * share,
    correction: correction(recipe.beta2, step),
    decay: averageDecay(recipe, imagesSeen),
  };
}
