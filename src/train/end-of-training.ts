import { trainingFamily } from "./known-families.ts";
import type { RunConfig } from "./run-config.ts";
import type { TrainingSteps } from "./training-steps.ts";

export const USED_UP = "the budget is used up";

/** Why there is nothing left to train, or null. */
export function endOf(config: RunConfig, trainer: TrainingSteps, seconds: number): string | null {
  const { imagesSeen } = trainer;
  const { images, minutes } = config;
  if ((images !== null && imagesSeen >= images) || (minutes !== null && seconds >= minutes * 60)) return USED_UP;
  return exhaustion(config, trainer);
}

/** Why there is nothing left to train whatever the budget, or null. */
export const exhaustion = (config: RunConfig, { imagesSeen, exhausted }: TrainingSteps): string | null =>
  exhausted ?? trainingFamily(config).end?.(config, imagesSeen) ?? null;
