import { z } from "zod";
import { LEVEL, rampAt, rampSchema } from "./ramp.ts";

/** Learning rates of a recipe. */
export const RATE_FIELDS = {
  generatorRate: z.number().positive(),
  discriminatorRate: z.number().positive(),
  /** Images over which the learning rates rise from zero. */
  warmUpImages: z.int().nonnegative(),
};

/** Rates of the presets of the families that draw from noise; docs/recipes.md. */
export const RATES = { generatorRate: 2.5e-3, discriminatorRate: 2.5e-3, warmUpImages: 2_000 } as const;

/** Adam's numbers of a recipe. */
export const ADAM_FIELDS = {
  beta2: z.number().min(0).lt(1),
  epsilon: z.number().positive(),
};

export const ADAM = { beta2: 0.99, epsilon: 1e-8 } as const;

/** The moving average of the weights, and how classes are drawn. */
export const AVERAGE_FIELDS = {
  /** Images after which a weight's share in the moving average is halved. */
  averageHalfLife: z.number().positive(),
  /** Upper bound of the half-life as a share of the images seen so far. */
  averageRampUp: z.number().positive(),
  /** Classes are drawn with probability proportional to count^exponent. */
  balanceExponent: z.number().min(0).max(1),
};

export const AVERAGE = { averageHalfLife: 5_000, averageRampUp: 0.1, balanceExponent: 0.5 } as const;

/** Widths of the networks; see `StageSizes`. */
export const WIDTH_FIELDS = {
  generatorMaps: z.int().min(1).max(1024),
  discriminatorMaps: z.int().min(1).max(1024),
  widest: z.int().min(1).max(4096),
};

/** Discriminators of several scales; see `PatchSizes`. */
export const PATCH_FIELDS = {
  discriminatorHalvings: z.int().min(1).max(5),
  discriminatorScales: z.int().min(1).max(4),
};

/** The adaptive augmentation of a recipe. */
export const augmentSchema = z.object({
  /** Target share of pairs that D orders rightly, as 2 * share - 1; p rises above it and falls below. */
  target: z.number().min(-1).max(1),
  /** Images that p needs from 0 to 1. */
  speedImages: z.number().positive(),
  rotate: z.boolean(),
  flip: z.boolean(),
  translate: z.number().min(0).max(0.5),
  scale: z.number().min(0).max(1),
  brightness: z.number().min(0).max(1),
  contrast: z.number().min(0).max(1),
});

export const AUGMENT: z.infer<typeof augmentSchema> = {
  target: 0.6,
  speedImages: 100_000,
  rotate: true,
  flip: true,
  translate: 0.125,
  scale: 0.2,
  brightness: 0.1,
  contrast: 0.2,
};

/** Of a training that begins from a start; docs/starts.md. */
export const fineTuneSchema = z.object({
  /** Images for which G is held, while a new D learns. */
  holdImages: z.int().nonnegative(),
  /** Probability of the augmentation at the first step. */
  augment: z.number().min(0).max(1),
});

/** What of {@link fineTuneSchema} is usual for a start with or without its discriminator. */
export const usualFineTune = (hasDiscriminator: boolean): z.infer<typeof fineTuneSchema> => ({
  holdImages: hasDiscriminator ? 0 : 2_000,
  augment: 0,
});

/** What changes with the used share of the budget. */
export const scheduleSchema = z.object({
  /** Factor of both learning rates, besides the warm-up. */
  rates: rampSchema,
  /** Factor of `gamma`. */
  gamma: rampSchema,
  /** Upper limit of the augmentation's probability. */
  augment: rampSchema,
});

/**
 * From unconditional to conditional (Shahbazi et al. 2022, arXiv 2201.06578, section 4): the classes' embeddings in G and D are
 * multiplied by a factor that rises linearly from 0 at `startImages` to 1 at `endImages` images seen.
 */
export const conditioningSchema = z
  .object({ startImages: z.int().nonnegative(), endImages: z.int().nonnegative() })
  .refine(({ startImages, endImages }) => startImages <= endImages, {
    error: "startImages lies behind endImages; swap them",
  });

export type Conditioning = z.infer<typeof conditioningSchema>;
export type Schedule = z.infer<typeof scheduleSchema>;

/** Both, with the values that change nothing. */
export const SCHEDULES_OFF = {
  schedule: { rates: LEVEL, gamma: LEVEL, augment: LEVEL },
  conditioning: { startImages: 0, endImages: 0 },
} as const;

/** What of a ramp of the classes does not fit the budget, as an error of usage says it, or null. */
export function conditioningProblem(images: number | null, conditioning: Conditioning | undefined): string | null {
  if (images === null || conditioning === undefined || conditioning.endImages < images) return null;
  return `--set conditioning.endImages=${conditioning.endImages}: the training ends at ${images} images, before its classes count in full; use fewer, e.g. ${Math.floor(images / 3)}`;
}

/** A probability of the augmentation, not above the limit of the schedule at a share of the budget. */
export const limitedAugment = (schedule: Schedule | undefined, probability: number, share: number): number =>
  schedule === undefined ? probability : Math.min(probability, rampAt(schedule.augment, share));

/** Whether gamma changes, so that a step takes the weight of its penalty as an input. */
export const hasGammaRamp = (schedule: Schedule | undefined): schedule is Schedule =>
  schedule !== undefined && (schedule.gamma.first !== 1 || schedule.gamma.last !== 1);
