import { pgganSizes } from "../../model/index.ts";
import { deviationParts } from "../deviation-parts.ts";
import type { TrainingFamily } from "../family.ts";
import { presetsOf } from "../family-presets.ts";
import { fadeScalars } from "../growth/fade-inputs.ts";
import { builtPenaltyWeight, PENALTY_REMEDIES, sharedScalars } from "../shared-schedule.ts";
import { type PgganConfig, pgganArchitecture } from "./config.ts";
import { pgganNetworksSchema, pgganOffByDefault, pgganRecipeSchema, pgganRecipes } from "./recipe.ts";
import { buildPgganStep } from "./step-graph.ts";

/** Training of pggan. */
export const pgganTraining: TrainingFamily<PgganConfig> = {
  networksSchema: pgganNetworksSchema,
  recipeSchema: pgganRecipeSchema,
  presets: presetsOf(pgganSizes, pgganRecipes),
  offByDefault: pgganOffByDefault,
  ...deviationParts,
  lowestResolution: () => 8,
  growsUnasked: true,
  design: pgganArchitecture,
  stepGraphs(config, stage) {
    const { recipe, resolution: imageResolution } = config;
    return [
      buildPgganStep({
        architecture: pgganArchitecture(config, stage),
        imageResolution,
        recipe,
        penaltyWeight: builtPenaltyWeight(recipe),
        conditioned: recipe.conditioning !== undefined,
      }),
    ];
  },
  schedule: ({ recipe }, step, updates, share, fade) => ({
    graph: 0,
    scalars: { ...sharedScalars(recipe, step, updates, share), ...(fade && fadeScalars(fade, recipe.beta2)) },
  }),
  cycle: () => 1,
  feeds: new URL("./feeds.js", import.meta.url),
  // What a critic says has no bound: a large difference is a distance of images, not a discriminator that has won.
  remedies: { ...PENALTY_REMEDIES, won: null },
  equalMinutes: { distances: [194.73, 199.28], coverages: [0.012, 0.01] },
};
