import { z } from "zod";
import { frozenNetworkSchema, type Preset } from "../../model/index.ts";
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

export const recipeSchema = z.object({
  /** Images in a batch. */
  batch: z.int().min(2).max(1024),
  /** `alternating`: G learns from the updated D. `simultaneous`: both learn from one forward pass. */
  updates: z.enum(["alternating", "simultaneous"]),
  ...RATE_FIELDS,
  ...ADAM_FIELDS,
  /** Weight gamma of the gradient penalties R1 and R2. */
  gamma: z.number().nonnegative(),
  /** The penalties are added each k-th step with weight times k. */
  penaltyInterval: z.int().positive(),
  ...AVERAGE_FIELDS,
  augment: augmentSchema,
  /** What heads say of the layers of a frozen network; of a training that is given one. */
  features: z
    .object({
      /** Weight of the heads' loss beside that of D on pixels. */
      weight: z.number().nonnegative(),
      /** Images seen before the heads take part. */
      fromImages: z.int().nonnegative(),
      /** Images over which their weight rises from zero. */
      rampImages: z.int().nonnegative(),
      /** Weight of the zero-centred penalties of the heads at the layers that they judge. */
      gamma: z.number().nonnegative(),
    })
    .optional(),
  /** Of a training that begins at a low resolution and grows. */
  grow: growSchema.optional(),
  /** Of a training that begins from a start; docs/starts.md. */
  fineTune: z
    .object({
      /** Resolutions of D, the image's first, whose weights stay those of the start (FreezeD, arXiv 2002.10964). */
      freeze: z.int().min(0).max(8),
      ...fineTuneSchema.shape,
    })
    .optional(),
  /** What changes with the used share of the budget; absent where nothing does. */
  schedule: scheduleSchema.optional(),
  /** See {@link conditioningSchema}. Absent: 1 throughout. */
  conditioning: conditioningSchema.optional(),
  /**
   * Weights of the cross-entropy of the classes by D's own embeddings: of real images in the loss of D, of generated ones in
   * that of G (an auxiliary classifier, Odena et al. 2017, arXiv 1610.09585, without weights of its own). Absent: 0, 0.
   */
  classLoss: z.object({ discriminator: z.number().min(0).max(100), generator: z.number().min(0).max(100) }).optional(),
});

/** Options that presets leave out, with the values that change nothing. */
export const offByDefault = {
  ...SCHEDULES_OFF,
  classLoss: { discriminator: 0, generator: 0 },
} as const satisfies Partial<Recipe>;

/** Width and depth of both networks; see `NetworkSize`. */
export const networksSchema = z.object({
  code: z.int().min(1).max(4096),
  embedding: z.int().min(1).max(4096),
  ...WIDTH_FIELDS,
  mapsAt: z.int().min(8).max(256).optional(),
  blocks: z.int().min(1).max(8),
  frozen: frozenNetworkSchema.optional(),
});

/** The training recipe of r3gan: everything that changes the arithmetic beside the networks. */
export type Recipe = z.infer<typeof recipeSchema>;

/** Presets of the recipe; which and why: docs/recipes.md. */
export const defaultRecipes: Readonly<Record<Preset, Recipe>> = {
  tiny: recipe({}),
  small: recipe({ gamma: 0.2 }),
  // As many as keep a training within 1 GiB.
  base: recipe({ gamma: 0.5, batch: 12 }),
  large: recipe({ gamma: 1, batch: 8 }),
};

function recipe(changes: Partial<Recipe>): Recipe {
  return {
    batch: 16,
    updates: "alternating",
    ...RATES,
    ...ADAM,
    gamma: 0.1,
    penaltyInterval: 4,
    ...AVERAGE,
    augment: AUGMENT,
    ...changes,
  };
}

/** Of a training that is given a frozen network; measured in docs/recipes.md. */
export const frozenFeatureRecipe: NonNullable<Recipe["features"]> = {
  weight: 1,
  fromImages: 2_000,
  rampImages: 4_000,
  gamma: 0.2,
};
