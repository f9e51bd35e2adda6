import { groupOf } from "../model/index.ts";
import { usualFineTune } from "./shared-recipe.ts";
import { type ScheduledConfig, scheduledParts } from "./shared-schedule.ts";

/** What in a batch does not fit a D that compares its images by groups. */
function groupProblem({ batch }: { readonly batch: number }): string | null {
  if (groupOf(batch) > 1) return null;
  return `--batch ${batch}: D compares the images of a batch in groups of 2 to 4 of equal size; use an even number or a multiple of 3`;
}

/** The parts of a `TrainingFamily` from noise whose D compares images of a batch by their deviation, and whose recipe has a schedule. */
export const deviationParts = {
  ...scheduledParts,
  budgetProblem: (config: ScheduledConfig & { readonly recipe: { readonly batch: number } }) =>
    groupProblem(config.recipe) ?? scheduledParts.budgetProblem(config),
  fineTuned: <R extends object>(recipe: R, { hasDiscriminator }: { readonly hasDiscriminator: boolean }) => ({
    ...recipe,
    fineTune: usualFineTune(hasDiscriminator),
  }),
  resized: <N extends { readonly mapsAt?: number | undefined }>(networks: N, from: number) => ({
    ...networks,
    mapsAt: networks.mapsAt ?? from,
  }),
  scalesLosses: false,
  privacy: {
    refused: "its discriminator compares images of a batch with each other, so that no gradient is of one image alone",
  },
};
