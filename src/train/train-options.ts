import type { ProgressListener } from "../core/progress.ts";
import type { PackedStore } from "../data/index.ts";
import type { CopiedState, CopyMonitor } from "./copy-monitor.ts";
import type { FirstWeights } from "./initial-state.ts";
import type { KeptState, MeasuredState, QualityMonitor } from "./quality-monitor.ts";
import type { RunConfig } from "./run-config.ts";
import type { RunFolder } from "./run-folder.ts";
import type { TrainingMaps } from "./training-maps.ts";

export interface TrainOptions {
  readonly config: RunConfig;
  readonly run: RunFolder;
  /** Training images at the run's resolution. */
  readonly store: PackedStore;
  /** Of map-to-image models. */
  readonly maps?: TrainingMaps | undefined;
  /** Positions of each record's images in the store; of private runs. */
  readonly records?: readonly (readonly number[])[] | undefined;
  /** First weights of a run that begins from a start. Defaults to new ones. */
  readonly weights?: FirstWeights | undefined;
  /** Goes on from the latest checkpoint. Defaults to false: a fresh start. */
  readonly resume?: boolean;
  /** Follows the quality, so that the best state is kept; private runs have none. Defaults to none: the last state is the best. */
  readonly monitor?: QualityMonitor | undefined;
  /** Follows whether the run copies its training images, which is warned of. Defaults to none: nobody looks. */
  readonly copyMonitor?: CopyMonitor | undefined;
  /** Defaults to nobody. */
  readonly onProgress?: ProgressListener | undefined;
  /** Told once, when the first steps were timed, of a budget that reaches nothing, and when the run begins to copy. Defaults to nobody. */
  readonly onWarning?: ((line: string) => void) | undefined;
  /** Told once, when the first steps were timed, what a budget is expected to come to. Defaults to nobody. */
  readonly onNote?: ((line: string) => void) | undefined;
  /** Saves a checkpoint and ends when aborted. Defaults to never. */
  readonly signal?: AbortSignal | undefined;
}

export interface TrainResult {
  readonly imagesSeen: number;
  /** Seconds of training over all sittings. */
  readonly seconds: number;
  /** Why training ended. */
  readonly ended: string;
  /** `complete`: the budget is used up or the learning rates are zero; `interrupted`: resume to go on; `failed`: diverged or collapsed. */
  readonly outcome: "complete" | "interrupted" | "failed";
  /** Images seen by the weights in `generator.onnx`; null where none was written. */
  readonly generatorImagesSeen: number | null;
  /** The state that is kept; null where none was measured. */
  readonly best: KeptState | null;
  /** The latest state that was measured. */
  readonly latest: MeasuredState | null;
  /** Drawn images that repeat training images, when last counted; null where nobody looked. */
  readonly copies: CopiedState | null;
  /** Nothing is left to train, whatever the budget. */
  readonly exhausted: boolean;
}
