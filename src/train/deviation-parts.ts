import { usualFineTune } from "./shared-recipe.ts";
import { scheduledParts } from "./shared-schedule.ts";

/** The parts of a `TrainingFamily` from noise whose D compares images of a batch by their deviation, and whose recipe has a schedule. */
export const deviationParts = {
  ...scheduledParts,
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
