import type { DermganArchitecture } from "./dermgan/architecture.ts";
import { dermganDiscriminatorLayout } from "./dermgan/discriminator.ts";
import { dermganGeneratorLayout } from "./dermgan/generator.ts";
import type { ParameterLayout } from "./parameters.ts";
import type { R3ganArchitecture } from "./r3gan/architecture.ts";
import { discriminatorLayout } from "./r3gan/discriminator.ts";
import { generatorLayout } from "./r3gan/generator.ts";

/** Shapes of the two networks of any model. */
export type Architecture = R3ganArchitecture | DermganArchitecture;

/** Names of the state of every training, each a flat float32 vector. */
export const STATE_NAMES = ["generator", "generatorSecond", "average", "discriminator", "discriminatorSecond"] as const;
/** First moments, of models that are trained with momentum. */
const MOMENTUM_NAMES = ["generatorFirst", "discriminatorFirst"] as const;

export type StateName = (typeof STATE_NAMES)[number] | (typeof MOMENTUM_NAMES)[number];
export type TrainingState = Readonly<Record<(typeof STATE_NAMES)[number], Float32Array>> &
  Readonly<Partial<Record<(typeof MOMENTUM_NAMES)[number], Float32Array>>>;

/** The vectors that the state of a model has. */
export const stateNames = (a: Architecture): readonly StateName[] =>
  a.model === "dermgan" ? [...STATE_NAMES, ...MOMENTUM_NAMES] : STATE_NAMES;

/** Layouts of both networks. */
export function networkLayouts(a: Architecture): { generator: ParameterLayout; discriminator: ParameterLayout } {
  return a.model === "dermgan"
    ? { generator: dermganGeneratorLayout(a), discriminator: dermganDiscriminatorLayout(a) }
    : { generator: generatorLayout(a), discriminator: discriminatorLayout(a) };
}

/** Layout of each state vector: moments and averages follow their weights. */
export function stateLayouts(a: Architecture): Readonly<Record<StateName, ParameterLayout>> {
  const { generator: g, discriminator: d } = networkLayouts(a);
  return {
    generator: g,
    generatorFirst: g,
    generatorSecond: g,
    average: g,
    discriminator: d,
    discriminatorFirst: d,
    discriminatorSecond: d,
  };
}
