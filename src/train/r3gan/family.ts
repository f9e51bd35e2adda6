import { earlierNetworks, enlarged, PRESETS, type Preset, presetNetworks, tappedFeatures } from "../../model/index.ts";
import { openPrivateTrainer } from "../dp/open-private-trainer.ts";
import { privateNetworks, privateRecipe } from "../dp/privacy.ts";
import { isPrivate } from "../dp/private-config.ts";
import { privateStepGraphs } from "../dp/run-graphs.ts";
import type { TrainingFamily } from "../family.ts";
import { presetsOf } from "../family-presets.ts";
import { fadeScalars } from "../growth/fade-inputs.ts";
import { readFrozen } from "../read-frozen.ts";
import { usualFineTune } from "../shared-recipe.ts";
import { builtPenaltyWeight, PENALTY_REMEDIES, scheduledParts } from "../shared-schedule.ts";
import { type R3ganConfig, r3ganArchitecture } from "./config.ts";
import type { FrozenFeatures } from "./feature-judges.ts";
import { frozenWeights } from "./frozen-weights.ts";
import { measuredRuns } from "./measured-runs.ts";
import { defaultRecipes, frozenFeatureRecipe, networksSchema, offByDefault, recipeSchema } from "./recipe.ts";
import { scheduleStep } from "./schedule.ts";
import { buildStep, type StepOptions } from "./step-graph.ts";

/** Layers of the frozen network of a run, if it has one; smaller images are enlarged for it to those of the run. */
function frozenFeatures({ networks: { frozen }, resolution }: R3ganConfig): FrozenFeatures | undefined {
  if (frozen === undefined) return undefined;
  const features = tappedFeatures(readFrozen(frozen), frozen.taps);
  return (images) => features(enlarged(images, resolution));
}

/** Of each preset. */
const eachPreset = <T>(of: (preset: Preset) => T) =>
  Object.fromEntries(PRESETS.map((preset) => [preset, of(preset)])) as Record<Preset, T>;

/** Training of r3gan: the step without the gradient penalty and the one with it, or those of a private run. */
export const r3ganTraining: TrainingFamily<R3ganConfig> = {
  networksSchema,
  recipeSchema,
  presets: presetsOf(presetNetworks, defaultRecipes),
  earlierNetworks,
  offByDefault,
  fineTuned: (recipe, { hasDiscriminator }) => ({
    ...recipe,
    fineTune: { freeze: 0, ...usualFineTune(hasDiscriminator) },
  }),
  lowestResolution: () => 8,
  resized: (networks, from) => ({ ...networks, mapsAt: networks.mapsAt ?? from }),
  ...scheduledParts,
  judgedBy: ({ networks, recipe }, frozen) => ({
    networks: { ...networks, frozen },
    recipe: { ...recipe, features: frozenFeatureRecipe },
  }),
  frozen: frozenWeights,
  design: r3ganArchitecture,
  stepGraphs(config, stage) {
    if (isPrivate(config)) return privateStepGraphs(config);
    const architecture = r3ganArchitecture(config, stage);
    const imageResolution = config.resolution;
    const { batch, updates, beta2, epsilon, conditioning, classLoss } = config.recipe;
    const lossScaled = config.precision === "half";
    const frozen = new Set(frozenWeights(config));
    const features = frozenFeatures(config);
    const shared = {
      architecture,
      imageResolution,
      batch,
      updates,
      adam: { beta2, epsilon },
      lossScaled,
      frozen,
      classLoss,
    };
    const graphOf = (weight: StepOptions["penaltyWeight"]) => {
      const headPenalty = weight === 0 ? 0 : (config.recipe.features?.gamma ?? 0) * config.recipe.penaltyInterval;
      const heads = features && { features, penaltyWeight: headPenalty };
      return buildStep({ ...shared, penaltyWeight: weight, conditioned: conditioning !== undefined, heads });
    };
    return [graphOf(0), graphOf(builtPenaltyWeight(config.recipe))];
  },
  schedule({ recipe }, step, updates, share, fade) {
    const { withPenalty, ...scalars } = scheduleStep(recipe, step, updates, share);
    return {
      graph: withPenalty && recipe.gamma > 0 ? 1 : 0,
      scalars: { ...scalars, ...(fade && fadeScalars(fade, recipe.beta2)) },
    };
  },
  cycle: ({ recipe }) => recipe.penaltyInterval,
  feeds: new URL("./feeds.js", import.meta.url),
  remedies: PENALTY_REMEDIES,
  scalesLosses: true,
  measuredRuns,
  equalMinutes: { distances: [78.55, 62.34], coverages: [0.508, 0.638] },
  privacy: {
    presets: presetsOf(
      eachPreset((preset) => privateNetworks(presetNetworks[preset])),
      eachPreset((preset) => ({ ...defaultRecipes[preset], ...privateRecipe(preset) })),
    ),
    openTrainer: openPrivateTrainer,
  },
};
