import {
  type Architecture,
  initialise,
  networkLayouts,
  stateLayouts,
  stateNames,
  type TrainingState,
} from "../model/index.ts";

/** Weights that a training begins with, flat. */
export interface FirstWeights {
  readonly generator: Float32Array;
  readonly average: Float32Array;
  readonly discriminator: Float32Array;
}

/** Weights of a training from scratch: both networks drawn, the average like the generator's. */
export function drawnWeights(a: Architecture, seed: number): FirstWeights {
  const networks = networkLayouts(a);
  const generator = initialise(networks.generator, seed, "generator");
  const discriminator = initialise(networks.discriminator, seed, "discriminator");
  return { generator, average: Float32Array.from(generator), discriminator };
}

/** First state of a run: its weights and moments of zeros. @param weights Defaults to those of a training from scratch. */
export function initialState(a: Architecture, seed: number, weights = drawnWeights(a, seed)): TrainingState {
  const layouts = stateLayouts(a);
  const first: Readonly<Record<string, Float32Array>> = { ...weights };
  const moments = (name: string) => new Float32Array(layouts[name]!.length);
  return Object.fromEntries(stateNames(a).map((name) => [name, first[name] ?? moments(name)])) as TrainingState;
}
