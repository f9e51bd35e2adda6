import { z } from "zod";
import { frozenNetworkSchema, type Preset } from "../../model/index.ts";
import { PAIR_AUGMENT, pairAugmentSchema } from "../augment-pair.ts";
import { LEVEL } from "../ramp.ts";
import { FALL_FIELDS, fallScheduleSchema } from "../rate-fall.ts";
import { ADAM_FIELDS, AVERAGE_FIELDS, PATCH_FIELDS, RATE_FIELDS, WIDTH_FIELDS } from "../shared-recipe.ts";

/** Width and depth of the networks; see `Pix2pixhdSize`. */
export const pix2pixhdNetworksSchema = z.object({
  ...WIDTH_FIELDS,
  coarseBlocks: z.int().min(0).max(16),
  fineBlocks: z.int().min(0).max(16),
  ...PATCH_FIELDS,
  frozen: frozenNetworkSchema.optional(),
});

export const pix2pixhdRecipeSchema = z.object({
  /** Images in a batch. */
  batch: z.int().min(2).max(1024),
  ...RATE_FIELDS,
  ...FALL_FIELDS,
  beta1: z.number().min(0).lt(1),
  ...ADAM_FIELDS,
  ...AVERAGE_FIELDS,
  /** Weight of the mean absolute difference of the discriminators' features, beside the least-squares loss. */
  featureMatchingWeight: z.number().nonnegative(),
  /** Weight of the mean absolute difference in layers of a frozen network; of a training that is given one. */
  perceptualWeight: z.number().nonnegative().optional(),
  /** Moves map and image together. */
  augment: pairAugmentSchema,
  schedule: fallScheduleSchema,
});

/** The training recipe of pix2pixhd: everything that changes the arithmetic beside networks and maps. */
export type Pix2pixhdRecipe = z.infer<typeof pix2pixhdRecipeSchema>;

/** Options that presets leave out, with the values that change nothing. */
export const pix2pixhdOffByDefault = { schedule: { rates: LEVEL } } as const satisfies Partial<Pix2pixhdRecipe>;

/** Betas and weight of feature matching: arXiv 1711.11585, section 3.2 and appendix; batches as those of dermgan. */
const recipe: Pix2pixhdRecipe = {
  batch: 4,
  generatorRate: 2e-3,
  discriminatorRate: 2e-3,
  warmUpImages: 2_000,
  constantImages: null,
  decayImages: null,
  beta1: 0.5,
  beta2: 0.999,
  epsilon: 1e-8,
  averageHalfLife: 5_000,
  averageRampUp: 0.1,
  balanceExponent: 0.5,
  featureMatchingWeight: 10,
  augment: PAIR_AUGMENT,
};

export const pix2pixhdRecipes: Readonly<Record<Preset, Pix2pixhdRecipe>> = {
  tiny: recipe,
  small: recipe,
  base: recipe,
  large: recipe,
};
