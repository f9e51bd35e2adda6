import { z } from "zod";
import { rampAt, rampSchema } from "./ramp.ts";
import { averageDecay, correction, type RampOptions, warmUpShare } from "./ramps.ts";

/** Learning rates that are constant, then fall to zero: fields of a recipe. */
export const FALL_FIELDS = {
  /** Learning rates are constant for so many images, ... */
  constantImages: z.int().nonnegative().nullable(),
  /** ... then fall linearly to zero over so many; null for no fall: no end of the training is known. */
  decayImages: z.int().positive().nullable(),
};

/** What changes with the used share of the budget; absent where nothing does. */
export const fallScheduleSchema = z
  .object({
    /** Factor of both learning rates, besides the warm-up and the fall over `decayImages`. */
    rates: rampSchema,
  })
  .optional();

interface FallingRates extends RampOptions {
  readonly generatorRate: number;
  readonly discriminatorRate: number;
  readonly beta2: number;
  readonly constantImages: number | null;
  readonly decayImages: number | null;
  readonly schedule?: z.infer<typeof fallScheduleSchema>;
}

/** Images after which the learning rates are zero: nothing is learned any more. */
const imagesUntilStill = ({ constantImages, decayImages }: FallingRates): number =>
  decayImages === null ? Number.POSITIVE_INFINITY : (constantImages ?? 0) + decayImages;

/**
 * Share of the full learning rates, besides the warm-up.
 * @param used Share of the budget that is used up, 0..1.
 */
function fallingShare(
  { constantImages, decayImages, schedule }: FallingRates,
  imagesSeen: number,
  used: number,
): number {
  const past = decayImages === null ? 0 : Math.max(0, imagesSeen - (constantImages ?? 0)) / decayImages;
  return Math.max(0, 1 - past) * (schedule === undefined ? 1 : rampAt(schedule.rates, used));
}

/**
 * Scalars of a step by the names of the graph's inputs.
 * @param step Steps done so far, from 0.
 * @param used Share of the budget that is used up, 0..1.
 */
export function fallingScalars(recipe: FallingRates, step: number, used: number) {
  const imagesSeen = step * recipe.batch;
  const share = warmUpShare(recipe, imagesSeen) * fallingShare(recipe, imagesSeen, used);
  return {
    generatorRate: recipe.generatorRate * share,
    discriminatorRate: recipe.discriminatorRate * share,
    correction: correction(recipe.beta2, step),
    decay: averageDecay(recipe, imagesSeen),
  };
}

/** Constant for the first half of the budget, then a linear fall to zero. */
const SECOND_HALF = { from: 0.5, until: 1, first: 1, last: 0, shape: "linear" } as const;

/** Rates fall over the second half of a training whose length is known, in images or else in minutes, unless the recipe says otherwise. */
export function withDecay<R extends FallingRates>(
  recipe: R,
  { images, minutes }: { readonly images?: number | undefined; readonly minutes?: number | undefined },
): R {
  const { constantImages, decayImages, schedule } = recipe;
  if (constantImages !== null || decayImages !== null || schedule !== undefined) return recipe;
  if (images === undefined) return minutes === undefined ? recipe : { ...recipe, schedule: { rates: SECOND_HALF } };
  const constant = Math.floor(images / 2);
  return { ...recipe, constantImages: constant, decayImages: Math.max(1, images - constant) };
}

/** The parts of a `TrainingFamily` that follow from such rates. */
export const fallingParts = {
  fromLength: { names: ["constantImages", "decayImages"], complete: withDecay },
  end({ recipe }: { readonly recipe: FallingRates }, imagesSeen: number): string | null {
    if (imagesSeen < imagesUntilStill(recipe)) return null;
    return `the learning rates have fallen to zero after ${imagesSeen} images, as the recipe of the run says; to train for longer, begin another run with more --images`;
  },
};
