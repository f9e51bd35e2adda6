import type { Checkpoint, TrainingProgress } from "../model/index.ts";
import { type CopiedState, type CopyMonitor, copyWarning } from "./copy-monitor.ts";
import { checkWeights, type Remedies } from "./health.ts";
import type { KeptState, MeasuredState, Quality, QualityMonitor } from "./quality-monitor.ts";
import type { RunFolder } from "./run-folder.ts";
import type { StageSampler } from "./stage-sampler.ts";
import type { MeasuredSince } from "./stats-line.ts";
import type { EventWriter } from "./tensorboard.ts";
import type { TrainingSteps } from "./training-steps.ts";

/** What the quality of a run is followed by, and where it is written. */
export interface Followed {
  readonly run: RunFolder;
  readonly trainer: TrainingSteps;
  readonly sampler: StageSampler;
  readonly events: EventWriter;
  /** Undefined where nobody measures: the latest state is the best. */
  readonly monitor: QualityMonitor | undefined;
  /** Undefined where nobody looks for copies. */
  readonly copyMonitor: CopyMonitor | undefined;
  /** Class of each training image. */
  readonly labels: ArrayLike<number>;
  readonly remedies: Remedies;
  /** States of networks that are still to grow are measured, but only whole ones are kept as the best. */
  isWhole(): boolean;
  /** The state as it is, with the best one that this follower knows. */
  checkpoint(): Promise<Checkpoint>;
  /** Told when the run begins to copy. */
  readonly onWarning: ((line: string) => void) | undefined;
}

const NOTHING = { quality: null, copies: null };

/** Measures the states of a run as it is trained, keeps the best one, and looks for copies of training images. */
export class QualityFollower {
  readonly #followed: Followed;
  readonly #copyLabels: Uint16Array;
  /** Of the last warning. */
  #copiesTold: CopiedState | null = null;
  #sinceTaken: { readonly quality: Quality | null; readonly copies: number | null } = NOTHING;
  /** The state that is kept; null where none was measured. */
  best: KeptState | null = null;
  /** The latest state that was measured. */
  latest: MeasuredState | null = null;
  /** Drawn images that repeat training images, when last counted. */
  copies: CopiedState | null = null;

  constructor(followed: Followed) {
    this.#followed = followed;
    this.#copyLabels = spreadLabels(followed.labels);
  }

  /**
   * Goes on from the best state of a checkpoint. One that an earlier version chose by another measure is measured anew, so that the
   * states of a run are compared by one measure.
   */
  async restore(kept: TrainingProgress["best"]): Promise<void> {
    const { monitor, run } = this.#followed;
    if (monitor === undefined) return;
    if (kept === null || "score" in kept) {
      this.best = kept;
      return;
    }
    const checkpoint = await run.bestCheckpoint();
    if (checkpoint === null) return;
    const found = await monitor.measure(await this.#draw(checkpoint.state.average, monitor.labels));
    this.best = { ...found, imagesSeen: checkpoint.progress.imagesSeen };
  }

  /** Measures the state and keeps it when it is the best so far; a state whose weights are no numbers is left out. */
  async measure(): Promise<void> {
    const { trainer, monitor, run, events, remedies } = this.#followed;
    const { average } = await trainer.readState();
    if (checkWeights(average, trainer.imagesSeen, remedies) !== null) {
      this.#sinceTaken = { ...this.#sinceTaken, quality: null };
      return;
    }
    if (monitor === undefined) return this.#keepLatest(average);
    const drawn = await this.#draw(average, monitor.labels);
    const quality = await monitor.measure(drawn);
    const { distance, score, figures } = quality;
    const { imagesSeen } = trainer;
    this.latest = { distance, score, imagesSeen };
    this.#sinceTaken = { ...this.#sinceTaken, quality };
    await this.#countCopies(drawn.subarray(0, (drawn.length / monitor.labels.length) * monitor.compared));
    if (this.#followed.isWhole() && (this.best === null || score < this.best.score)) {
      this.best = { ...this.latest, figures };
      await run.saveBest(await this.#followed.checkpoint());
    }
    const all = Object.entries({ distance, score, ...figures }).map(([name, value]) => [`quality/${name}`, value]);
    events.scalars(trainer.imagesSeen, Date.now() / 1000, Object.fromEntries(all));
  }

  /** What was measured since the last call, for a line of statistics. */
  take(): MeasuredSince {
    const { quality, copies } = this.#sinceTaken;
    this.#sinceTaken = NOTHING;
    const { distance = null, score = null, figures = {} } = quality ?? {};
    return { distance, score, figures, copies };
  }

  /** Two or three images have no distance to follow, and are the soonest learned by heart. */
  async #keepLatest(average: Float32Array): Promise<void> {
    const { trainer, copyMonitor, run, isWhole, checkpoint } = this.#followed;
    if (copyMonitor !== undefined && this.copies?.imagesSeen !== trainer.imagesSeen) {
      await this.#countCopies(await this.#draw(average, this.#copyLabels));
    }
    if (isWhole()) await run.saveBest(await checkpoint());
  }

  async #countCopies(images: Uint8Array): Promise<void> {
    const { copyMonitor, trainer, events, onWarning } = this.#followed;
    if (copyMonitor === undefined) return;
    const copies = { ...(await copyMonitor.count(images)), imagesSeen: trainer.imagesSeen };
    const share = copies.found / copies.of;
    this.copies = copies;
    this.#sinceTaken = { ...this.#sinceTaken, copies: share };
    events.scalars(copies.imagesSeen, Date.now() / 1000, { "quality/copies": share });
    const warning = copyWarning(copies, this.#copiesTold);
    if (warning === null) return;
    this.#copiesTold = copies;
    onWarning?.(`warning: ${warning}`);
  }

  async #draw(weights: Float32Array, labels: Uint16Array): Promise<Uint8Array> {
    const { sampler, trainer } = this.#followed;
    return (await sampler.at(trainer.architecture)).draw(weights, labels, "probe");
  }
}

/** Images that are drawn to look for copies where no quality is measured. */
const LOOKED_AT = 64;

/** Classes of {@link LOOKED_AT} images, in the shares of the training images. */
const spreadLabels = (labels: ArrayLike<number>): Uint16Array =>
  Uint16Array.from({ length: LOOKED_AT }, (_, i) => labels[Math.floor((i * labels.length) / LOOKED_AT)]!);
