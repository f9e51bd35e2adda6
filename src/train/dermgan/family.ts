import { dermganSizes } from "../../model/index.ts";
import type { TrainingFamily } from "../family.ts";
import { presetsOf } from "../family-presets.ts";
import { fallingParts } from "../rate-fall.ts";
import { type DermganConfig, dermganArchitecture, dermganLowest } from "./config.ts";
import { dermganNetworksSchema, dermganOffByDefault, dermganRecipeSchema, dermganRecipes, remedies } from "./recipe.ts";
import { scheduleDermgan } from "./schedule.ts";
import { buildDermganStep } from "./step-graph.ts";

/** Training of dermgan. */
export const dermganTraining: TrainingFamily<DermganConfig> = {
  networksSchema: dermganNetworksSchema,
  recipeSchema: dermganRecipeSchema,
  presets: presetsOf(dermganSizes, dermganRecipes),
  offByDefault: dermganOffByDefault,
  ...fallingParts,
  lowestResolution: dermganLowest,
  design: dermganArchitecture,
  stepGraphs(config, stage) {
    const { recipe, resolution: imageResolution } = config;
    return [buildDermganStep({ architecture: dermganArchitecture(config, stage), imageResolution, recipe })];
  },
  schedule: ({ recipe }, step, _, share, fade) => ({ graph: 0, scalars: scheduleDermgan(recipe, step, share, fade) }),
  cycle: () => 1,
  feeds: new URL("./feeds.js", import.meta.url),
  augmentProbability: ({ recipe }) => recipe.augment.probability,
  remedies,
  scalesLosses: false,
  equalMinutes: { distances: [100.25, 108.7], coverages: [0.25, 0.115] },
  privacy: {
    refused: "its generator learns from real images and maps (L1, feature matching), not from a discriminator alone",
  },
};
