import { type Architecture, grownState, type TrainingState } from "../../model/index.ts";
import { budgetShare } from "../budget-share.ts";
import { architectureOf } from "../config.ts";
import { initialState } from "../initial-state.ts";
import { Trainer } from "../trainer.ts";
import type { TrainerOptions } from "../trainer-options.ts";
import type { StepReport, TrainerPosition, TrainingSteps } from "../training-steps.ts";
import { type Stage, stagesOf } from "./stages.ts";

/** Trains networks that grow: stage after stage, each with steps of its own, which carry on the state of the one before. Close it. */
export class GrowingTrainer implements TrainingSteps {
  readonly #options: TrainerOptions;
  readonly #stages: readonly Stage[];
  #trainer: Trainer;
  #millisecondsBefore = 0;
  readonly exhausted = null;

  private constructor(options: TrainerOptions, stages: readonly Stage[], trainer: Trainer) {
    this.#options = options;
    this.#stages = stages;
    this.#trainer = trainer;
  }

  /** Opens a stage, the first unless the options name another; a stage after it opens where its share of the budget begins. */
  static async open(options: TrainerOptions): Promise<GrowingTrainer> {
    const stages = stagesOf(options.config);
    return new GrowingTrainer(options, stages, await Trainer.open({ ...options, stage: options.stage ?? stages[0] }));
  }

  get architecture(): Architecture {
    return this.#trainer.architecture;
  }

  get position(): TrainerPosition {
    return this.#trainer.position;
  }

  get imagesSeen(): number {
    return this.#trainer.imagesSeen;
  }

  get figures(): Readonly<Record<string, number>> {
    const { resolution, fading = 1 } = this.architecture;
    return { ...this.#trainer.figures, resolution, fade: fading };
  }

  get millisecondsInRuntime(): number {
    return this.#millisecondsBefore + this.#trainer.millisecondsInRuntime;
  }

  readState(): Promise<TrainingState> {
    return this.#trainer.readState();
  }

  restore(position: TrainerPosition): void {
    this.#trainer.restore(position);
  }

  notePace(seconds: number): void {
    this.#trainer.notePace(seconds);
  }

  async advance(): Promise<StepReport | null> {
    while (this.#isDue()) await this.#grow();
    return this.#trainer.advance();
  }

  checkHealth(): string | null {
    return this.#trainer.checkHealth();
  }

  close(): Promise<void> {
    return this.#trainer.close();
  }

  /** Whether the next stage begins. One that has begun stays, also where a raised budget makes the used share smaller. */
  #isDue(): boolean {
    const { pace, growth } = this.position;
    const next = this.#stages[growth.stage + 1];
    return next !== undefined && budgetShare(this.#options.config, pace, this.imagesSeen) >= next.from;
  }

  async #grow(): Promise<void> {
    const { config } = this.#options;
    const { position } = this.#trainer;
    const index = position.growth.stage + 1;
    const stage = this.#stages[index]!;
    const architecture = architectureOf(config, stage);
    const first = initialState(architecture, config.seed);
    const state = grownState(await this.#trainer.readState(), this.architecture, architecture, first);
    this.#millisecondsBefore += this.#trainer.millisecondsInRuntime;
    await this.#trainer.close();
    this.#trainer = await Trainer.open({ ...this.#options, stage, architecture, state });
    const updates = position.step - position.skippedSteps;
    this.#trainer.restore({ ...position, growth: { stage: index, updates } });
  }
}
