import type { Fade } from "../growth/stages.ts";
import { correction } from "../ramps.ts";
import { fallingScalars } from "../rate-fall.ts";
import type { DermganRecipe } from "./recipe.ts";

/**
 * Scalars of a step of dermgan by the names of the graph's inputs.
 * @param step Steps done so far, from 0.
 * @param used Share of the budget that is used up, 0..1. Defaults to 0.
 * @param fade Of a stage whose newest layers are faded in.
 */
export function scheduleDermgan(recipe: DermganRecipe, step: number, used = 0, fade?: Fade): Record<string, number> {
  const { generatorRate, discriminatorRate, ...rest } = fallingScalars(recipe, step, used);
  return {
    generatorRate,
    discriminatorRate,
    firstCorrection: correction(recipe.beta1, step),
    ...rest,
    ...(fade && {
      fade: fade.share,
      "newest.firstCorrection": correction(recipe.beta1, fade.updates),
      "newest.correction": correction(recipe.beta2, fade.updates),
    }),
  };
}
