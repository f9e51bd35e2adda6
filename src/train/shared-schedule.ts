import { adaptProbability } from "./adaptive.ts";
import type { Remedies } from "./health.ts";
import { rampAt } from "./ramp.ts";
import { averageDecay, conditioningShare, correction, type RampOptions, warmUpShare } from "./ramps.ts";
import {
  type Conditioning,
  conditioningProblem,
  hasGammaRamp,
  limitedAugment,
  type Schedule,
} from "./shared-recipe.ts";

/** What the schedules of a family need of its recipe, whose D has a gradient penalty and an adaptive augmentation. */
interface ScheduledRecipe extends RampOptions {
  readonly generatorRate: number;
  readonly discriminatorRate: number;
  readonly beta2: number;
  readonly gamma: number;
  /** Defaults to each step. */
  readonly penaltyInterval?: number;
  readonly augment: { readonly target: number; readonly speedImages: number };
  readonly fineTune?: { readonly holdImages: number; readonly augment: number } | undefined;
  readonly schedule?: Schedule | undefined;
  readonly conditioning?: Conditioning | undefined;
}

/** Scalars of a step that depend on how far training is. */
export interface SharedScalars {
  readonly generatorRate: number;
  readonly discriminatorRate: number;
  /** 1 / (1 - beta2^t): Adam's correction of the second moment. */
  readonly correction: number;
  /** Share of the old value in the moving average of the weights. */
  readonly decay: number;
  /** Weight of the gradient penalties in a step that has them; only where the recipe has gamma on a schedule. */
  readonly penaltyWeight?: number;
  /** Factor of the classes' embeddings; only where the recipe has a ramp of it. */
  readonly conditioning?: number;
}

/** Weight of the gradient penalties in a step that has them, without a schedule. */
const penaltyWeight = ({ gamma, penaltyInterval = 1 }: Pick<ScheduledRecipe, "gamma" | "penaltyInterval">): number =>
  gamma * penaltyInterval;

/** The weight that a step with gradient penalties is built with: an input where gamma is on a schedule. */
export const builtPenaltyWeight = (recipe: ScheduledRecipe): number | "scheduled" =>
  hasGammaRamp(recipe.schedule) ? "scheduled" : penaltyWeight(recipe);

/**
 * @param step Steps done so far, from 0.
 * @param updates Updates of the weights so far: the steps that were not skipped.
 * @param share Share of the budget that is used up, 0..1.
 */
export function sharedScalars(recipe: ScheduledRecipe, step: number, updates: number, share: number): SharedScalars {
  const { schedule, conditioning } = recipe;
  const imagesSeen = step * recipe.batch;
  const rate = warmUpShare(recipe, imagesSeen) * (schedule === undefined ? 1 : rampAt(schedule.rates, share));
  return {
    // While a new D learns to see, it has nothing to say to a G that can draw.
    generatorRate: imagesSeen < (recipe.fineTune?.holdImages ?? 0) ? 0 : recipe.generatorRate * rate,
    discriminatorRate: recipe.discriminatorRate * rate,
    correction: correction(recipe.beta2, updates),
    decay: averageDecay(recipe, imagesSeen),
    ...(hasGammaRamp(schedule) && { penaltyWeight: penaltyWeight(recipe) * rampAt(schedule.gamma, share) }),
    ...(conditioning && { conditioning: conditioningShare(conditioning, imagesSeen) }),
  };
}

/** What a config of such a family says of its budget. */
export interface ScheduledConfig {
  readonly images: number | null;
  readonly recipe: ScheduledRecipe;
}

/** The parts of a `TrainingFamily` that follow from such a recipe. */
export const scheduledParts = {
  budgetProblem: ({ images, recipe }: ScheduledConfig) => conditioningProblem(images, recipe.conditioning),
  augmentProbability: ({ recipe }: ScheduledConfig) =>
    limitedAugment(recipe.schedule, recipe.fineTune?.augment ?? 0, 0),
  adaptProbability: (
    { recipe }: ScheduledConfig,
    probability: number,
    orderSign: number,
    images: number,
    share: number,
  ) => limitedAugment(recipe.schedule, adaptProbability(probability, orderSign, images, recipe), share),
};

/** What helps a training with a gradient penalty. */
export const PENALTY_REMEDIES: Remedies = {
  diverged: "lower the learning rates or raise gamma",
  collapsed: "raise gamma or lower the learning rates",
  won: "raise gamma or lower discriminatorRate",
};
