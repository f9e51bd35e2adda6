import { earlierNetworks, PRESETS, type Preset, presetNetworks } from "../../model/index.ts";
import { adaptProbability } from "../adaptive.ts";
import { openPrivateTrainer } from "../dp/open-private-trainer.ts";
import { privateNetworks, privateRecipe } from "../dp/privacy.ts";
import { isPrivate } from "../dp/private-config.ts";
import { privateStepGraphs } from "../dp/run-graphs.ts";
import type { FamilyPreset, TrainingFamily } from "../family.ts";
import { type R3ganConfig, r3ganArchitecture } from "./config.ts";
import { frozenWeights } from "./frozen-weights.ts";
import { measuredRuns } from "./measured-runs.ts";
import { defaultRecipes, networksSchema, recipeSchema, remedies } from "./recipe.ts";
import { scheduleStep } from "./schedule.ts";
import { buildStep } from "./step-graph.ts";

const presetsOf = (of: (preset: Preset) => FamilyPreset<R3ganConfig>) =>
  Object.fromEntries(PRESETS.map((preset) => [preset, of(preset)])) as Record<Preset, FamilyPreset<R3ganConfig>>;

/** Training of r3gan: the step without the gradient penalty and the one with it, or those of a private run. */
export const r3ganTraining: TrainingFamily<R3ganConfig> = {
  networksSchema,
  recipeSchema,
  presets: presetsOf((preset) => ({ networks: presetNetworks[preset], recipe: defaultRecipes[preset] })),
  earlierNetworks,
  fineTuned: (recipe, { hasDiscriminator }) => ({
    ...recipe,
    fineTune: { freeze: 0, holdImages: hasDiscriminator ? 0 : 2_000, augment: 0 },
  }),
  resized: (networks, from) => ({ ...networks, mapsAt: networks.mapsAt ?? from }),
  frozen: frozenWeights,
  design: r3ganArchitecture,
  stepGraphs(config) {
    if (isPrivate(config)) return privateStepGraphs(config);
    const architecture = r3ganArchitecture(config);
    const { batch, updates, gamma, penaltyInterval, beta2, epsilon } = config.recipe;
    const lossScaled = config.precision === "half";
    const frozen = new Set(frozenWeights(config));
    const graphOf = (penaltyWeight: number) =>
      buildStep({ architecture, batch, penaltyWeight, updates, adam: { beta2, epsilon }, lossScaled, frozen });
    return [graphOf(0), graphOf(gamma * penaltyInterval)];
  },
  schedule({ recipe }, step, updates) {
    const { withPenalty, ...scalars } = scheduleStep(recipe, step, updates);
    return { graph: withPenalty && recipe.gamma > 0 ? 1 : 0, scalars };
  },
  cycle: ({ recipe }) => recipe.penaltyInterval,
  feeds: new URL("./feeds.js", import.meta.url),
  augmentProbability: ({ recipe }) => recipe.fineTune?.augment ?? 0,
  adaptProbability: ({ recipe }, probability, orderSign, images) =>
    adaptProbability(probability, orderSign, images, recipe),
  remedies,
  scalesLosses: true,
  measuredRuns,
  privacy: {
    presets: presetsOf((preset) => ({
      networks: privateNetworks(presetNetworks[preset]),
      recipe: { ...defaultRecipes[preset], ...privateRecipe(preset) },
    })),
    openTrainer: openPrivateTrainer,
  },
};
