import { familyOf } from "../model/index.ts";
import { architectureOf, type PrivacyPlan, type RunConfig, type RunEstimate } from "../train/index.ts";

/** What `train --dry-run` says: the resolved configuration, sizes and time. */
export function estimateText(config: RunConfig, figures: RunEstimate): string {
  const architecture = architectureOf(config);
  const { differentialPrivacy: privacy } = figures;
  return [
    JSON.stringify(config, null, 2),
    "",
    `generator      ${figures.generatorWeights} weights, ${familyOf(architecture).describe(architecture)}`,
    `discriminator  ${figures.discriminatorWeights} weights`,
    `checkpoint     ${figures.checkpointMegabytes} MB`,
    `memory         ${figures.peakMemoryMegabytes} MB used by this process after the measured steps`,
    `speed          ${figures.imagesPerSecond} images/s measured here on random data`,
    `time           ${figures.minutes} minutes for about ${figures.images} images`,
    ...(figures.budgetWarning === null ? [] : ["", `warning: ${figures.budgetWarning}`]),
    ...(privacy === undefined ? [] : ["", ...privacyLines(privacy)]),
    "",
    "dry run: nothing was written",
  ].join("\n");
}

function privacyLines({
  epsilon,
  delta,
  unit,
  records,
  noiseMultiplier,
  clip,
  samplingRate,
  spent,
}: PrivacyPlan): string[] {
  return [
    `privacy        epsilon ${epsilon} at delta ${delta} for one ${unit} of ${records}`,
    `noise          multiplier ${noiseMultiplier}, clipping norm ${clip}, each ${unit} is in a step with probability ${samplingRate.toPrecision(3)}`,
    ...spent.map(
      (at) =>
        `epoch ${String(at.epoch).padStart(5)}    ${String(at.steps).padStart(7)} steps, epsilon ${at.epsilon.toFixed(3)}`,
    ),
  ];
}
