import { GanglionError } from "../core/errors.ts";
import { type ProgressListener, silent } from "../core/progress.ts";
import { Rng } from "../core/rng.ts";
import { compile, gradient, input, mul, type Tensor } from "../graph/index.ts";
import {
  flatten,
  initialise,
  learningRateFactors,
  type ParameterLayout,
  viewWeights,
  type Weights,
} from "../model/index.ts";
import { adamUpdate, averageUpdate } from "./adam.ts";
import type { AugmentArrays } from "./draw-augment.ts";

/** A network with one loss: what is learned, and from what. */
export interface FitTask {
  readonly layout: ParameterLayout;
  /** Names the streams of random numbers of the network. */
  readonly network: string;
  /** Images of a step. */
  readonly batch: number;
  /** Learning rate at its highest. Defaults to 2e-3. */
  readonly rate?: number;
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
  readonly onProgress?: ProgressListener;
  /** Ends the training with an error once aborted. Defaults to never. */
  readonly signal?: AbortSignal;
}

const RATE = 2e-3;
const ADAM = { beta2: 0.99, epsilon: 1e-6 };
/** Share of the old weights in their average. */
const DECAY = 0.98;
/** Steps of rising learning rate. */
const WARM_UP = 50;

function buildStep({ layout, loss: lossOf }: FitTask) {
  const state = { weights: input("weights", [layout.length]), second: input("second", [layout.length]) };
  const views = viewWeights(layout, state.weights);
  const loss = lossOf(views);
  const next = adamUpdate(
    state,
    flatten(layout, gradient(loss, Object.values(views))),
    mul(learningRateFactors(layout), input("rate", [])),
    input("correction", []),
    ADAM,
  );
  const average = averageUpdate(input("average", [layout.length]), next.weights, input("decay", []));
  return { "next.weights": next.weights, "next.second": next.second, "next.average": average, loss };
}

/**
 * Trains a small network with Adam, a cosine schedule and averaged weights; returns the averaged weights, flat.
 * @throws GanglionError `training` once the signal is given
 */
export async function fitNetwork(task: FitTask, options: FitOptions): Promise<Float32Array> {
  const { layout, network, batch, rate = RATE } = task;
  const { imagesSeen, stage, seed, threads, onProgress = silent, signal } = options;
  const program = await compile(buildStep(task), { threads });
  const weights = initialise(layout, seed, network);
  let state: Record<string, Float32Array> = {
    weights,
    second: new Float32Array(layout.length),
    average: Float32Array.from(weights),
  };
  const steps = Math.max(1, Math.ceil(imagesSeen / batch));
  try {
    for (let step = 0; step < steps; step++) {
      if (signal?.aborted) {
        throw new GanglionError(
          "training",
          `the training of the ${stage} was stopped; run the command again, \`ganglion train\` with --resume`,
        );
      }
      const results = await program.run({
        ...state,
        ...task.feed(new Rng(seed, network, step)),
        rate: Float32Array.of(
          rate * Math.min(1, (step + 1) / WARM_UP) * 0.5 * (1 + Math.cos(Math.PI * (step / steps))),
        ),
        correction: Float32Array.of(1 / (1 - ADAM.beta2 ** (step + 1))),
        decay: Float32Array.of(Math.min(DECAY, step / (step + 10))),
      });
      state = {
        weights: results["next.weights"] as Float32Array,
        second: results["next.second"] as Float32Array,
        average: results["next.average"] as Float32Array,
      };
      onProgress({ stage, done: (step + 1) * batch, total: steps * batch, unit: "images" });
    }
  } finally {
    await program.close();
  }
  return state.average;
}

/** Drawn transforms as inputs of a graph that was built with `augmentInputs(prefix, ...)`. */
export function augmentFeeds(prefix: string, drawn: AugmentArrays): Record<string, Float32Array> {
  return Object.fromEntries(Object.entries(drawn).map(([name, array]) => [`${prefix}.${name}`, array]));
}

/** uint8 values to the range [-1, 1] that networks see. */
export function toUnitRange(bytes: Uint8Array, into: Float32Array): void {
  for (let i = 0; i < bytes.length; i++) into[i] = bytes[i] / 127.5 - 1;
}
