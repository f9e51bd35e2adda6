import { compile, gradient, input, mul, type Tensor } from "../graph/index.ts";
import { flatten, learningRateFactors, type ParameterLayout, viewWeights, type Weights } from "../model/index.ts";
import { adamUpdate, averageUpdate, momentumUpdate } from "./adam.ts";

/** How the weights of a small network follow its gradients. */
export interface FitRecipe {
  /** Learning rate at its highest; each weight has it times the factor of its layout. */
  readonly rate: number;
  /** Adam; beta1 0 keeps no first moment. */
  readonly adam: { readonly beta1: number; readonly beta2: number; readonly epsilon: number };
  /** Share of the old weights in their average; less in the first steps. */
  readonly decay: number;
  /** Steps of rising learning rate. */
  readonly warmUp: number;
}

/** What is minimised in a step. */
export interface FitObjective {
  /** Scalar. */
  readonly loss: Tensor;
  /** Further values of a step that are averaged as the weights are, by name. Defaults to none. */
  readonly followed?: Readonly<Record<string, Tensor>>;
}

/** Flat arrays that one step hands to the next: `weights`, their `average`, Adam's moments, the averages of what is followed. */
export type FitState = Readonly<Record<string, Float32Array>> & {
  readonly weights: Float32Array;
  readonly average: Float32Array;
};

export interface FitLoop {
  readonly layout: ParameterLayout;
  readonly recipe: FitRecipe;
  /** Steps at most; the learning rate falls to 0 over them. */
  readonly steps: number;
  /** Flat weights to begin with. */
  readonly start: Float32Array;
  readonly threads: number;
  /** Builds the objective; called once. */
  objective(weights: Weights): FitObjective;
  /** Inputs of the objective for a step, counted from 0. */
  feed(step: number): Readonly<Record<string, Float32Array>>;
  /** Called after each step; true ends the training. */
  afterStep(step: number, state: FitState): boolean | Promise<boolean>;
}

/**
 * Scalar inputs of a step: a learning rate that rises for the first steps and falls as a cosine (Loshchilov and Hutter 2017,
 * arXiv 1608.03983, equation 5, without restarts), Adam's corrections 1 / (1 - beta^t) with t counted from 1, and the share
 * of the old weights in their average.
 * @param step Counted from 0.
 * @param steps All steps of the training.
 */
export function fitScalars({ rate, adam, decay, warmUp }: FitRecipe, step: number, steps: number) {
  return {
    rate: rate * Math.min(1, (step + 1) / warmUp) * 0.5 * (1 + Math.cos((Math.PI * step) / steps)),
    ...(adam.beta1 > 0 && { firstCorrection: 1 / (1 - adam.beta1 ** (step + 1)) }),
    correction: 1 / (1 - adam.beta2 ** (step + 1)),
    decay: Math.min(decay, step / (step + 10)),
  };
}

/** One step: the next value of everything in {@link FitState}, as `next.NAME`. */
export function buildFitStep({
  layout,
  recipe: { adam },
  objective,
}: Pick<FitLoop, "layout" | "recipe" | "objective">): Record<string, Tensor> {
  const vector = (name: string) => input(name, [layout.length]);
  const state = { weights: vector("weights"), second: vector("second") };
  const views = viewWeights(layout, state.weights);
  const { loss, followed = {} } = objective(views);
  const down = flatten(layout, gradient(loss, Object.values(views)));
  const rates = mul(learningRateFactors(layout), input("rate", []));
  const correction = input("correction", []);
  const next =
    adam.beta1 > 0
      ? momentumUpdate(
          state,
          { first: vector("first"), beta1: adam.beta1, correction: input("firstCorrection", []) },
          down,
          rates,
          correction,
          adam,
        )
      : { ...adamUpdate(state, down, rates, correction, adam), first: null };
  const decay = input("decay", []);
  const averaged = (name: string, value: Tensor) => averageUpdate(input(name, value.shape), value, decay);
  return {
    "next.weights": next.weights,
    ...(next.first && { "next.first": next.first }),
    "next.second": next.second,
    "next.average": averaged("average", next.weights),
    ...Object.fromEntries(Object.entries(followed).map(([name, value]) => [`next.${name}`, averaged(name, value)])),
  };
}

/**
 * Trains a small network with Adam, a cosine schedule and averaged weights. Equal starts, feeds and threads give equal states.
 * @returns the state after the last step
 */
export async function runFitLoop(loop: FitLoop): Promise<FitState> {
  const { recipe, steps, start, threads } = loop;
  const outputs = buildFitStep(loop);
  const names = Object.keys(outputs).map((name) => name.slice("next.".length));
  const zeros = (name: string) => new Float32Array(outputs[`next.${name}`]!.shape.reduce((a, b) => a * b, 1));
  let state: FitState = {
    ...Object.fromEntries(names.map((name) => [name, zeros(name)])),
    weights: start,
    average: Float32Array.from(start),
  };
  const program = await compile(outputs, { threads });
  try {
    for (let step = 0; step < steps; step++) {
      const scalars = Object.entries(fitScalars(recipe, step, steps));
      const results = await program.run({
        ...state,
        ...loop.feed(step),
        ...Object.fromEntries(scalars.map(([name, value]) => [name, Float32Array.of(value)])),
      });
      state = Object.fromEntries(names.map((name) => [name, results[`next.${name}`] as Float32Array])) as FitState;
      if (await loop.afterStep(step, state)) break;
    }
  } finally {
    await program.close();
  }
  return state;
}
