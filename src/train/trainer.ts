import { compile, type Numbers, type Program } from "../graph/index.ts";
import { mean } from "../math/mean.ts";
import { type Architecture, networkLayouts, type TrainingState } from "../model/index.ts";
import { orderSign } from "./adaptive.ts";
import { budgetShare, FIRST_PACE, nextPace } from "./budget-share.ts";
import { type CarriedState, carryState, residentOutputs } from "./carried-state.ts";
import { architectureOf } from "./config.ts";
import type { StepGraph, TrainingFamily } from "./family.ts";
import type { FeedOptions } from "./feed-source.ts";
import { Feeder } from "./feeder.ts";
import { type Fade, fadeShare, NO_GROWTH, type Stage } from "./growth/stages.ts";
import { checkHealth, type StepSigns, updateSignals } from "./health.ts";
import { trainingFamily } from "./known-families.ts";
import { FIRST_LOSS_SCALE, MIN_LOSS_SCALE, nextLossScale } from "./loss-scale.ts";
import { labelLayers } from "./profile/label-layers.ts";
import type { RunConfig } from "./run-config.ts";
import { stepGraphs } from "./step-graphs.ts";
import type { TrainerOptions } from "./trainer-options.ts";
import type { TrainingMaps } from "./training-maps.ts";
import type { StepReport, TrainerPosition, TrainingSteps } from "./training-steps.ts";

/** Steps between two moves of the augmentation's probability. */
const ADAPT_STEPS = 4;

/** Mean gradients of this size are overflows. */
const OVERFLOWED = 1e30;

/** What the thread that makes feeds is told. */
export const feedOptions = (
  config: RunConfig,
  maps: TrainingMaps | undefined,
  architecture = architectureOf(config),
): FeedOptions => ({
  architecture,
  recipe: config.recipe,
  seed: config.seed,
  ...(maps === undefined ? {} : { maps: maps.training }),
});

const startOf = (config: RunConfig): TrainerPosition => ({
  step: 0,
  augmentProbability: trainingFamily(config).augmentProbability(config),
  pendingOrderSigns: 0,
  signals: null,
  lossScale: FIRST_LOSS_SCALE,
  skippedSteps: 0,
  pace: FIRST_PACE,
  growth: NO_GROWTH,
});

/** Scalars and loss terms that a step's graph hands out, besides what every step does. */
const COMMON_OUTPUTS = ["lossG", "lossD", "fakeSpread", "realSpread", "logits", "penalty", "gradientSum"];

/** Does one step of a training at a time. Close it: it holds native memory and a thread. */
export class Trainer implements TrainingSteps {
  readonly #config: RunConfig;
  readonly #architecture: Architecture;
  readonly #stage: Stage | undefined;
  readonly #family: TrainingFamily;
  readonly #feeder: Feeder;
  readonly #programs: readonly Program[];
  readonly #state: CarriedState;
  #position: TrainerPosition;
  /** Of the last step that was not skipped. */
  #signs: StepSigns | null = null;
  readonly exhausted = null;
  /** Milliseconds spent inside the runtime by this process. */
  millisecondsInRuntime = 0;

  private constructor(options: TrainerOptions, programs: readonly Program[], state: CarriedState) {
    const { config, architecture, store, maps } = options;
    this.#config = config;
    this.#architecture = architecture;
    this.#stage = options.stage;
    this.#programs = programs;
    this.#state = state;
    this.#position = startOf(config);
    this.#family = trainingFamily(config);
    this.#feeder = new Feeder(store, this.#family.feeds, feedOptions(config, maps, architecture));
  }

  static async open(options: TrainerOptions): Promise<Trainer> {
    const { config, architecture, stage, state, tracePrefix } = options;
    const { device } = config;
    const networks = networkLayouts(architecture);
    const compileStep = (step: StepGraph, index: number) =>
      compile(step, {
        device,
        resident: residentOutputs(device, architecture),
        halfConvolutions: config.precision === "half",
        plans: config.plans,
        threads: config.threads,
        labels: (outputs) => labelLayers(outputs, networks),
        profilePrefix: tracePrefix === undefined ? undefined : `${tracePrefix}.graph${index}`,
        // Programs take turns; what each would keep of freed memory costs half as much again as all else.
        arena: false,
      });
    const opened: Program[] = [];
    try {
      for (const [index, graph] of stepGraphs(config, stage).entries()) opened.push(await compileStep(graph, index));
      return new Trainer(options, opened, await carryState(state, device));
    } catch (cause) {
      for (const program of opened) await program.close();
      throw cause;
    }
  }

  /** The state in arrays that the next step may overwrite. */
  readState(): Promise<TrainingState> {
    return this.#state.read();
  }

  get architecture(): Architecture {
    const fade = this.#fade;
    return fade === undefined ? this.#architecture : { ...this.#architecture, fading: fade.share };
  }

  get position(): TrainerPosition {
    return this.#position;
  }

  /** The used share of the budget, where the recipe goes by it. */
  get figures(): Readonly<Record<string, number>> {
    return "schedule" in this.#config.recipe ? { budgetShare: this.#share } : {};
  }

  get imagesSeen(): number {
    return this.#position.step * this.#config.recipe.batch;
  }

  /** Share of the budget that is used up, 0..1. */
  get #share(): number {
    return budgetShare(this.#config, this.#position.pace, this.imagesSeen);
  }

  /** Of networks whose newest layers are faded in. Their share stays where a raised budget makes what is used of it smaller. */
  get #fade(): Fade | undefined {
    if (this.#stage?.fading !== true) return undefined;
    const { step, skippedSteps, growth } = this.#position;
    const share = Math.max(growth.reached ?? 0, fadeShare(this.#stage, this.#share));
    return { share, updates: step - skippedSteps - growth.updates };
  }

  notePace(seconds: number): void {
    const { pace } = this.#position;
    this.#position = { ...this.#position, pace: nextPace(pace, this.imagesSeen, seconds) };
  }

  /** Goes on from where a checkpoint was written. */
  restore(position: TrainerPosition): void {
    this.#position = position;
  }

  /**
   * One step; the state moves on by one batch.
   * @returns What the step saw; null where a gradient overflowed float16 and the step was skipped.
   */
  async advance(): Promise<StepReport | null> {
    const config = this.#config;
    const { step, augmentProbability, pendingOrderSigns, lossScale, skippedSteps, pace, growth } = this.#position;
    const share = this.#share;
    const feeds = await this.#feeder.take(step, augmentProbability);
    const family = this.#family;
    const adapts = family.adaptProbability !== undefined && step > 0 && step % ADAPT_STEPS === 0;
    const images = ADAPT_STEPS * config.recipe.batch;
    const orderSigns = pendingOrderSigns / ADAPT_STEPS;
    const adapted = adapts
      ? family.adaptProbability?.(config, augmentProbability, orderSigns, images, share)
      : undefined;
    const nextProbability = adapted ?? augmentProbability;
    this.#feeder.ask(step + 1, nextProbability);

    const fade = this.#fade;
    const { graph, scalars: scheduled } = family.schedule(config, step, step - skippedSteps, share, fade);
    const half = config.precision === "half";
    const scalars = Object.fromEntries(
      Object.entries({ ...scheduled, ...(half ? { lossScale: lossScale.scale } : {}) }).map(([name, value]) => [
        name,
        Float32Array.of(value),
      ]),
    );
    const program = this.#programs[graph]!;
    let skipped = false;
    const started = performance.now();
    const results = await this.#state.advance(program, { ...feeds, ...scalars }, ({ gradientSum }) => {
      // Shaders need not keep infinities: a sum beyond reason is one.
      const overflowed = gradientSum !== undefined && !(Math.abs(gradientSum[0]!) < OVERFLOWED);
      // With nothing left to scale down it is the training that has diverged, which its weights will say.
      skipped = overflowed && lossScale.scale > MIN_LOSS_SCALE;
      return !skipped;
    });
    this.millisecondsInRuntime += performance.now() - started;

    const { logits, penalty } = results;
    const signs: StepSigns = {
      lossG: results.lossG![0]!,
      lossD: results.lossD![0]!,
      gap: meanGap(logits!),
      spreadRatio: results.fakeSpread![0]! / Math.max(results.realSpread![0]!, 1e-12),
      penalty: penalty === undefined ? null : mean(penalty),
    };
    const order = orderSign(logits!);
    this.#position = {
      step: step + 1,
      augmentProbability: nextProbability,
      // The logits of a skipped step may be no numbers.
      pendingOrderSigns: (adapts ? 0 : pendingOrderSigns) + (skipped ? 0 : order),
      signals: skipped ? this.#position.signals : updateSignals(this.#position.signals, signs),
      lossScale: half ? nextLossScale(lossScale, skipped) : lossScale,
      skippedSteps: skippedSteps + Number(skipped),
      pace,
      growth: fade === undefined ? growth : { ...growth, reached: fade.share },
    };
    if (skipped) return null;
    this.#signs = signs;
    return { ...signs, orderSign: order, ...termsOf(results) };
  }

  checkHealth(): string | null {
    const { signals } = this.#position;
    return signals === null || this.#signs === null
      ? null
      : checkHealth(signals, this.#signs, this.imagesSeen, this.#family.remedies);
  }

  async close(): Promise<void> {
    await this.#feeder.close();
    for (const program of this.#programs) await program.close();
    await this.#state.close();
  }
}

/** Terms of a model's losses that its step hands out. */
const termsOf = (results: Readonly<Record<string, Numbers>>): Record<string, number> =>
  Object.fromEntries(
    Object.entries(results)
      .filter(([name]) => !COMMON_OUTPUTS.includes(name) && !name.startsWith("next."))
      .map(([name, [value]]) => [name, value!]),
  );

function meanGap(logits: ArrayLike<number>): number {
  const half = logits.length / 2;
  let sum = 0;
  for (let i = 0; i < half; i++) sum += logits[i]! - logits[half + i]!;
  return sum / half;
}
