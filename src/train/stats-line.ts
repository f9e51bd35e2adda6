import type { RunConfig } from "./run-config.ts";
import type { StatsLine } from "./run-folder.ts";
import type { TrainingSteps } from "./training-steps.ts";

/** What was measured between two lines of statistics. */
export interface MeasuredSince {
  /** Distance from the real images; null where it was not measured. */
  readonly distance: number | null;
  /** What states are ranked by; null where it was not measured. */
  readonly score: number | null;
  /** Further figures of the quality, by name. */
  readonly figures: Readonly<Record<string, number>>;
  /** Share of the drawn images that repeat training images; null where nobody looked. */
  readonly copies: number | null;
}

/** Figures of a line of statistics that the steps themselves do not know. */
export interface LineFigures {
  /** Of training, over all sittings. */
  readonly seconds: number;
  /** Images a second of this sitting. */
  readonly rate: number;
  /** Means of what steps reported since the last line. */
  readonly means: Readonly<Record<string, number>>;
  readonly measured: MeasuredSince;
}

/** A line of `stats.jsonl`: where training stands and what it reported since the last one. */
export function statsLine(
  { precision }: RunConfig,
  { imagesSeen, figures, position }: TrainingSteps,
  { seconds, rate, means, measured }: LineFigures,
): StatsLine {
  return {
    imagesSeen,
    seconds: round(seconds, 2),
    imagesPerSecond: round(rate, 2),
    ...rounded(means),
    ...rounded(figures),
    augmentProbability: round(position.augmentProbability, 4),
    ...(precision === "half" ? { lossScale: position.lossScale.scale, skippedSteps: position.skippedSteps } : {}),
    distance: measured.distance,
    ...(measured.score === null ? {} : { score: measured.score }),
    ...rounded(measured.figures),
    ...(measured.copies === null ? {} : { copies: measured.copies }),
  };
}

/** The numbers of a line by the names that they have in TensorBoard. */
export function scalarsOf(line: StatsLine): Record<string, number> {
  const entries = Object.entries(line).filter(([name, value]) => typeof value === "number" && name !== "imagesSeen");
  return Object.fromEntries(entries.map(([name, value]) => [`train/${name}`, value as number]));
}

const round = (value: number, digits: number): number => Number(value.toFixed(digits));

const rounded = (figures: Readonly<Record<string, number>>): Record<string, number> =>
  Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, round(value, 5)]));
