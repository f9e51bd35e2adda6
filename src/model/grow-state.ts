import { invariant } from "../core/errors.ts";
import type { Architecture, Network } from "./family.ts";
import { familyOf } from "./known-families.ts";
import { joinParameter, splitFlat } from "./parameters.ts";
import { stateLayouts, stateNames, type TrainingState } from "./state.ts";

/** The name that a weight has in the networks that these have grown from; null for a new one. */
function grownName(a: Architecture, network: Network, name: string): string | null {
  const family = familyOf(a);
  invariant(family.grownFrom !== undefined, `${a.model} does not grow`);
  // Where nothing is faded in, layers are left out that were there while it was.
  return a.fading === undefined ? name : family.grownFrom(a, network, name);
}

/** Weights of a network that is faded in which the one before did not have, by name. */
export function newestWeights(a: Architecture, network: Network): ReadonlySet<string> {
  const names = familyOf(a)
    .layouts(a)
    [network].parameters.map(({ name }) => name);
  return new Set(names.filter((name) => grownName(a, network, name) === null));
}

/**
 * The state of a training as it goes on in other networks: those of twice the resolution whose newest layers are faded in, or the
 * same ones when that is done. Weights, moments and averages are carried by name.
 * @param first State of the networks `to` as a training from scratch has it, which their new layers begin with; it is written to.
 */
export function grownState(
  state: TrainingState,
  from: Architecture,
  to: Architecture,
  first: TrainingState,
): TrainingState {
  const [before, after] = [stateLayouts(from), stateLayouts(to)];
  const networks: Readonly<Record<string, Network>> = familyOf(to).state;
  for (const vector of stateNames(to)) {
    const values = splitFlat(before[vector]!, state[vector]!);
    for (const parameter of after[vector]!.parameters) {
      const name = grownName(to, networks[vector]!, parameter.name);
      if (name === null) continue;
      const data = values[name];
      invariant(data?.length === parameter.shape.reduce((a, b) => a * b, 1), `${name} becomes ${parameter.name}`);
      joinParameter(parameter, data, first[vector]!);
    }
  }
  return first;
}
