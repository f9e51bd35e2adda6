import { PRESETS, type Preset, spadeSizes, tappedFeatures } from "../../model/index.ts";
import type { FamilyPreset, TrainingFamily } from "../family.ts";
import { fallingParts } from "../rate-fall.ts";
import { readFrozen } from "../read-frozen.ts";
import { type SpadeConfig, spadeArchitecture } from "./config.ts";
import {
  PERCEPTUAL_WEIGHT,
  remedies,
  spadeNetworksSchema,
  spadeOffByDefault,
  spadeRecipeSchema,
  spadeRecipes,
} from "./recipe.ts";
import { scheduleSpade } from "./schedule.ts";
import { buildSpadeStep } from "./step-graph.ts";

const presets = Object.fromEntries(
  PRESETS.map((preset) => [preset, { networks: spadeSizes[preset], recipe: spadeRecipes[preset] }]),
) as Record<Preset, FamilyPreset<SpadeConfig>>;

/** Training of spade. */
export const spadeTraining: TrainingFamily<SpadeConfig> = {
  networksSchema: spadeNetworksSchema,
  recipeSchema: spadeRecipeSchema,
  presets,
  offByDefault: spadeOffByDefault,
  ...fallingParts,
  judgedBy: ({ networks, recipe }, frozen) => ({
    networks: { ...networks, frozen },
    recipe: { ...recipe, perceptualWeight: PERCEPTUAL_WEIGHT },
  }),
  design: spadeArchitecture,
  stepGraphs(config) {
    const { recipe } = config;
    const { frozen } = config.networks;
    const frozenFeatures = frozen && tappedFeatures(readFrozen(frozen), frozen.taps);
    return [buildSpadeStep({ architecture: spadeArchitecture(config), recipe, frozenFeatures })];
  },
  schedule: ({ recipe }, step, _, share) => ({ graph: 0, scalars: scheduleSpade(recipe, step, share) }),
  cycle: () => 1,
  feeds: new URL("./feeds.js", import.meta.url),
  augmentProbability: ({ recipe }) => recipe.augment.probability,
  remedies,
  scalesLosses: false,
  privacy: {
    refused: "its generator learns from real images and maps (feature matching), not from a discriminator alone",
  },
};
