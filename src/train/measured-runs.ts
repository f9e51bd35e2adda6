import type { MeasuredRun } from "./family.ts";
import { trainingFamily } from "./known-families.ts";
import type { RunConfig } from "./run-config.ts";

/** From this coverage on images count as recognisable; below it those measured were coloured blur or textures. */
const RECOGNISABLE = 0.2;

/** What is known of how many images must be seen. */
export interface KnownBudget {
  /** Resolution of the trainings: the run's, or the nearest below. */
  readonly resolution: number;
  /** Most images seen at which nothing recognisable was drawn. */
  readonly tooFew: number;
  /** Fewest images seen at which something was. */
  readonly enough: number;
}

/**
 * What the trainings at the run's resolution, or the nearest below, came to; null where none was measured, and for a run that
 * begins from a start, since they did not.
 */
export function knownBudget(config: Pick<RunConfig, "model" | "resolution" | "start">): KnownBudget | null {
  const runs = runsNear(config);
  if (runs.length === 0) return null;
  const seen = (recognisable: boolean) =>
    runs.filter(({ coverage }) => coverage >= RECOGNISABLE === recognisable).map(({ imagesSeen }) => imagesSeen);
  return { resolution: runs[0]!.resolution, tooFew: Math.max(...seen(false)), enough: Math.min(...seen(true)) };
}

/** The trainings nearest to a planned one: what it may come to lies between them. */
export interface ExpectedQuality {
  /** Longest one that saw no more images; null where all saw more. */
  readonly below: MeasuredRun | null;
  /** Shortest one that saw more; null where none did. */
  readonly above: MeasuredRun | null;
}

/** Measured trainings around one that sees so many images, at its resolution or the nearest below; null where none was measured. */
export function expectedQuality(
  config: Pick<RunConfig, "model" | "resolution" | "start">,
  images: number,
): ExpectedQuality | null {
  const runs = runsNear(config).toSorted((a, b) => a.imagesSeen - b.imagesSeen);
  if (runs.length === 0) return null;
  return {
    below: runs.findLast((run) => run.imagesSeen <= images) ?? null,
    above: runs.find((run) => run.imagesSeen > images) ?? null,
  };
}

/** Trainings at a run's resolution, or at the nearest below; none for a run that begins from a start. */
function runsNear({
  model,
  resolution,
  start,
}: Pick<RunConfig, "model" | "resolution" | "start">): readonly MeasuredRun[] {
  if (start !== undefined) return [];
  const { measuredRuns = [] } = trainingFamily({ model });
  const nearest = Math.max(...measuredRuns.map((run) => run.resolution).filter((known) => known <= resolution));
  return measuredRuns.filter((run) => run.resolution === nearest);
}

const thousands = (n: number): string => Math.round(n).toLocaleString("en-US");
const plain = (n: number): string => String(Number(n.toPrecision(2)));

/**
 * What to say of a budget that reaches nothing recognisable, and what would do; null where nothing speaks against it.
 * @param imagesPerSecond Measured.
 * @param start Images seen and seconds spent before this sitting. Defaults to a fresh run.
 */
export function budgetWarning(
  config: Pick<RunConfig, "model" | "resolution" | "images" | "minutes" | "start">,
  imagesPerSecond: number,
  start: { readonly imagesSeen: number; readonly seconds: number } = { imagesSeen: 0, seconds: 0 },
): string | null {
  const known = knownBudget(config);
  if (known === null || !(imagesPerSecond > 0)) return null;
  const { images, minutes, resolution } = config;
  const inTime =
    minutes === null
      ? Number.POSITIVE_INFINITY
      : start.imagesSeen + Math.max(0, minutes * 60 - start.seconds) * imagesPerSecond;
  const expected = Math.min(images ?? Number.POSITIVE_INFINITY, inTime);
  if (expected > known.tooFew) return null;
  const seen =
    inTime <= (images ?? Number.POSITIVE_INFINITY)
      ? `at ${plain(imagesPerSecond)} images/s ${plain(minutes!)} minutes see ${thousands(expected)} images`
      : `the training sees ${thousands(expected)} images`;
  const measured =
    known.resolution === resolution
      ? `at ${resolution} px`
      : `at ${known.resolution} px, and ${resolution} px need more`;
  const needed = Math.ceil((start.seconds + (known.enough - start.imagesSeen) / imagesPerSecond) / 60);
  return `${seen}; of the trainings measured so far (${measured}; docs/recipes.md) none was recognisable below ${thousands(known.tooFew)} images, and the first was at ${thousands(known.enough)}: --images ${known.enough} takes about ${thousands(needed)} minutes at this rate (--minutes ${needed})`;
}
