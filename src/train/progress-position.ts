import type { TrainingProgress } from "../model/index.ts";
import { FIRST_PACE, nextPace } from "./budget-share.ts";
import { NO_GROWTH } from "./growth/stages.ts";
import { FIRST_LOSS_SCALE } from "./loss-scale.ts";
import type { TrainerPosition, TrainingSteps } from "./training-steps.ts";

/** What a checkpoint keeps of where training stands. @param seconds Of training, over all sittings. */
export function progressOf(trainer: TrainingSteps, seconds: number, best: TrainingProgress["best"]): TrainingProgress {
  const { step, augmentProbability, pendingOrderSigns, signals, lossScale, skippedSteps } = trainer.position;
  return {
    step,
    imagesSeen: trainer.imagesSeen,
    seconds,
    augmentProbability,
    signals: {
      gap: signals?.gap ?? null,
      spreadRatio: signals?.spreadRatio ?? null,
      pendingOrderSigns,
      lossScale: lossScale.scale,
      lossScaleGoodSteps: lossScale.goodSteps,
      skippedSteps,
    },
    best,
  };
}

/** Where training goes on from a checkpoint; what an earlier version did not keep is as at the beginning. */
export function positionOf({
  step,
  augmentProbability,
  signals,
  imagesSeen,
  seconds,
  pace,
  growth,
}: TrainingProgress): TrainerPosition {
  const { gap, spreadRatio, pendingOrderSigns, lossScale, lossScaleGoodSteps, skippedSteps } = signals;
  return {
    step,
    augmentProbability,
    pendingOrderSigns: pendingOrderSigns ?? 0,
    signals: typeof gap === "number" && typeof spreadRatio === "number" ? { gap, spreadRatio } : null,
    lossScale:
      typeof lossScale === "number" ? { scale: lossScale, goodSteps: lossScaleGoodSteps ?? 0 } : FIRST_LOSS_SCALE,
    skippedSteps: skippedSteps ?? 0,
    // A run that had a budget of images so far: its mean pace.
    pace: pace ?? nextPace(FIRST_PACE, imagesSeen, seconds),
    growth: growth ?? NO_GROWTH,
  };
}
