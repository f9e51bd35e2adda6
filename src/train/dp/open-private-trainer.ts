import { invariant } from "../../core/errors.ts";
import type { R3ganConfig } from "../r3gan/config.ts";
import type { OpenTrainerOptions } from "../trainer-options.ts";
import { PrivacyLedger } from "./ledger.ts";
import { isPrivate } from "./private-config.ts";
import { PrivateTrainer } from "./trainer.ts";

/** The trainer of a private run of r3gan. */
export function openPrivateTrainer(options: OpenTrainerOptions): Promise<PrivateTrainer> {
  const { store, state, records, ledger = PrivacyLedger.unwritten() } = options;
  const config = options.config as R3ganConfig;
  invariant(isPrivate(config), "only a private run is trained so");
  invariant(records?.length === config.differentialPrivacy.records, "a private run knows the images of each record");
  return PrivateTrainer.open({ config, store, state, records, ledger });
}
