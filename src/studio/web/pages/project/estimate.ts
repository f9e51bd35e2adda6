import type { DryRun } from "../../../project-api.ts";

/** A training that was measured. */
interface Measured {
  readonly coverage: number;
  readonly imagesSeen: number;
  readonly resolution: number;
  readonly data: string;
}

/** Trainings nearest to a planned one, as `train --dry-run --json` says them. */
export interface Expected {
  readonly below: Measured | null;
  readonly above: Measured | null;
}

/** What `ganglion train --dry-run --json` prints, as far as the page shows it. */
export interface TrainEstimate {
  readonly imagesPerSecond: number;
  readonly peakMemoryMegabytes: number;
  readonly images: number;
  readonly minutes: number;
  readonly expected: Expected | null;
  readonly budgetWarning: string | null;
  readonly budgets: readonly {
    readonly minutes: number;
    readonly images: number;
    readonly expected: Expected | null;
  }[];
}

export const estimateOf = (answer: DryRun | null): TrainEstimate | null =>
  answer === null || answer.result === null ? null : (answer.result as unknown as TrainEstimate);

/** From this coverage on something is recognisable, as `train --dry-run` says it (docs/recipes.md). */
const RECOGNISABLE = 0.2;

/**
 * What to expect in one word: `unknown` where no training like it was measured, `blur` where the next longer one was not
 * recognisable, `edge` between, `recognisable` where the next shorter one was.
 */
export function qualityWord(expected: Expected | null): "unknown" | "blur" | "edge" | "recognisable" {
  if (expected === null || (expected.below === null && expected.above === null)) return "unknown";
  const { below, above } = expected;
  if (below !== null && below.coverage >= RECOGNISABLE) return "recognisable";
  return above !== null && above.coverage < RECOGNISABLE ? "blur" : "edge";
}

/** Images seen, and what to expect, at a length in minutes; null where the forecast does not say. */
export function atMinutes(estimate: TrainEstimate, minutes: number) {
  return (
    estimate.budgets.find((budget) => budget.minutes === minutes) ??
    (Math.abs(estimate.minutes - minutes) < 0.06 ? estimate : null)
  );
}
