import type { DermganRecipe } from "./recipe.ts";

/** Share of what D rejects that is real images with the map of another condition: 0 where there is no other class. */
export const shareOfWrongConditions = (
  { wrongConditionShare = 0 }: Pick<DermganRecipe, "wrongConditionShare">,
  classes: number,
): number => (classes > 1 ? wrongConditionShare : 0);
