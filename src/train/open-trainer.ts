import { invariant } from "../core/errors.ts";
import { PrivacyLedger } from "./dp/ledger.ts";
import { isPrivate } from "./dp/private-config.ts";
import { PrivateTrainer } from "./dp/trainer.ts";
import { Trainer, type TrainerOptions } from "./trainer.ts";
import type { TrainingSteps } from "./training-steps.ts";

export interface OpenTrainerOptions extends TrainerOptions {
  /** Positions of each record's images in the store; of private runs. */
  readonly records?: readonly (readonly number[])[];
  /** What a private run has spent. Defaults to a new count that is not written. */
  readonly ledger?: PrivacyLedger;
}

/** The trainer that a configuration asks for, private or not. */
export async function openTrainer(options: OpenTrainerOptions): Promise<TrainingSteps> {
  const { config, store, state, records, ledger = PrivacyLedger.unwritten() } = options;
  if (!isPrivate(config)) return Trainer.open(options);
  invariant(records?.length === config.differentialPrivacy.records, "a private run knows the images of each record");
  return PrivateTrainer.open({ config, store, state, records, ledger });
}
