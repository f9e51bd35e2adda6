import { z } from "zod";
import { type Preset, presetResolution } from "../../model/index.ts";
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

export const stylegan2RecipeSchema = z.object({
  /** Images in a batch; the discriminator compares groups of 4 of them, or of the most up to 4 that divide it. */
  batch: z.int().min(2).max(1024),
  ...RATE_FIELDS,
  ...ADAM_FIELDS,
  /** Weight gamma of the gradient penalty R1, on real images. */
  gamma: z.number().nonnegative(),
  /** The penalty is added each k-th step with weight times k. */
  penaltyInterval: z.int().positive(),
  /** Weight of the path-length regularisation; 0 for none. */
  pathWeight: z.number().nonnegative(),
  /** It is added each k-th step with weight times k, half an interval behind the first. */
  pathInterval: z.int().positive(),
  /** Probability that layers behind a random one have the style of another latent. */
  styleMixing: z.number().min(0).max(1),
  ...AVERAGE_FIELDS,
  augment: augmentSchema,
  /** Of a training that begins from a start; docs/starts.md. */
  fineTune: fineTuneSchema.optional(),
  /** What changes with the used share of the budget; absent where nothing does. */
  schedule: scheduleSchema.optional(),
  /** See {@link conditioningSchema}. Absent: 1 throughout. */
  conditioning: conditioningSchema.optional(),
});

/** The training recipe of stylegan2: everything that changes the arithmetic beside the networks. */
export type Stylegan2Recipe = z.infer<typeof stylegan2RecipeSchema>;

/** Options that presets leave out, with the values that change nothing. */
export const stylegan2OffByDefault: Partial<Stylegan2Recipe> = SCHEDULES_OFF;

/** Width and depth of both networks; see `Stylegan2Size`. */
export const stylegan2NetworksSchema = z.object({
  code: z.int().min(1).max(4096),
  embedding: z.int().min(1).max(4096),
  mapping: z.int().min(1).max(16),
  ...WIDTH_FIELDS,
  mapsAt: z.int().min(8).max(256).optional(),
});

/** ln 2 / (ln r - ln 2), the weight of arXiv 1912.04958, appendix B, for directions that are divided by r. */
const pathWeight = (preset: Preset): number =>
  Number((Math.LN2 / (Math.log(presetResolution(preset)) - Math.LN2)).toPrecision(2));

/** Presets of the recipe. Rates, batches and gamma are those of the default family's presets; docs/recipes.md. */
export const stylegan2Recipes: Readonly<Record<Preset, Stylegan2Recipe>> = {
  tiny: recipe("tiny", { gamma: 0.1 }),
  small: recipe("small", { gamma: 0.2 }),
  base: recipe("base", { gamma: 0.5, batch: 12 }),
  large: recipe("large", { gamma: 1, batch: 8 }),
};

function recipe(preset: Preset, changes: Pick<Stylegan2Recipe, "gamma"> & Partial<Stylegan2Recipe>): Stylegan2Recipe {
  return {
    batch: 16,
    ...RATES,
    ...ADAM,
    penaltyInterval: 16,
    pathWeight: pathWeight(preset),
    pathInterval: 8,
    styleMixing: 0.9,
    ...AVERAGE,
    augment: AUGMENT,
    ...changes,
  };
}
