import { Rng } from "../core/rng.ts";
import { compile, type Program, type Tensor } from "../graph/index.ts";
import {
  type Architecture,
  initialise,
  STATE_NAMES,
  type StateName,
  stateLayouts,
  type TrainingState,
} from "../model/index.ts";
import { adaptProbability, orderSign } from "./adaptive.ts";
import type { BatchSource } from "./batches.ts";
import type { RunConfig } from "./config.ts";
import { allocateAugment, drawAugment } from "./draw-augment.ts";
import { type HealthSignals, type StepSigns, updateSignals } from "./health.ts";
import { labelLayers } from "./profile/label-layers.ts";
import { scheduleStep } from "./schedule.ts";
import { buildStep } from "./step-graph.ts";

/** Steps between two moves of the augmentation's probability. */
const ADAPT_STEPS = 4;

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
  const graphOf = (penaltyWeight: number) =>
    buildStep({ architecture, batch, penaltyWeight, updates, adam: { beta2, epsilon } });
  return [graphOf(0), graphOf(gamma * penaltyInterval)];
}

/** Holds the state of a training and does one step at a time. Close it: it holds native memory. */
export class Trainer {
  readonly #config: RunConfig;
  readonly #architecture: Architecture;
  readonly #batches: BatchSource;
  readonly #plain: Program;
  readonly #penalised: Program;
  /** Two sets of arrays: a step reads one and writes the other. */
  #state: Record<StateName, Float32Array>;
  #spare: Record<StateName, Float32Array>;
  readonly #feeds: Record<string, Float32Array>;
  readonly #augment: ReturnType<typeof allocateAugment>;
  step: number;
  /** Milliseconds spent inside the runtime by this process. */
  millisecondsInRuntime = 0;
  augmentProbability: number;
  signals: HealthSignals | null;
  #orderSigns: number;

  private constructor(
    config: RunConfig,
    architecture: Architecture,
    batches: BatchSource,
    [plain, penalised]: readonly [Program, Program],
    state: TrainingState,
  ) {
    this.#config = config;
    this.#architecture = architecture;
    this.#batches = batches;
    this.#plain = plain;
    this.#penalised = penalised;
    this.#state = { ...state };
    this.#spare = Object.fromEntries(STATE_NAMES.map((name) => [name, new Float32Array(state[name].length)])) as Record<
      StateName,
      Float32Array
    >;
    const { batch } = config.recipe;
    const { channels, resolution, classes, latent } = architecture;
    this.#augment = allocateAugment(2 * batch, channels, resolution);
    this.#feeds = {
      real: new Float32Array(batch * channels * resolution ** 2),
      labels: new Float32Array(batch * classes),
      z: new Float32Array(batch * latent),
      ...Object.fromEntries(Object.entries(this.#augment).map(([name, array]) => [`augment.${name}`, array])),
    };
    this.step = 0;
    this.augmentProbability = 0;
    this.signals = null;
    this.#orderSigns = 0;
  }

  /** @param tracePrefix Where both programs write profiles of the runtime when they close. Defaults to nowhere. */
  static async open(
    config: RunConfig,
    architecture: Architecture,
    batches: BatchSource,
    state: TrainingState,
    tracePrefix?: string,
  ): Promise<Trainer> {
    const [plainStep, penalisedStep] = stepGraphs(config, architecture);
    const layouts = stateLayouts(architecture);
    const networks = { generator: layouts.generator, discriminator: layouts.discriminator };
    const compileStep = (step: StepGraph, name: string) =>
      compile(step, {
        threads: config.threads,
        labels: (outputs) => labelLayers(outputs, networks),
        profilePrefix: tracePrefix === undefined ? undefined : `${tracePrefix}.${name}`,
        // Two programs take turns; what each would keep of freed memory costs half as much again as all else.
        arena: false,
      });
    const plain = await compileStep(plainStep, "plain");
    const penalised = await compileStep(penalisedStep, "penalised");
    return new Trainer(config, architecture, batches, [plain, penalised], state);
  }

  get state(): TrainingState {
    return this.#state;
  }

  get imagesSeen(): number {
    return this.step * this.#config.recipe.batch;
  }

  /** Sum of the order signs since the last move of p; kept in checkpoints. */
  get pendingOrderSigns(): number {
    return this.#orderSigns;
  }

  /** Takes up a state that a checkpoint kept. */
  restore(step: number, augmentProbability: number, signals: HealthSignals | null, pendingOrderSigns: number): void {
    this.step = step;
    this.augmentProbability = augmentProbability;
    this.signals = signals;
    this.#orderSigns = pendingOrderSigns;
  }

  /** One step; the state moves on by one batch. */
  async advance(): Promise<StepReport> {
    const { recipe, seed } = this.#config;
    const { batch } = recipe;
    const { channels, resolution } = this.#architecture;
    const schedule = scheduleStep(recipe, this.step);
    this.#batches.fill(this.step, this.#feeds.real, this.#feeds.labels);
    new Rng(seed, "latent", this.step).fillNormal(this.#feeds.z);
    const shape = { count: 2 * batch, channels, size: resolution };
    drawAugment(new Rng(seed, "augment", this.step), this.#augment, this.augmentProbability, recipe.augment, shape);

    const scalar = (value: number) => Float32Array.of(value);
    const program = schedule.withPenalty && recipe.gamma > 0 ? this.#penalised : this.#plain;
    const started = performance.now();
    const results = await program.run(
      {
        ...this.#state,
        ...this.#feeds,
        generatorRate: scalar(schedule.generatorRate),
        discriminatorRate: scalar(schedule.discriminatorRate),
        correction: scalar(schedule.correction),
        decay: scalar(schedule.decay),
      },
      Object.fromEntries(STATE_NAMES.map((name) => [`next.${name}`, this.#spare[name]])),
    );
    this.millisecondsInRuntime += performance.now() - started;
    [this.#state, this.#spare] = [this.#spare, this.#state];
    this.step++;

    const { logits, penalty } = results;
    const signs: StepSigns = {
      lossG: results.lossG[0],
      lossD: results.lossD[0],
      gap: meanGap(logits),
      spreadRatio: results.fakeSpread[0] / Math.max(results.realSpread[0], 1e-12),
      penalty: penalty === undefined ? null : (penalty as Float32Array).reduce((a, b) => a + b, 0) / (2 * batch),
    };
    this.signals = updateSignals(this.signals, signs);
    const order = orderSign(logits);
    this.#orderSigns += order;
    if (this.step % ADAPT_STEPS === 0) {
      const mean = this.#orderSigns / ADAPT_STEPS;
      this.augmentProbability = adaptProbability(this.augmentProbability, mean, ADAPT_STEPS * batch, recipe);
      this.#orderSigns = 0;
    }
    return { ...signs, orderSign: order };
  }

  async close(): Promise<void> {
    await this.#plain.close();
    await this.#penalised.close();
  }
}

function meanGap(logits: ArrayLike<number>): number {
  const half = logits.length / 2;
  let sum = 0;
  for (let i = 0; i < half; i++) sum += logits[i] - logits[half + i];
  return sum / half;
}
