import { z } from "zod";
import { LATENT_KINDS, type Preset } from "../../model/index.ts";
import { PAIR_AUGMENT, pairAugmentSchema } from "../augment-pair.ts";
import { growSchema } from "../growth/stages.ts";
import type { Remedies } from "../health.ts";
import { LEVEL } from "../ramp.ts";
import { FALL_FIELDS, fallScheduleSchema } from "../rate-fall.ts";
import { ADAM_FIELDS, AVERAGE_FIELDS, RATE_FIELDS, WIDTH_FIELDS } from "../shared-recipe.ts";

/** Width, depth and kind of both networks; see `DermganSize`. */
export const dermganNetworksSchema = z.object({
  ...WIDTH_FIELDS,
  discriminatorHalvings: z.int().min(1).max(5),
  latentKind: z.enum(LATENT_KINDS),
  code: z.int().min(1).max(4096),
  resizeConv: z.boolean(),
});

export const dermganRecipeSchema = z.object({
  /** Images in a batch. */
  batch: z.int().min(2).max(1024),
  ...RATE_FIELDS,
  ...FALL_FIELDS,
  beta1: z.number().min(0).lt(1),
  ...ADAM_FIELDS,
  ...AVERAGE_FIELDS,
  /** Weight of the min-max loss. */
  ganWeight: z.number().nonnegative(),
  /** Weight of the mean absolute difference to the real image. */
  l1Weight: z.number().nonnegative(),
  /** The same inside the lesion boxes alone. */
  boxL1Weight: z.number().nonnegative(),
  /** Weight of the mean squared difference of the discriminator's features. */
  featureMatchingWeight: z.number().nonnegative(),
  /** Weight of the term that lets images of one map and two latents differ; 0 leaves the second image out. */
  diversityWeight: z.number().nonnegative(),
  /**
   * Share of what D rejects that is real images with the map of another condition (matching-aware discriminator, Reed et al. 2016,
   * arXiv 1605.05396, section 4.2, whose share is a half); the rest is drawn images, and all where no other condition shows: there
   * is one class, or no lesion.
   */
  wrongConditionShare: z.number().min(0).lt(1).optional(),
  /** Moves map and image together. */
  augment: pairAugmentSchema,
  /** Of a training that begins at a low resolution and grows. */
  grow: growSchema.optional(),
  schedule: fallScheduleSchema,
});

/** Options that presets leave out, with the values that change nothing. */
export const dermganOffByDefault = {
  schedule: { rates: LEVEL },
  wrongConditionShare: 0,
} as const satisfies Partial<DermganRecipe>;

/** The training recipe of dermgan: everything that changes the arithmetic beside networks and maps. */
export type DermganRecipe = z.infer<typeof dermganRecipeSchema>;

/**
 * What the paper (Ghorbani et al. 2019, PMLR 116:155-170) leaves open, decided here and nowhere else:
 *
 * - Betas 0.5 and 0.999, no normalisation in the first layers: pix2pix (arXiv 1611.07004, sections 3.3, 6.2).
 * - Batches of 4: instance normalisation allows them, and steps are what is short on two cores. 5,000 images in batches of 16
 *   gave blurs, in batches of 4 skin with texture (docs/decisions/8-dermgan.md). The rate is 5e-4 for pix2pix's 2e-4, since two cores
 *   see 10^5 images where pix2pix saw 10^6 and more.
 * - L1 weighs 5, not pix2pix's 100: a map says little of an image, and the mean of all images that fit it is what L1 asks for.
 *   With 100, and still with 10 and batches of 16, images stayed smooth.
 * - The L1 inside boxes is a mean over the boxes' pixels and weighs as much as the image's: most of an image is skin.
 * - Feature matching weighs 1: its value is a tenth to a third of the GAN's, and more of it smooths as L1 does.
 * - Rates are constant for the first half of the training and fall linearly over the second: of its images, else of its minutes.
 * - Weights are averaged over the training, as the rest of this package does.
 * - Flips, quarter turns, small moves and zooms of map and image; no colours, which would part image and tone.
 */
function recipe(changes: Partial<DermganRecipe>): DermganRecipe {
  return {
    batch: 4,
    generatorRate: 5e-4,
    discriminatorRate: 5e-4,
    warmUpImages: 2_000,
    constantImages: null,
    decayImages: null,
    beta1: 0.5,
    beta2: 0.999,
    epsilon: 1e-8,
    averageHalfLife: 5_000,
    averageRampUp: 0.1,
    balanceExponent: 0.5,
    ganWeight: 1,
    l1Weight: 5,
    boxL1Weight: 5,
    featureMatchingWeight: 1,
    diversityWeight: 0,
    augment: PAIR_AUGMENT,
    ...changes,
  };
}

export const dermganRecipes: Readonly<Record<Preset, DermganRecipe>> = {
  tiny: recipe({}),
  small: recipe({}),
  base: recipe({}),
  large: recipe({}),
};

export const remedies: Remedies = {
  diverged: "lower the learning rates",
  collapsed: "raise l1Weight or lower the learning rates",
  won: "lower discriminatorRate or raise l1Weight",
};
