import { gradient, input, mul, type Tensor } from "../graph/index.ts";
import { flatten, learningRateFactors, type Network, type ParameterLayout, type Weights } from "../model/index.ts";
import { type AdamOptions, averageUpdate, type Momentum, momentumUpdate } from "./adam.ts";
import type { FadeInputs } from "./growth/fade-inputs.ts";

type Updated = ReturnType<typeof momentumUpdate>;

/** One network of a step, whose state is an input. */
interface MomentumNetwork {
  /** Flat weights [P]. */
  readonly weights: Tensor;
  /** Its state after an update. @param views Of {@link weights}, by which the loss was computed. */
  update(loss: Tensor, views: Weights): Updated;
}

/** Both networks of a step that trains by Adam with a first moment, and what the step hands on of them. */
export interface MomentumNetworks {
  readonly generator: MomentumNetwork;
  readonly discriminator: MomentumNetwork;
  /** `next.NAME` of each part of the state. */
  next(generator: Updated, discriminator: Updated): Record<string, Tensor>;
}

/**
 * Inputs besides the state: scalars `generatorRate`, `discriminatorRate`, `firstCorrection`, `correction`, `decay`.
 * @param fade Of networks whose newest layers are faded in, else null.
 */
export function momentumNetworks(
  layouts: Readonly<Record<Network, ParameterLayout>>,
  { beta1, ...adam }: AdamOptions & { readonly beta1: number },
  fade: FadeInputs | null,
): MomentumNetworks {
  const [firstCorrection, correction] = [input("firstCorrection", []), input("correction", [])];
  const network = (name: Network): MomentumNetwork => {
    const layout = layouts[name];
    const vector = (part: string) => input(`${name}${part}`, [layout.length]);
    const state = { weights: vector(""), first: vector("First"), second: vector("Second") };
    const corrected = (scalar: string, all: Tensor) => fade?.corrections(name, scalar, all) ?? all;
    return {
      weights: state.weights,
      update(loss, views) {
        const first = corrected("firstCorrection", firstCorrection);
        const momentum: Momentum = { first: state.first, beta1, correction: first };
        const gradients = flatten(layout, gradient(loss, Object.values(views)));
        const rates = mul(learningRateFactors(layout), input(`${name}Rate`, []));
        return momentumUpdate(state, momentum, gradients, rates, corrected("correction", correction), adam);
      },
    };
  };
  const average = input("average", [layouts.generator.length]);
  return {
    generator: network("generator"),
    discriminator: network("discriminator"),
    next: (generator, discriminator) => ({
      "next.generator": generator.weights,
      "next.generatorFirst": generator.first,
      "next.generatorSecond": generator.second,
      "next.average": averageUpdate(average, generator.weights, input("decay", [])),
      "next.discriminator": discriminator.weights,
      "next.discriminatorFirst": discriminator.first,
      "next.discriminatorSecond": discriminator.second,
    }),
  };
}
