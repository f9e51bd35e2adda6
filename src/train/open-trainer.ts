import { invariant } from "../core/errors.ts";
import { isPrivate } from "./dp/private-config.ts";
import { GrowingTrainer } from "./growth/growing-trainer.ts";
import { trainingFamily } from "./known-families.ts";
import { Trainer } from "./trainer.ts";
import type { OpenTrainerOptions } from "./trainer-options.ts";
import type { TrainingSteps } from "./training-steps.ts";

/** The trainer that a configuration asks for, private or not. */
export async function openTrainer(options: OpenTrainerOptions): Promise<TrainingSteps> {
  if (!isPrivate(options.config)) {
    return options.config.recipe.grow === undefined ? Trainer.open(options) : GrowingTrainer.open(options);
  }
  const { privacy } = trainingFamily(options.config);
  invariant(!("refused" in privacy), `${options.config.model} has no private training`);
  return privacy.openTrainer(options);
}
