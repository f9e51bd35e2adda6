import type { PackedStore } from "../data/index.ts";
import { compile, type Program, type Tensor } from "../graph/index.ts";
import { type Architecture, initialise, stateLayouts, type TrainingState } from "../model/index.ts";
import { adaptProbability, orderSign } from "./adaptive.ts";
import { type CarriedState, carryState, residentOutputs } from "./carried-state.ts";
import type { RunConfig } from "./config.ts";
import { Feeder } from "./feeder.ts";
import { type HealthSignals, type StepSigns, updateSignals } from "./health.ts";
import { FIRST_LOSS_SCALE, LEAST_LOSS_SCALE, type LossScale, nextLossScale } from "./loss-scale.ts";
import { labelLayers } from "./profile/label-layers.ts";
import { scheduleStep } from "./schedule.ts";
import { buildStep } from "./step-graph.ts";

/** Steps between two moves of the augmentation's probability. */
const ADAPT_STEPS = 4;

/** Mean gradients of this size are overflows. */
const OVERFLOWED = 1e30;

/** Outputs of a training step by name. */
export type StepGraph = Record<string, Tensor>;

/** What a step reports. */
export interface StepReport extends StepSigns {
  readonly orderSign: number;
}

/** First state of a run. */
export function initialState(a: Architecture, seed: number): TrainingState {
  const layouts = stateLayouts(a);
  const generator = initialise(layouts.generator, seed, "generator");
  return {
    generator,
    generatorSecond: new Float32Array(generator.length),
    average: Float32Array.from(generator),
    discriminator: initialise(layouts.discriminator, seed, "discriminator"),
    discriminatorSecond: new Float32Array(layouts.discriminator.length),
  };
}

/** The step without the gradient penalty, and the one with it. */
export function stepGraphs(config: RunConfig, architecture: Architecture): [StepGraph, StepGraph] {
  const { batch, updates, gamma, penaltyInterval, beta2, epsilon } = config.recipe;
  const lossScaled = config.precision === "half";
  const graphOf = (penaltyWeight: number) =>
    buildStep({ architecture, batch, penaltyWeight, updates, adam: { beta2, epsilon }, lossScaled });
  return [graphOf(0), graphOf(gamma * penaltyInterval)];
}

export interface TrainerOptions {
  readonly config: RunConfig;
  readonly architecture: Architecture;
  /** Training images. */
  readonly store: PackedStore;
  /** First state, whose arrays are taken over. */
  readonly state: TrainingState;
  /** Where both programs write profiles of the runtime when they close. Defaults to nowhere. */
  readonly tracePrefix?: string;
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
}

const START: TrainerPosition = {
  step: 0,
  augmentProbability: 0,
  pendingOrderSigns: 0,
  signals: null,
  lossScale: FIRST_LOSS_SCALE,
  skippedSteps: 0,
};

/** Does one step of a training at a time. Close it: it holds native memory and a thread. */
export class Trainer {
  readonly #config: RunConfig;
  readonly #feeder: Feeder;
  readonly #plain: Program;
  readonly #penalised: Program;
  readonly #state: CarriedState;
  #position: TrainerPosition = START;
  /** Milliseconds spent inside the runtime by this process. */
  millisecondsInRuntime = 0;

  private constructor(
    { config, architecture, store }: TrainerOptions,
    [plain, penalised]: readonly [Program, Program],
    state: CarriedState,
  ) {
    this.#config = config;
    this.#plain = plain;
    this.#penalised = penalised;
    this.#state = state;
    this.#feeder = new Feeder(store, { architecture, recipe: config.recipe, seed: config.seed });
  }

  static async open(options: TrainerOptions): Promise<Trainer> {
    const { config, architecture, state, tracePrefix } = options;
    const { device } = config;
    const [plainStep, penalisedStep] = stepGraphs(config, architecture);
    const layouts = stateLayouts(architecture);
    const networks = { generator: layouts.generator, discriminator: layouts.discriminator };
    const compileStep = (step: StepGraph, name: string) =>
      compile(step, {
        device,
        resident: residentOutputs(device),
        halfConvolutions: config.precision === "half",
        plans: config.plans,
        threads: config.threads,
        labels: (outputs) => labelLayers(outputs, networks),
        profilePrefix: tracePrefix === undefined ? undefined : `${tracePrefix}.${name}`,
        // Two programs take turns; what each would keep of freed memory costs half as much again as all else.
        arena: false,
      });
    const opened: Program[] = [];
    try {
      opened.push(await compileStep(plainStep, "plain"));
      opened.push(await compileStep(penalisedStep, "penalised"));
      return new Trainer(options, [opened[0], opened[1]], await carryState(state, device));
    } catch (cause) {
      for (const program of opened) await program.close();
      throw cause;
    }
  }

  /** The state in arrays that the next step may overwrite. */
  readState(): Promise<TrainingState> {
    return this.#state.read();
  }

  get position(): TrainerPosition {
    return this.#position;
  }

  get imagesSeen(): number {
    return this.#position.step * this.#config.recipe.batch;
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
    const { recipe, precision } = this.#config;
    const { step, augmentProbability, pendingOrderSigns, lossScale, skippedSteps } = this.#position;
    const feeds = await this.#feeder.take(step, augmentProbability);
    const adapts = step > 0 && step % ADAPT_STEPS === 0;
    const nextProbability = adapts
      ? adaptProbability(augmentProbability, pendingOrderSigns / ADAPT_STEPS, ADAPT_STEPS * recipe.batch, recipe)
      : augmentProbability;
    this.#feeder.ask(step + 1, nextProbability);

    const schedule = scheduleStep(recipe, step, step - skippedSteps);
    const scalar = (value: number) => Float32Array.of(value);
    const half = precision === "half";
    const scalars = {
      generatorRate: scalar(schedule.generatorRate),
      discriminatorRate: scalar(schedule.discriminatorRate),
      correction: scalar(schedule.correction),
      decay: scalar(schedule.decay),
      ...(half ? { lossScale: scalar(lossScale.scale) } : {}),
    };
    const program = schedule.withPenalty && recipe.gamma > 0 ? this.#penalised : this.#plain;
    let skipped = false;
    const started = performance.now();
    const results = await this.#state.advance(program, { ...feeds, ...scalars }, ({ gradientSum }) => {
      // Shaders need not keep infinities: a sum beyond reason is one.
      const overflowed = gradientSum !== undefined && !(Math.abs(gradientSum[0]) < OVERFLOWED);
      // With nothing left to scale down it is the training that has diverged, which its weights will say.
      skipped = overflowed && lossScale.scale > LEAST_LOSS_SCALE;
      return !skipped;
    });
    this.millisecondsInRuntime += performance.now() - started;

    const { logits, penalty } = results;
    const signs: StepSigns = {
      lossG: results.lossG[0],
      lossD: results.lossD[0],
      gap: meanGap(logits),
      spreadRatio: results.fakeSpread[0] / Math.max(results.realSpread[0], 1e-12),
      penalty: penalty === undefined ? null : mean(penalty),
    };
    const order = orderSign(logits);
    this.#position = {
      step: step + 1,
      augmentProbability: nextProbability,
      // The logits of a skipped step may be no numbers.
      pendingOrderSigns: (adapts ? 0 : pendingOrderSigns) + (skipped ? 0 : order),
      signals: skipped ? this.#position.signals : updateSignals(this.#position.signals, signs),
      lossScale: half ? nextLossScale(lossScale, skipped) : lossScale,
      skippedSteps: skippedSteps + Number(skipped),
    };
    return skipped ? null : { ...signs, orderSign: order };
  }

  async close(): Promise<void> {
    await this.#feeder.close();
    await this.#plain.close();
    await this.#penalised.close();
    await this.#state.close();
  }
}

const mean = (values: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum / values.length;
};

function meanGap(logits: ArrayLike<number>): number {
  const half = logits.length / 2;
  let sum = 0;
  for (let i = 0; i < half; i++) sum += logits[i] - logits[half + i];
  return sum / half;
}
