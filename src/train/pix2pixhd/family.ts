import { pix2pixhdSizes } from "../../model/index.ts";
import type { TrainingFamily } from "../family.ts";
import { presetsOf } from "../family-presets.ts";
import { frozenLayers, matchingParts } from "../matching-parts.ts";
import { correction } from "../ramps.ts";
import { fallingParts, fallingScalars } from "../rate-fall.ts";
import { type Pix2pixhdConfig, pix2pixhdArchitecture } from "./config.ts";
import { pix2pixhdNetworksSchema, pix2pixhdOffByDefault, pix2pixhdRecipeSchema, pix2pixhdRecipes } from "./recipe.ts";
import { buildPix2pixhdStep } from "./step-graph.ts";

/** Training of pix2pixhd. */
export const pix2pixhdTraining: TrainingFamily<Pix2pixhdConfig> = {
  networksSchema: pix2pixhdNetworksSchema,
  recipeSchema: pix2pixhdRecipeSchema,
  presets: presetsOf(pix2pixhdSizes, pix2pixhdRecipes),
  offByDefault: pix2pixhdOffByDefault,
  ...fallingParts,
  ...matchingParts,
  design: pix2pixhdArchitecture,
  stepGraphs(config) {
    const { recipe, networks } = config;
    const frozenFeatures = frozenLayers(networks.frozen);
    return [buildPix2pixhdStep({ architecture: pix2pixhdArchitecture(config), recipe, frozenFeatures })];
  },
  schedule: ({ recipe }, step, _, share) => ({
    graph: 0,
    scalars: { ...fallingScalars(recipe, step, share), firstCorrection: correction(recipe.beta1, step) },
  }),
  feeds: new URL("./feeds.js", import.meta.url),
  equalMinutes: { distances: [150.28, 149.43], coverages: [0.073, 0.067] },
};
