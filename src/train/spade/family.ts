import { spadeSizes } from "../../model/index.ts";
import type { TrainingFamily } from "../family.ts";
import { presetsOf } from "../family-presets.ts";
import { frozenLayers, matchingParts } from "../matching-parts.ts";
import { fallingParts, fallingScalars } from "../rate-fall.ts";
import { type SpadeConfig, spadeArchitecture } from "./config.ts";
import { spadeNetworksSchema, spadeOffByDefault, spadeRecipeSchema, spadeRecipes } from "./recipe.ts";
import { buildSpadeStep } from "./step-graph.ts";

/** Training of spade. */
export const spadeTraining: TrainingFamily<SpadeConfig> = {
  networksSchema: spadeNetworksSchema,
  recipeSchema: spadeRecipeSchema,
  presets: presetsOf(spadeSizes, spadeRecipes),
  offByDefault: spadeOffByDefault,
  ...fallingParts,
  ...matchingParts,
  design: spadeArchitecture,
  stepGraphs(config) {
    const { recipe, networks } = config;
    const frozenFeatures = frozenLayers(networks.frozen);
    return [buildSpadeStep({ architecture: spadeArchitecture(config), recipe, frozenFeatures })];
  },
  schedule: ({ recipe }, step, _, share) => ({ graph: 0, scalars: fallingScalars(recipe, step, share) }),
  feeds: new URL("./feeds.js", import.meta.url),
  equalMinutes: { distances: [109.68, 100.73], coverages: [0.122, 0.173] },
};
