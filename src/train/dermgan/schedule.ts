import { averageDecay, warmUpShare } from "../ramps.ts";
import type { DermganRecipe } from "./recipe.ts";

/** Images after which the learning rates are zero: nothing is learned any more. */
export const imagesUntilStill = ({ constantImages, decayImages }: DermganRecipe): number =>
  decayImages === null ? Number.POSITIVE_INFINITY : (constantImages ?? 0) + decayImages;

/** Scalars of a step of dermgan by the names of the graph's inputs. @param step Steps done so far, from 0. */
export function scheduleDermgan(recipe: DermganRecipe, step: number): Record<string, number> {
  const imagesSeen = step * recipe.batch;
  const { constantImages, decayImages } = recipe;
  const past = decayImages === null ? 0 : Math.max(0, imagesSeen - (constantImages ?? 0)) / decayImages;
  const share = warmUpShare(recipe, imagesSeen) * Math.max(0, 1 - past);
  return {
    generatorRate: recipe.generatorRate * share,
    discriminatorRate: recipe.discriminatorRate * share,
    firstCorrection: 1 / (1 - recipe.beta1 ** (step + 1)),
    correction: 1 / (1 - recipe.beta2 ** (step + 1)),
    decay: averageDecay(recipe, imagesSeen),
  };
}
