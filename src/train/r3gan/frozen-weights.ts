import { discriminatorLayout } from "../../model/index.ts";
import { type R3ganConfig, r3ganArchitecture } from "./config.ts";

/**
 * Weights of the layers of D next to the image, through as many resolutions as the recipe freezes (FreezeD, Mo et al. 2020,
 * arXiv 2002.10964, section 3): what they see, edges and textures, is much the same in all images.
 */
export function frozenWeights(config: R3ganConfig): string[] {
  const freeze = config.recipe.fineTune?.freeze ?? 0;
  if (freeze === 0) return [];
  const a = r3ganArchitecture(config);
  const lowest = a.discriminatorWidths.length - freeze;
  const isFrozen = (name: string) =>
    name.startsWith("image.") || Number(/^stage(\d+)\./.exec(name)?.[1] ?? -1) >= lowest;
  return discriminatorLayout(a)
    .parameters.map(({ name }) => name)
    .filter(isFrozen);
}
