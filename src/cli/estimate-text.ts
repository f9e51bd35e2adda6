import { formatSeconds } from "../core/format-seconds.ts";
import { familyOf } from "../model/index.ts";
import {
  architectureOf,
  COVERAGE_WORDS,
  comparedText,
  expectedText,
  type PrivacyPlan,
  type RunConfig,
  type RunEstimate,
} from "../train/index.ts";

/** What a person gave of the size of the networks; what is left out was chosen. */
export interface AskedSize {
  readonly resolution?: number | undefined;
  readonly preset?: string | undefined;
}

const thousands = (n: number): string => n.toLocaleString("en-US");

/** What `train --dry-run` says on one screen: the size and why, data, time, memory and what to expect. */
export function estimateText(config: RunConfig, figures: RunEstimate, asked: AskedSize): string {
  const architecture = architectureOf(config);
  const { differentialPrivacy: privacy } = figures;
  const { counts, split } = config.dataset;
  const present = counts.reduce((a, b) => a + b, 0);
  const sizes = counts.length === 1 ? "one class" : `${counts.length} classes of ${spread(counts)} images`;
  const scaled =
    figures.measuredBatch === config.recipe.batch
      ? "steps timed here on random images"
      : `timed here on batches of ${figures.measuredBatch}, scaled to ${config.recipe.batch} by the operations of a step`;
  return [
    `model       ${config.model}, preset ${config.preset}: ${familyOf(architecture).describe(architecture)}`,
    `weights     ${thousands(figures.generatorWeights)} of the generator, ${thousands(figures.discriminatorWeights)} of the discriminator`,
    `resolution  ${config.resolution} px, ${resolutionReason(config, asked)}`,
    `data        ${split}, ${sizes}`,
    `images      ${thousands(figures.images)} seen in batches of ${config.recipe.batch}, each image about ${Number((figures.images / present).toPrecision(2))} times`,
    `time        ${formatSeconds(figures.minutes * 60)} on ${where(config)} at ${figures.imagesPerSecond} images/s (${scaled})`,
    `memory      ${thousands(figures.peakMemoryMegabytes)} MB; a checkpoint takes ${figures.checkpointMegabytes} MB of disk`,
    ...qualityLines(config, figures),
    ...comparedText(config).map((line, i) => `${(i === 0 ? "families" : "").padEnd(12)}${line}`),
    ...budgetLines(figures),
    ...(figures.budgetWarning === null ? [] : ["", `warning: ${figures.budgetWarning}`]),
    ...(privacy === undefined ? [] : ["", ...privacyLines(privacy)]),
    "",
    "dry run: nothing was written; --json prints the whole configuration",
  ].join("\n");
}

function spread(counts: readonly number[]): string {
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  return least === most ? thousands(least) : `${thousands(least)} to ${thousands(most)}`;
}

const where = ({ device, threads }: RunConfig): string =>
  device === "cpu" ? `${threads} ${threads === 1 ? "thread" : "threads"}` : device;

function resolutionReason({ preset }: RunConfig, asked: AskedSize): string {
  if (asked.resolution !== undefined) return "as asked";
  const whose = asked.preset === undefined ? `preset ${preset}, the default` : `preset ${preset}`;
  return `that of ${whose}; --resolution N asks for another`;
}

/** What trainings like it came to, and what the figure means. */
function qualityLines({ resolution }: RunConfig, { expected }: RunEstimate): string[] {
  if (expected === null) return [];
  return [`quality     ${expectedText(expected, resolution)}`, `            (${COVERAGE_WORDS})`];
}

/** How many images other lengths see. */
function budgetLines({ budgets }: RunEstimate): string[] {
  if (budgets.length === 0) return [];
  const each = budgets.map(({ minutes, images }) => `${formatSeconds(minutes * 60)} ${thousands(images)}`);
  return [`other times ${each.join(", ")} images seen`];
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
