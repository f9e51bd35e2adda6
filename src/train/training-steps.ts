import type { Architecture, TrainingState } from "../model/index.ts";
import type { Pace } from "./budget-share.ts";
import type { Growth } from "./growth/stages.ts";
import type { HealthSignals } from "./health.ts";
import type { LossScale } from "./loss-scale.ts";

/** Figures of a step by name; null for what this step did not measure. */
export interface StepReport {
  readonly lossG: number;
  readonly [figure: string]: number | null;
}

/** What the next step depends on besides the state and the configuration; kept in checkpoints. */
export interface TrainerPosition {
  /** Steps done. */
  readonly step: number;
  /** Probability p of the augmentation of the next step: its feeds are made while this one runs. */
  readonly augmentProbability: number;
  /** Sum of the order signs since the last move of p. */
  readonly pendingOrderSigns: number;
  readonly signals: HealthSignals | null;
  readonly lossScale: LossScale;
  /** Steps whose gradients overflowed float16, of which nothing was learned. */
  readonly skippedSteps: number;
  /** What the clock said when it was last noted; counts in a budget of minutes alone. */
  readonly pace: Pace;
  readonly growth: Growth;
}

/** Makes the steps of a training, one at a time. Close it: it holds native memory. */
export interface TrainingSteps {
  /** Shapes of the networks whose weights the state has; of a training that grows those of its stage. */
  readonly architecture: Architecture;
  readonly position: TrainerPosition;
  readonly imagesSeen: number;
  /** Milliseconds spent inside the runtime by this process. */
  readonly millisecondsInRuntime: number;
  /** Further figures of where training stands, for statistics and the live line. */
  readonly figures: Readonly<Record<string, number>>;
  /** Why no further step may be made, or null. */
  readonly exhausted: string | null;
  /** The state in arrays that the next step may overwrite. */
  readState(): Promise<TrainingState>;
  /** Goes on from where a checkpoint was written. */
  restore(position: TrainerPosition): void;
  /** Notes how long the training has taken, over all sittings, for schedules over a budget of minutes. */
  notePace?(seconds: number): void;
  /** One step; null where it was skipped and nothing was learned. */
  advance(): Promise<StepReport | null>;
  /** Why training should end after the last step, or null. */
  checkHealth(): string | null;
  close(): Promise<void>;
}
