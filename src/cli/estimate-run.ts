import { familyOf, stateLayouts, stateNames } from "../model/index.ts";
import type { Privacy } from "../train/index.ts";
import { Accountant, architectureOf, isPrivate, measureStep, type RunConfig } from "../train/index.ts";
import type { CommandResult } from "./command.ts";

/** What `train --dry-run` says: the resolved configuration, sizes, and a time estimated from steps on random data. */
export async function estimateRun(config: RunConfig): Promise<CommandResult> {
  const architecture = architectureOf(config);
  const layouts = stateLayouts(architecture);
  const { imagesPerSecond, peakMemoryBytes } = await measureStep(config);
  const stateBytes = 4 * stateNames(architecture).reduce((sum, name) => sum + layouts[name].length, 0);
  const limit = config.minutes === null ? Number.POSITIVE_INFINITY : config.minutes * 60 * imagesPerSecond;
  const images = Math.round(Math.min(config.images ?? Number.POSITIVE_INFINITY, limit));
  const minutes = images / imagesPerSecond / 60;
  const figures = {
    generatorWeights: layouts.generator.length,
    discriminatorWeights: layouts.discriminator.length,
    checkpointMegabytes: Math.round(stateBytes / 1e5) / 10,
    peakMemoryMegabytes: Math.round(peakMemoryBytes / 1e6),
    imagesPerSecond: Math.round(imagesPerSecond * 10) / 10,
    images,
    minutes: Math.round(minutes * 10) / 10,
  };
  const privacy = isPrivate(config) ? privacyPlan(config.differentialPrivacy, config.recipe.batch, images) : null;
  const text = [
    JSON.stringify(config, null, 2),
    "",
    `generator      ${figures.generatorWeights} weights, ${familyOf(architecture).describe(architecture)}`,
    `discriminator  ${figures.discriminatorWeights} weights`,
    `checkpoint     ${figures.checkpointMegabytes} MB`,
    `memory         ${figures.peakMemoryMegabytes} MB used by this process after the measured steps`,
    `speed          ${figures.imagesPerSecond} images/s measured here on random data`,
    `time           ${figures.minutes} minutes for about ${figures.images} images`,
    ...(privacy === null ? [] : ["", ...privacy.text]),
    "",
    "dry run: nothing was written",
  ].join("\n");
  return { json: { config, ...figures, ...(privacy && { differentialPrivacy: privacy.json }) }, text };
}

/** Epochs whose spent epsilon is listed. */
const LISTED = 12;

/** What a private training is going to spend, epoch by epoch: an epoch is as many steps as take each record once on average. */
function privacyPlan(privacy: Privacy, batch: number, images: number) {
  const { noiseMultiplier, samplingRate, delta, unit, records } = privacy;
  const steps = Math.min(privacy.steps, Math.ceil(images / batch));
  const accountant = new Accountant(privacy, delta);
  const epochs = Math.max(1, Math.round(steps * samplingRate));
  const every = Math.ceil(epochs / LISTED);
  const spent: { epoch: number; steps: number; epsilon: number }[] = [];
  for (let epoch = every; epoch < epochs + every; epoch += every) {
    const done = epoch >= epochs ? steps : Math.round(epoch / samplingRate);
    spent.push({ epoch: Math.min(epoch, epochs), steps: done, epsilon: accountant.epsilon(done) });
  }
  const text = [
    `privacy        epsilon ${privacy.epsilon} at delta ${delta} for one ${unit} of ${records}`,
    `noise          multiplier ${noiseMultiplier}, clipping norm ${privacy.clip}, each ${unit} is in a step with probability ${samplingRate.toPrecision(3)}`,
    ...spent.map(
      (at) =>
        `epoch ${String(at.epoch).padStart(5)}    ${String(at.steps).padStart(7)} steps, epsilon ${at.epsilon.toFixed(3)}`,
    ),
  ];
  return { text, json: { ...privacy, spent } };
}
