import { ADAM_STATE, type Architecture, type NetworkLayouts } from "./family.ts";
import { familyOf } from "./known-families.ts";
import type { ParameterLayout } from "./parameters.ts";

/** Names of the state of a training without first moments. */
export const STATE_NAMES = Object.keys(ADAM_STATE) as (keyof typeof ADAM_STATE)[];

/** The state of a training by name, each a flat float32 vector. */
export type TrainingState = Readonly<Record<string, Float32Array>> &
  Readonly<Record<"generator" | "average" | "discriminator", Float32Array>>;

/** The vectors that the state of a model has, in the order of a checkpoint. */
export const stateNames = (a: Architecture): readonly string[] => Object.keys(familyOf(a).state);

/** Layouts of both networks. */
export const networkLayouts = (a: Architecture): NetworkLayouts => familyOf(a).layouts(a);

/** Layout of each state vector: moments and averages follow their weights. */
export function stateLayouts(a: Architecture): Readonly<Record<string, ParameterLayout>> {
  const family = familyOf(a);
  const layouts = family.layouts(a);
  return Object.fromEntries(Object.entries(family.state).map(([name, network]) => [name, layouts[network]]));
}
