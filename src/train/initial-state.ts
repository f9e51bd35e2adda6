import {
  type Architecture,
  initialise,
  networkLayouts,
  stateLayouts,
  stateNames,
  type TrainingState,
} from "../model/index.ts";

/** First state of a run: weights of both networks, the average like the generator's, and moments of zeros. */
export function initialState(a: Architecture, seed: number): TrainingState {
  const networks = networkLayouts(a);
  const layouts = stateLayouts(a);
  const generator = initialise(networks.generator, seed, "generator");
  const first: Readonly<Record<string, Float32Array>> = {
    generator,
    average: Float32Array.from(generator),
    discriminator: initialise(networks.discriminator, seed, "discriminator"),
  };
  const moments = (name: string) => new Float32Array(layouts[name]!.length);
  return Object.fromEntries(stateNames(a).map((name) => [name, first[name] ?? moments(name)])) as TrainingState;
}
