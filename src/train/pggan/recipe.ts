import { z } from "zod";
import type { Preset } from "../../model/index.ts";
import { growSchema } from "../growth/stages.ts";
import {
  ADAM,
  ADAM_FIELDS,
  AUGMENT,
  AVERAGE,
  AVERAGE_FIELDS,
  augmentSchema,
  conditioningSchema,
  fineTuneSchema,
  RATE_FIELDS,
  RATES,
  SCHEDULES_OFF,
  scheduleSchema,
  WIDTH_FIELDS,
} from "../shared-recipe.ts";

export const pgganRecipeSchema = z.object({
  /** Images in a batch, which the discriminator compares with each other. */
  batch: z.int().min(2).max(1024),
  ...RATE_FIELDS,
  ...ADAM_FIELDS,
  /** Weight of the gradient penalty, lambda in the papers. */
  gamma: z.number().positive(),
  /** Length of the critic's gradient that the penalty asks for between real and generated images. */
  gradientLength: z.number().nonnegative(),
  /** Weight of the mean square of what the critic says of real images, which keeps it near 0. */
  drift: z.number().nonnegative(),
  ...AVERAGE_FIELDS,
  augment: augmentSchema,
  /** Of a training that grows, as it does unless it is told not to. */
  grow: growSchema.optional(),
  /** Of a training that begins from a start; docs/starts.md. */
  fineTune: fineTuneSchema.optional(),
  /** What changes with the used share of the budget; absent where nothing does. */
  schedule: scheduleSchema.optional(),
  /** See {@link conditioningSchema}. Absent: 1 throughout. */
  conditioning: conditioningSchema.optional(),
});

/** The training recipe of pggan: everything that changes the arithmetic beside the networks. */
export type PgganRecipe = z.infer<typeof pgganRecipeSchema>;

/** Options that presets leave out, with the values that change nothing. */
export const pgganOffByDefault: Partial<PgganRecipe> = SCHEDULES_OFF;

/** Width of both networks; see `PgganSize`. */
export const pgganNetworksSchema = z.object({
  code: z.int().min(1).max(4096),
  ...WIDTH_FIELDS,
  mapsAt: z.int().min(8).max(256).optional(),
});

/**
 * Presets of the recipe. Adam and the weights of losses are those of arXiv 1710.10196, appendix A.1; rates, batches, average and
 * augmentation those of the default family's presets (docs/families.md).
 */
export const pgganRecipes: Readonly<Record<Preset, PgganRecipe>> = {
  tiny: recipe({}),
  small: recipe({}),
  base: recipe({ batch: 12 }),
  large: recipe({ batch: 8 }),
};

function recipe(changes: Partial<PgganRecipe>): PgganRecipe {
  return {
    batch: 16,
    ...RATES,
    ...ADAM,
    gamma: 10,
    gradientLength: 1,
    drift: 1e-3,
    ...AVERAGE,
    augment: AUGMENT,
    ...changes,
  };
}
