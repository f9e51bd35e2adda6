import { isPrivate } from "./dp/private-config.ts";
import { meanRate } from "./growth/grow-recipe.ts";
import type { Stage } from "./growth/stages.ts";
import { budgetWarning, expectationNote } from "./measured-runs.ts";
import type { RunConfig } from "./run-config.ts";
import type { TrainOptions } from "./train-options.ts";

/** Seconds after which the rate of the first steps is known well enough. */
const TIMED_SECONDS = 3;

interface Sitting extends Pick<TrainOptions, "onWarning" | "onNote"> {
  readonly config: RunConfig;
  /** At which the sitting begins. */
  readonly stage: Stage;
  /** Where the run stood at the beginning of the sitting. */
  readonly before: { readonly imagesSeen: number; readonly seconds: number };
}

/**
 * Says once what the budget comes to, at the rate of the steps so far; nothing of a private run, whose quality nobody has measured.
 * @returns To be told the seconds and the images a second of the sitting after each step.
 */
export function budgetTeller({ config, stage, before, onWarning, onNote }: Sitting) {
  let told = isPrivate(config);
  return (seconds: number, rateNow: number): void => {
    if (told || seconds < TIMED_SECONDS) return;
    told = true;
    const rate = rateNow * meanRate(config, stage);
    const warning = budgetWarning(config, rate, before);
    const expectation = warning === null ? expectationNote(config, rate, before) : null;
    if (warning !== null) onWarning?.(`warning: ${warning}`);
    if (expectation !== null) onNote?.(expectation);
  };
}
