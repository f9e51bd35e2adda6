import { stateLayouts, stateNames } from "../model/index.ts";
import { architectureOf, measureStep, type RunConfig } from "../train/index.ts";
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
  const text = [
    JSON.stringify(config, null, 2),
    "",
    `generator      ${figures.generatorWeights} weights, widths ${architecture.generatorWidths.join(" ")} ${architecture.model === "dermgan" ? "down to" : "from"} 4 pixels`,
    `discriminator  ${figures.discriminatorWeights} weights`,
    `checkpoint     ${figures.checkpointMegabytes} MB`,
    `memory         ${figures.peakMemoryMegabytes} MB of this process after measured steps`,
    `speed          ${figures.imagesPerSecond} images/s measured here on random data`,
    `time           ${figures.minutes} minutes for about ${figures.images} images`,
    "",
    "dry run: nothing was written",
  ].join("\n");
  return { json: { config, ...figures }, text };
}
