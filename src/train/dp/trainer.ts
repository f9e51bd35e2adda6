import { Rng } from "../../core/rng.ts";
import type { PackedStore } from "../../data/index.ts";
import { compile, type Program } from "../../graph/index.ts";
import { mean } from "../../math/mean.ts";
import { networkLayouts, type R3ganArchitecture, type TrainingState, toSignedRange } from "../../model/index.ts";
import { FIRST_PACE } from "../budget-share.ts";
import { type CarriedState, carryState } from "../carried-state.ts";
import { NO_GROWTH } from "../growth/stages.ts";
import { FIRST_LOSS_SCALE } from "../loss-scale.ts";
import { type R3ganConfig, r3ganArchitecture } from "../r3gan/config.ts";
import { scheduleStep } from "../r3gan/schedule.ts";
import { PENALTY_REMEDIES } from "../shared-schedule.ts";
import type { StepReport, TrainerPosition, TrainingSteps } from "../training-steps.ts";
import { Accountant } from "./accountant.ts";
import type { PrivacyLedger } from "./ledger.ts";
import { poissonSample } from "./poisson-sample.ts";
import type { Private } from "./private-config.ts";
import { privateStepGraphs, ROWS } from "./run-graphs.ts";
import { SecureRandom } from "./secure-random.ts";

export interface PrivateTrainerOptions {
  readonly config: R3ganConfig & Private;
  readonly store: PackedStore;
  /** Positions in the store of each record's images. */
  readonly records: readonly (readonly number[])[];
  /** First state, whose arrays are taken over. */
  readonly state: TrainingState;
  readonly ledger: PrivacyLedger;
  /** Records, pairs and noise come from it. Defaults to the system's cryptographic source. */
  readonly random?: SecureRandom;
}

/**
 * DP-SGD on the discriminator (Abadi et al. 2016, arXiv 1607.00133): records of a step by Poisson sampling, each one's
 * gradient clipped, Gaussian noise on the sum. Everything else that a step computes or reports follows from the noisy sum
 * and from generated images.
 */
export class PrivateTrainer implements TrainingSteps {
  readonly #config: PrivateTrainerOptions["config"];
  readonly architecture: R3ganArchitecture;
  readonly #store: PackedStore;
  readonly #records: readonly (readonly number[])[];
  readonly #ledger: PrivacyLedger;
  readonly #random: SecureRandom;
  readonly #accountant: Accountant;
  /** Passes without and with penalty, then updates without and with. */
  readonly #programs: readonly Program[];
  readonly #state: CarriedState;
  #step = 0;
  #lossG = 0;
  millisecondsInRuntime = 0;

  private constructor(options: PrivateTrainerOptions, programs: readonly Program[], state: CarriedState) {
    const { config } = options;
    this.#config = config;
    this.architecture = r3ganArchitecture(config);
    this.#store = options.store;
    this.#records = options.records;
    this.#ledger = options.ledger;
    this.#random = options.random ?? new SecureRandom();
    this.#accountant = new Accountant(config.differentialPrivacy, config.differentialPrivacy.delta);
    this.#programs = programs;
    this.#state = state;
  }

  static async open(options: PrivateTrainerOptions): Promise<PrivateTrainer> {
    const { plans, threads } = options.config;
    const opened: Program[] = [];
    try {
      for (const graph of privateStepGraphs(options.config)) {
        opened.push(await compile(graph, { plans, threads, arena: false }));
      }
      return new PrivateTrainer(options, opened, await carryState(options.state, "cpu"));
    } catch (cause) {
      for (const program of opened) await program.close();
      throw cause;
    }
  }

  readState(): Promise<TrainingState> {
    return this.#state.read();
  }

  get position(): TrainerPosition {
    const still = { augmentProbability: 0, pendingOrderSigns: 0, signals: null, skippedSteps: 0 };
    return { step: this.#step, lossScale: FIRST_LOSS_SCALE, pace: FIRST_PACE, growth: NO_GROWTH, ...still };
  }

  get imagesSeen(): number {
    return this.#step * this.#config.recipe.batch;
  }

  get figures(): Readonly<Record<string, number>> {
    return { epsilon: this.#accountant.epsilon(this.#ledger.stepsBegun) };
  }

  get exhausted(): string | null {
    const { steps, epsilon, delta } = this.#config.differentialPrivacy;
    if (this.#ledger.stepsBegun < steps) return null;
    return `the privacy budget is spent: ${steps} steps, epsilon ${epsilon} at delta ${delta}`;
  }

  restore({ step }: TrainerPosition): void {
    this.#step = step;
  }

  async advance(): Promise<StepReport> {
    const { recipe, seed } = this.#config;
    const { withPenalty, ...scalars } = scheduleStep(recipe, this.#step);
    const penalised = Number(withPenalty && recipe.gamma > 0);
    await this.#ledger.begin();
    const gradient = await this.#noisyGradient(this.#programs[penalised]!);
    const feeds = {
      gradient,
      z: new Rng(seed, "latent", this.#step).fillNormal(new Float32Array(recipe.batch * this.architecture.latent)),
      labels: this.#uniformLabels(),
      ...Object.fromEntries(Object.entries(scalars).map(([name, value]) => [name, Float32Array.of(value)])),
    };
    const started = performance.now();
    const results = await this.#state.advance(this.#programs[2 + penalised]!, feeds);
    this.millisecondsInRuntime += performance.now() - started;
    this.#step++;
    this.#lossG = results.lossG![0]!;
    const { penalty } = results;
    return {
      lossG: this.#lossG,
      fakeSpread: results.fakeSpread![0]!,
      penalty: penalty === undefined ? null : mean(penalty),
    };
  }

  checkHealth(): string | null {
    if (Number.isFinite(this.#lossG)) return null;
    return `diverged: a loss is no longer a number after ${this.imagesSeen} images; ${PENALTY_REMEDIES.diverged}`;
  }

  /** Sum of clipped gradients of the records of a step, with noise, over the expected number of records: [P]. */
  async #noisyGradient(pass: Program): Promise<Float32Array> {
    const { clip, noiseMultiplier, samplingRate } = this.#config.differentialPrivacy;
    const taken = poissonSample(this.#random, this.#records, samplingRate);
    const { generator, discriminator } = await this.#state.read();
    let [sum, next] = [0, 1].map(() => new Float32Array(networkLayouts(this.architecture).discriminator.length));
    for (let start = 0; start < taken.length; start += ROWS) {
      const feeds = this.#rowsOf(taken.slice(start, start + ROWS));
      const started = performance.now();
      await pass.run({ generator, discriminator, sum: sum!, ...feeds }, { "next.sum": next! });
      this.millisecondsInRuntime += performance.now() - started;
      [sum, next] = [next, sum];
    }
    const deviation = noiseMultiplier * clip;
    const expected = this.#config.recipe.batch;
    for (let i = 0; i < sum!.length; i++) sum![i] = (sum![i]! + deviation * this.#random.normal()) / expected;
    return sum!;
  }

  /** A pass over at most {@link ROWS} images; rows that are left over are empty and do not count. */
  #rowsOf(positions: readonly number[]): Record<string, Float32Array> {
    const { channels, resolution, classes, latent } = this.architecture;
    const pixels = channels * resolution ** 2;
    const bytes = new Uint8Array(positions.length * pixels);
    this.#store.readInto(positions, bytes);
    const real = new Float32Array(ROWS * pixels);
    toSignedRange(bytes, real);
    const [labels, taken] = [new Float32Array(ROWS * classes), new Float32Array(ROWS)];
    positions.forEach((position, row) => {
      labels[row * classes + this.#store.labels[position]!] = 1;
      taken[row] = 1;
    });
    // Drawn in secret: which latent a record is paired with must not tell which records came before it.
    const z = Float32Array.from({ length: ROWS * latent }, () => this.#random.normal());
    return { real, labels, taken, z };
  }

  /** Classes asked of G: all alike, since their shares among the images are private. */
  #uniformLabels(): Float32Array {
    const { recipe, seed } = this.#config;
    const { classes } = this.architecture;
    const rng = new Rng(seed, "classes", this.#step);
    const labels = new Float32Array(recipe.batch * classes);
    for (let row = 0; row < recipe.batch; row++) labels[row * classes + rng.integer(classes)] = 1;
    return labels;
  }

  async close(): Promise<void> {
    for (const program of this.#programs) await program.close();
    await this.#state.close();
  }
}
