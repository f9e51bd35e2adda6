import type { MeasuredRun } from "./family.ts";
import { trainingFamily } from "./known-families.ts";
import type { RunConfig } from "./run-config.ts";

/** From this coverage on images count as recognisable; below it those measured were coloured blur or textures. */
const RECOGNISABLE = 0.2;

/** What a training is compared with measured ones by. */
type Planned = Pick<RunConfig, "model" | "resolution" | "start"> & Partial<Pick<RunConfig, "networks">>;

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
 * What the trainings at the run's resolution, or the nearest below, came to, of those that began alike; null where none was measured,
 * or where all drew something recognisable.
 */
export function knownBudget(config: Planned): KnownBudget | null {
  const runs = runsNear(config);
  const seen = (recognisable: boolean) =>
    runs.filter(({ coverage }) => coverage >= RECOGNISABLE === recognisable).map(({ imagesSeen }) => imagesSeen);
  const [few, enough] = [seen(false), seen(true)];
  if (few.length === 0 || enough.length === 0) return null;
  return { resolution: runs[0]!.resolution, tooFew: Math.max(...few), enough: Math.min(...enough) };
}

/** The trainings nearest to a planned one: what it may come to lies between them. */
export interface ExpectedQuality {
  /** Longest one that saw no more images; null where all saw more. */
  readonly below: MeasuredRun | null;
  /** Shortest one that saw more; null where none did. */
  readonly above: MeasuredRun | null;
}

/** Measured trainings around one that sees so many images, at its resolution or the nearest below; null where none was measured. */
export function expectedQuality(config: Planned, images: number): ExpectedQuality | null {
  const runs = runsNear(config).toSorted((a, b) => a.imagesSeen - b.imagesSeen);
  if (runs.length === 0) return null;
  return {
    below: runs.findLast((run) => run.imagesSeen <= images) ?? null,
    above: runs.find((run) => run.imagesSeen > images) ?? null,
  };
}

/** Trainings of the same start, or of new networks, with a frozen network or without, at a run's resolution or at the nearest below. */
function runsNear({ model, resolution, start, networks = {} }: Planned): readonly MeasuredRun[] {
  const { measuredRuns = [] } = trainingFamily({ model });
  const [begun, hasFrozen] = [start?.origins[0]?.weights, "frozen" in networks];
  const alike = measuredRuns.filter(
    (run) =>
      (start === undefined) === (run.start === undefined) && run.start === begun && (run.frozen ?? false) === hasFrozen,
  );
  const nearest = Math.max(...alike.map((run) => run.resolution).filter((known) => known <= resolution));
  return alike.filter((run) => run.resolution === nearest);
}

/** What a coverage of {@link ExpectedQuality} means, for people. */
export const COVERAGE_WORDS = "the share of real images that a drawn one is near: 0.2 is recognisable, 1 is the best";

/** `coverage 0.04 at 20,000 images (sarcoma MR), then 0.28 at 42,688 images (HAM10000)`. @param resolution Of the run. */
export function expectedText({ below, above }: ExpectedQuality, resolution: number): string {
  const named = [below, above]
    .filter((run) => run !== null)
    .map((run) => `${run.coverage.toFixed(2)} at ${thousands(run.imagesSeen)} images (${run.data})`);
  const only = below === null ? "less than " : above === null ? "about or above " : "";
  const at = (below ?? above)!.resolution;
  const elsewhere = at === resolution ? "" : `, measured at ${at} px; ${resolution} px need more`;
  return `coverage ${only}${named.join(", then ")}${elsewhere}`;
}

/** Lower resolution at which as many images come to more, or null. */
function lowerResolution({ model, resolution }: Pick<RunConfig, "model" | "resolution">): number | null {
  const { measuredRuns = [] } = trainingFamily({ model });
  const lower = measuredRuns.map((run) => run.resolution).filter((known) => known < resolution);
  return lower.length === 0 ? null : Math.max(...lower);
}

/** `begin from a start (--from RUN; ...)`, `or take --resolution 32`: what to do beside training for longer. */
function otherAdvice(config: Planned): string[] {
  const isNew = config.start === undefined;
  const lower = isNew ? lowerResolution(config) : null;
  const canBeJudged = trainingFamily(config).judgedBy !== undefined && !("frozen" in (config.networks ?? {}));
  return [
    ...(isNew ? ["begin from a start (--from RUN, or a name that `ganglion starts` lists)"] : []),
    ...(canBeJudged
      ? ["add --frozen onnx:PATH (it helped on skin in as many images, not on MR: docs/recipes.md)"]
      : []),
    ...(lower === null ? [] : [`or take --resolution ${lower}`]),
  ];
}

/** Images that a budget sees at a measured rate; infinite without one. */
function imagesOf(
  { images, minutes }: Pick<RunConfig, "images" | "minutes">,
  imagesPerSecond: number,
  start: SittingStart,
): { readonly inTime: number; readonly wanted: number } {
  const inTime =
    minutes === null
      ? Number.POSITIVE_INFINITY
      : start.imagesSeen + Math.max(0, minutes * 60 - start.seconds) * imagesPerSecond;
  return { inTime, wanted: images ?? Number.POSITIVE_INFINITY };
}

/** Images seen and seconds spent before a sitting. */
interface SittingStart {
  readonly imagesSeen: number;
  readonly seconds: number;
}

const FRESH: SittingStart = { imagesSeen: 0, seconds: 0 };

/**
 * What to say of a budget before it is spent: the images that it sees, and what trainings of about as many came to, with what would
 * do better; null where nothing like it was measured or no end is known.
 * @param imagesPerSecond Measured.
 * @param start Defaults to a fresh run.
 */
export function expectationNote(
  config: Planned & Pick<RunConfig, "images" | "minutes">,
  imagesPerSecond: number,
  start: SittingStart = FRESH,
): string | null {
  const { inTime, wanted } = imagesOf(config, imagesPerSecond, start);
  const images = Math.min(inTime, wanted);
  if (!Number.isFinite(images)) return null;
  const expected = expectedQuality(config, images);
  if (expected === null) return null;
  const better = expected.above === null ? "" : `; for more: ${["more time", ...otherAdvice(config)].join(", ")}`;
  return `the budget sees about ${thousands(images)} images at ${plain(imagesPerSecond)} images/s; to expect: ${expectedText(expected, config.resolution)} (${COVERAGE_WORDS})${better}`;
}

const thousands = (n: number): string => Math.round(n).toLocaleString("en-US");
const plain = (n: number): string => String(Number(n.toPrecision(2)));

/**
 * What to say of a budget that reaches nothing recognisable, and what would do; null where nothing speaks against it.
 * @param imagesPerSecond Measured.
 * @param start Images seen and seconds spent before this sitting. Defaults to a fresh run.
 */
export function budgetWarning(
  config: Planned & Pick<RunConfig, "images" | "minutes">,
  imagesPerSecond: number,
  start: SittingStart = FRESH,
): string | null {
  const known = knownBudget(config);
  if (known === null || !(imagesPerSecond > 0)) return null;
  const { minutes, resolution } = config;
  const { inTime, wanted } = imagesOf(config, imagesPerSecond, start);
  const expected = Math.min(wanted, inTime);
  if (expected > known.tooFew) return null;
  const seen =
    inTime <= wanted
      ? `at ${plain(imagesPerSecond)} images/s ${plain(minutes!)} minutes see ${thousands(expected)} images`
      : `the training sees ${thousands(expected)} images`;
  const measured =
    known.resolution === resolution
      ? `at ${resolution} px`
      : `at ${known.resolution} px, and ${resolution} px need more`;
  const needed = Math.ceil((start.seconds + (known.enough - start.imagesSeen) / imagesPerSecond) / 60);
  return `${seen}; of the trainings measured so far (${measured}; docs/recipes.md) none was recognisable below ${thousands(known.tooFew)} images, and the first was at ${thousands(known.enough)}: --images ${known.enough} takes about ${thousands(needed)} minutes at this rate (--minutes ${needed}); or ${otherAdvice(config).join(", ")}`;
}
