import type { PackedStore } from "../data/index.ts";
import type { Architecture, TrainingState } from "../model/index.ts";
import type { PrivacyLedger } from "./dp/ledger.ts";
import type { Stage } from "./growth/stages.ts";
import type { RunConfig } from "./run-config.ts";
import type { TrainingMaps } from "./training-maps.ts";

export interface TrainerOptions {
  readonly config: RunConfig;
  readonly architecture: Architecture;
  /** Training images. */
  readonly store: PackedStore;
  /** Of families that fill maps. */
  readonly maps?: TrainingMaps | undefined;
  /** Of a training that grows, whose networks `architecture` says. Defaults to the whole ones. */
  readonly stage?: Stage | undefined;
  /** First state, whose arrays are taken over. */
  readonly state: TrainingState;
  /** Where the programs write profiles of the runtime when they close. Defaults to nowhere. */
  readonly tracePrefix?: string | undefined;
}

export interface OpenTrainerOptions extends TrainerOptions {
  /** Positions of each record's images in the store; of private runs. */
  readonly records?: readonly (readonly number[])[] | undefined;
  /** What a private run has spent. Defaults to a new count that is not written. */
  readonly ledger?: PrivacyLedger | undefined;
}
