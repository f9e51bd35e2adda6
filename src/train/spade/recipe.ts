import { z } from "zod";
import { frozenNetworkSchema, type Preset } from "../../model/index.ts";
import { PAIR_AUGMENT, pairAugmentSchema } from "../augment-pair.ts";
import { LEVEL } from "../ramp.ts";
import { FALL_FIELDS, fallScheduleSchema } from "../rate-fall.ts";
import { ADAM_FIELDS, AVERAGE_FIELDS, PATCH_FIELDS, RATE_FIELDS, WIDTH_FIELDS } from "../shared-recipe.ts";

/** Width, depth and parts of the networks; see `SpadeSize`. */
export const spadeNetworksSchema = z.object({
  ...WIDTH_FIELDS,
  mapsAt: z.int().min(8).max(256).optional(),
  hidden: z.int().min(1).max(1024),
  code: z.int().min(1).max(4096),
  encoder: z.boolean(),
  ...PATCH_FIELDS,
  frozen: frozenNetworkSchema.optional(),
});

export const spadeRecipeSchema = z.object({
  /** Images in a batch. */
  batch: z.int().min(2).max(1024),
  ...RATE_FIELDS,
  ...FALL_FIELDS,
  ...ADAM_FIELDS,
  ...AVERAGE_FIELDS,
  /** Weight of the mean absolute difference of the discriminators' features, beside the hinge loss. */
  featureMatchingWeight: z.number().nonnegative(),
  /** Weight of the distance of codes to a standard normal distribution; only with an encoder. */
  klWeight: z.number().nonnegative(),
  /** Weight of the mean absolute difference in layers of a frozen network; of a training that is given one. */
  perceptualWeight: z.number().nonnegative().optional(),
  /** Moves map and image together. */
  augment: pairAugmentSchema,
  schedule: fallScheduleSchema,
});

/** The training recipe of spade: everything that changes the arithmetic beside networks and maps. */
export type SpadeRecipe = z.infer<typeof spadeRecipeSchema>;

/** Options that presets leave out, with the values that change nothing. */
export const spadeOffByDefault = { schedule: { rates: LEVEL } } as const satisfies Partial<SpadeRecipe>;

/** Weights of the losses: arXiv 1903.07291, appendix A. D learns four times as fast as G, as there. */
function recipe(changes: Partial<SpadeRecipe>): SpadeRecipe {
  return {
    batch: 4,
    generatorRate: 1e-3,
    discriminatorRate: 4e-3,
    warmUpImages: 2_000,
    constantImages: null,
    decayImages: null,
    beta2: 0.999,
    epsilon: 1e-8,
    averageHalfLife: 5_000,
    averageRampUp: 0.1,
    balanceExponent: 0.5,
    featureMatchingWeight: 10,
    klWeight: 0.05,
    augment: PAIR_AUGMENT,
    ...changes,
  };
}

export const spadeRecipes: Readonly<Record<Preset, SpadeRecipe>> = {
  tiny: recipe({}),
  small: recipe({}),
  base: recipe({}),
  large: recipe({}),
};
