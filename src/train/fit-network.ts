import { GanglionError } from "../core/errors.ts";
import { type ProgressListener, silent } from "../core/progress.ts";
import { Rng } from "../core/rng.ts";
import type { Tensor } from "../graph/index.ts";
import { initialise, type ParameterLayout, type Weights } from "../model/index.ts";
import type { AugmentArrays } from "./draw-augment.ts";
import { type FitRecipe, runFitLoop } from "./fit-loop.ts";

/** A network with one loss: what is learned, and from what. */
export interface FitTask {
  readonly layout: ParameterLayout;
  /** Names the streams of random numbers of the network. */
  readonly network: string;
  /** Images of a step. */
  readonly batch: number;
  /** Learning rate at its highest. Defaults to 2e-3. */
  readonly rate?: number | undefined;
  /** The loss of a batch, a scalar; built once. */
  loss(weights: Weights): Tensor;
  /** Inputs of the loss for one step, drawn from a stream of that step. */
  feed(rng: Rng): Readonly<Record<string, Float32Array>>;
}

export interface FitOptions {
  /** Images seen in training, rounded up to whole steps. */
  readonly imagesSeen: number;
  /** Name of the work for whoever listens. */
  readonly stage: string;
  readonly seed: number;
  readonly threads: number;
  /** Defaults to nobody. */
  readonly onProgress?: ProgressListener | undefined;
  /** Ends the training with an error once aborted. Defaults to never. */
  readonly signal?: AbortSignal | undefined;
}

/** Without momentum; a task may raise the rate. */
const RECIPE: FitRecipe = {
  rate: 2e-3,
  adam: { beta1: 0, beta2: 0.99, epsilon: 1e-6 },
  decay: 0.98,
  warmUp: 50,
};

/**
 * Trains a small network on batches drawn at random; returns the averaged weights, flat.
 * @throws GanglionError `training` once the signal is given
 */
export async function fitNetwork(task: FitTask, options: FitOptions): Promise<Float32Array> {
  const { layout, network, batch, rate = RECIPE.rate } = task;
  const { imagesSeen, stage, seed, threads, onProgress = silent, signal } = options;
  const steps = Math.max(1, Math.ceil(imagesSeen / batch));
  const { average } = await runFitLoop({
    ...{ layout, steps, threads },
    recipe: { ...RECIPE, rate },
    start: initialise(layout, seed, network),
    objective: (weights) => ({ loss: task.loss(weights) }),
    feed(step) {
      if (signal?.aborted) {
        throw new GanglionError(
          "training",
          `the training of the ${stage} was stopped; run the command again, \`ganglion train\` with --resume`,
        );
      }
      return task.feed(new Rng(seed, network, step));
    },
    afterStep(step) {
      onProgress({ stage, done: (step + 1) * batch, total: steps * batch, unit: "images" });
      return false;
    },
  });
  return average;
}

/** Drawn transforms as inputs of a graph that was built with `augmentInputs(prefix, ...)`. */
export function augmentFeeds(prefix: string, drawn: AugmentArrays): Record<string, Float32Array> {
  return Object.fromEntries(Object.entries(drawn).map(([name, array]) => [`${prefix}.${name}`, array]));
}
