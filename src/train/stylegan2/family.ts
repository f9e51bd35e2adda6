import { stylegan2Sizes } from "../../model/index.ts";
import { deviationParts } from "../deviation-parts.ts";
import type { TrainingFamily } from "../family.ts";
import { presetsOf } from "../family-presets.ts";
import { builtPenaltyWeight, PENALTY_REMEDIES } from "../shared-schedule.ts";
import { type Stylegan2Config, stylegan2Architecture } from "./config.ts";
import { stylegan2NetworksSchema, stylegan2OffByDefault, stylegan2RecipeSchema, stylegan2Recipes } from "./recipe.ts";
import { cycleOf, kindOf, scheduleStylegan2, stepKinds } from "./schedule.ts";
import { buildStylegan2Step } from "./step-graph.ts";

/** Training of stylegan2: steps without regularisation, with R1, and with path lengths. */
export const stylegan2Training: TrainingFamily<Stylegan2Config> = {
  networksSchema: stylegan2NetworksSchema,
  recipeSchema: stylegan2RecipeSchema,
  presets: presetsOf(stylegan2Sizes, stylegan2Recipes),
  offByDefault: stylegan2OffByDefault,
  ...deviationParts,
  design: stylegan2Architecture,
  stepGraphs(config) {
    const { recipe } = config;
    const weight = builtPenaltyWeight(recipe);
    return stepKinds(recipe).map(({ penalty, path }) =>
      buildStylegan2Step({
        architecture: stylegan2Architecture(config),
        recipe,
        penaltyWeight: penalty ? weight : 0,
        pathWeight: path ? recipe.pathWeight * recipe.pathInterval : 0,
        conditioned: recipe.conditioning !== undefined,
      }),
    );
  },
  schedule({ recipe }, step, updates, share) {
    const { penalty, path } = kindOf(recipe, step);
    return {
      graph: stepKinds(recipe).findIndex((kind) => kind.penalty === penalty && kind.path === path),
      scalars: scheduleStylegan2(recipe, step, updates, share),
    };
  },
  cycle: ({ recipe }) => cycleOf(recipe),
  feeds: new URL("./feeds.js", import.meta.url),
  remedies: PENALTY_REMEDIES,
  equalMinutes: { distances: [103.24, 103.32], coverages: [0.183, 0.27] },
};
