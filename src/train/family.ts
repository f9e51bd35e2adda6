import type { z } from "zod";
import type { Tensor } from "../graph/index.ts";
import type { Architecture, FrozenNetwork, Preset } from "../model/index.ts";
import type { Fade, Stage } from "./growth/stages.ts";
import type { Remedies } from "./health.ts";
import type { Designed, RunConfig } from "./run-config.ts";
import type { ScheduledStep } from "./scheduled-step.ts";
import type { OpenTrainerOptions } from "./trainer-options.ts";
import type { TrainingSteps } from "./training-steps.ts";

/** Outputs of a training step by name. */
export type StepGraph = Record<string, Tensor>;

/** What a preset says; `--set` changes single options of it. */
export interface FamilyPreset<C extends RunConfig = RunConfig> {
  readonly networks: C["networks"];
  readonly recipe: C["recipe"];
}

/** How a family is trained with differential privacy. */
export interface PrivateTraining<C extends RunConfig = RunConfig> {
  /** What a preset says of a private training. */
  readonly presets: Readonly<Record<Preset, FamilyPreset<C>>>;
  openTrainer(options: OpenTrainerOptions): Promise<TrainingSteps>;
}

/** A training that was measured; docs/recipes.md has the circumstances. */
export interface MeasuredRun {
  readonly data: string;
  readonly resolution: number;
  readonly imagesSeen: number;
  /**
   * Share of the real images that have a generated one near them (Naeem 2020), on SqueezeNet features; on multiscale features of a
   * training beside a frozen network.
   */
  readonly coverage: number;
  /** Hash of the weights of the start that it began from. Defaults to none: new networks. */
  readonly start?: string;
  /** It had a frozen network beside its discriminator. Defaults to false. */
  readonly frozen?: boolean;
}

/** What a family came to beside all others in equal minutes, as a mean of its trainings; docs/recipes.md has the circumstances. */
export interface EqualMinutes {
  /** Frechet distance from the real images, on multiscale features, of each training. */
  readonly distances: readonly number[];
  /** Share of the real images that have a generated one near them (Naeem 2020), on the same features, of each. */
  readonly coverages: readonly number[];
}

/**
 * What training needs of a family of models besides its networks (`src/model/family.ts`). Loop, optimisers, averages,
 * checkpoints, samplers of grids, generator files, health windows, run folder and resume are shared: a family says its
 * configuration, its step, and what the step is fed. Functions are declared as methods, so that a family is written for its own
 * configuration.
 */
export interface TrainingFamily<C extends RunConfig = RunConfig> {
  /** Checks `networks` of `config.json`. */
  readonly networksSchema: z.ZodType<C["networks"]>;
  /** Checks `recipe` of `config.json`. */
  readonly recipeSchema: z.ZodType<C["recipe"]>;
  readonly presets: Readonly<Record<Preset, FamilyPreset<C>>>;
  /** Networks that presets had in earlier versions, so that a generator file of theirs can be begun from. Defaults to none. */
  readonly earlierNetworks?: readonly { readonly preset: Preset; readonly networks: C["networks"] }[];
  /**
   * Options of the recipe that follow from the length of the training unless they are asked for: a resumed run keeps its own.
   * `complete` fills them, for a training of so many images or minutes, or of no known length.
   */
  readonly fromLength?: {
    readonly names: readonly string[];
    complete(
      recipe: C["recipe"],
      length: { readonly images?: number | undefined; readonly minutes?: number | undefined },
    ): C["recipe"];
  };
  /** Options of the recipe that presets leave out, with the values that change nothing and are left out again. Defaults to none. */
  readonly offByDefault?: Partial<C["recipe"]>;
  /** The recipe of a training that begins from a start. Defaults to the same. */
  fineTuned?(recipe: C["recipe"], start: { readonly hasDiscriminator: boolean }): C["recipe"];
  /**
   * Networks for another resolution that share those of a start where both have layers. Defaults to none: a training begins
   * only from a start of its own resolution.
   */
  resized?(networks: C["networks"], from: number): C["networks"];
  /**
   * How its networks grow: the lowest resolution, in pixels, at which those of a configuration can begin. Defaults to none: it does
   * not grow, and there is one stage.
   */
  lowestResolution?(config: Designed<C>): number;
  /**
   * A training from scratch grows unless it is told not to, from its lowest resolution on. Defaults to false: only one that is asked
   * to grows.
   */
  readonly growsUnasked?: boolean;
  /** What in a configuration does not fit its budget, as an error of usage says it, or null. Defaults to nothing. */
  budgetProblem?(config: C): string | null;
  /**
   * Networks and recipe with heads that judge layers of a frozen network beside D. Defaults to none: such a network is refused.
   */
  judgedBy?(preset: FamilyPreset<C>, frozen: FrozenNetwork): FamilyPreset<C>;
  /** Weights of D that stay as they begin, by name. Defaults to none. */
  frozen?(config: C): readonly string[];
  /**
   * Shapes of the networks. @throws GanglionError `usage` for a resolution or size that does not fit
   * @param stage Of a training that grows. Defaults to the whole networks.
   */
  design(config: Designed<C>, stage?: Stage): Architecture;
  /**
   * The graphs that steps run. Inputs are the state by the names of the model family, the scalars of {@link schedule} and the
   * feeds; outputs are `next.NAME` of each state vector, `logits` [2N] (real, then generated), `lossG`, `lossD`, `fakeSpread`,
   * `realSpread`, `penalty` of each image that has one where there is one, `gradientSum` where losses are scaled, and any further scalar, which goes
   * to the statistics under its name.
   * @param stage As in {@link design}; the images of the feeds have the resolution of the configuration.
   */
  stepGraphs(config: C, stage?: Stage): StepGraph[];
  /**
   * @param step Steps done so far, from 0.
   * @param updates Those of them that were not skipped.
   * @param share Share of the budget that is used up, 0..1.
   * @param fade Of a stage whose newest layers are faded in.
   */
  schedule(config: C, step: number, updates: number, share: number, fade?: Fade): ScheduledStep;
  /** Steps after which the kinds of step repeat. */
  cycle(config: C): number;
  /**
   * URL of the compiled module that exports `feedSource(store, options)`, see `feed-source.ts`. It is loaded in a thread, which
   * knows of no family.
   */
  readonly feeds: URL;
  /** Probability of the augmentation at the first step. */
  augmentProbability(config: C): number;
  /**
   * The probability after some steps, from the mean order sign of their logits, the number of their images and the share of the
   * budget that is used up. Defaults to one that stays.
   */
  adaptProbability?(config: C, probability: number, orderSign: number, images: number, share: number): number;
  /** Why nothing is left to train after so many images, whatever the budget, or null. Defaults to never. */
  end?(config: C, imagesSeen: number): string | null;
  readonly remedies: Remedies;
  /** Whether the step takes `lossScale`, without which convolutions in float16 cannot be trained. */
  readonly scalesLosses: boolean;
  /** Trainings that were measured, so that a budget which reaches nothing is warned of. Defaults to none. */
  readonly measuredRuns?: readonly MeasuredRun[];
  /** What it came to beside the other families in equal minutes. Defaults to not compared. */
  readonly equalMinutes?: EqualMinutes;
  /** How it is trained with differential privacy, or why it is not, as the end of a sentence. */
  readonly privacy: PrivateTraining<C> | { readonly refused: string };
}
