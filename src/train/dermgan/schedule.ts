import type { Fade } from "../growth/stages.ts";
import { averageDecay, correction, warmUpShare } from "../ramps.ts";
import { fallingShare } from "../rate-fall.ts";
import type { DermganRecipe } from "./recipe.ts";

/**
 * Scalars of a step of dermgan by the names of the graph's inputs.
 * @param step Steps done so far, from 0.
 * @param used Share of the budget that is used up, 0..1. Defaults to 0.
 * @param fade Of a stage whose newest layers are faded in.
 */
export function scheduleDermgan(recipe: DermganRecipe, step: number, used = 0, fade?: Fade): Record<string, number> {
  const imagesSeen = step * recipe.batch;
  const share = warmUpShare(recipe, imagesSeen) * fallingShare(recipe, imagesSeen, used);
  return {
    generatorRate: recipe.generatorRate * share,
    discriminatorRate: recipe.discriminatorRate * share,
    firstCorrection: correction(recipe.beta1, step),
    correction: correction(recipe.beta2, step),
    decay: averageDecay(recipe, imagesSeen),
    ...(fade && {
      fade: fade.share,
      "newest.firstCorrection": correction(recipe.beta1, fade.updates),
      "newest.correction": correction(recipe.beta2, fade.updates),
    }),
  };
}
