import type { Progress } from "../core/progress.ts";
import { isPrivate } from "./dp/private-config.ts";
import type { RunConfig } from "./run-config.ts";
import type { StepReport, TrainingSteps } from "./training-steps.ts";

/**
 * The live line of a training.
 * @param report Of the last step that learned something.
 * @param clock Seconds of training over all sittings, and images a second of this one.
 */
export function progressLine(
  config: RunConfig,
  trainer: TrainingSteps,
  report: StepReport | null,
  { seconds, rate }: { readonly seconds: number; readonly rate: number },
): Progress & { readonly secondsLeft: number } {
  const { images, minutes } = config;
  const lefts = [
    images === null ? Number.POSITIVE_INFINITY : (images - trainer.imagesSeen) / rate,
    minutes === null ? Number.POSITIVE_INFINITY : minutes * 60 - seconds,
  ];
  return {
    stage: "train",
    done: trainer.imagesSeen,
    ...(images === null ? {} : { total: images }),
    unit: "images",
    secondsLeft: Math.max(0, Math.min(...lefts)),
    figures: {
      ...(report === null ? {} : { "loss G": report.lossG.toFixed(3) }),
      ...(typeof report?.lossD === "number" ? { "loss D": report.lossD.toFixed(3) } : {}),
      ...(typeof report?.penalty === "number" ? { penalty: report.penalty.toFixed(3) } : {}),
      ...Object.fromEntries(
        Object.entries(trainer.figures).map(([name, value]) => [
          name,
          Number.isInteger(value) ? String(value) : value.toFixed(3),
        ]),
      ),
      ...(isPrivate(config) ? {} : { p: trainer.position.augmentProbability.toFixed(2) }),
    },
  };
}
