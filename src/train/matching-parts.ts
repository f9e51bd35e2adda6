import { type FrozenNetwork, tappedFeatures } from "../model/index.ts";
import type { PairAugment } from "./augment-pair.ts";
import type { Remedies } from "./health.ts";
import { readFrozen } from "./read-frozen.ts";
import type { AnyRecipe } from "./run-config.ts";
import type { FrozenLayers } from "./scale-losses.ts";

/** Weight of the comparison in a frozen network (arXiv 1711.11585, section 4.1; arXiv 1903.07291, appendix A). */
const PERCEPTUAL_WEIGHT = 10;

/** Layers of the frozen network of a run, if it has one. */
export function frozenLayers(frozen: FrozenNetwork | undefined): FrozenLayers | undefined {
  return frozen && tappedFeatures(readFrozen(frozen), frozen.taps);
}

const remedies: Remedies = {
  diverged: "lower the learning rates",
  collapsed: "raise featureMatchingWeight or lower the learning rates",
  // Hinge and least squares draw logits to -1, 0 and 1: those of a D that has won are no farther apart.
  won: null,
};

/** The parts of a `TrainingFamily` of families from maps whose generator is trained by feature matching. */
export const matchingParts = {
  judgedBy: <N extends object, R extends AnyRecipe>(
    { networks, recipe }: { readonly networks: N; readonly recipe: R },
    frozen: FrozenNetwork,
  ) => ({
    networks: { ...networks, frozen },
    recipe: { ...recipe, perceptualWeight: PERCEPTUAL_WEIGHT },
  }),
  cycle: () => 1,
  augmentProbability: ({ recipe }: { readonly recipe: { readonly augment: PairAugment } }) =>
    recipe.augment.probability,
  remedies,
  scalesLosses: false,
  privacy: {
    refused: "its generator learns from real images and maps (feature matching), not from a discriminator alone",
  },
} as const;
