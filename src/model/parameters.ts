import { Rng } from "../core/rng.ts";
import { concat, constant, reshape, type Shape, sizeOf, slice, type Tensor } from "../graph/index.ts";

export interface Parameter {
  readonly name: string;
  readonly shape: Shape;
  /** Position of its first number in the flat vector. */
  readonly offset: number;
  /** Standard deviation of its first, normal values; 0 begins with zeros. */
  readonly deviation: number;
  /**
   * Multiplies the learning rate: the deviation that keeps variances, so that a step changes every layer by the same
   * share (equalised learning rate, Karras et al. 2018, arXiv 1710.10196, section 4.1); 1 for biases.
   */
  readonly rate: number;
}

/** Weights by name as graph nodes. */
export type Weights = Readonly<Record<string, Tensor>>;

/**
 * All weights of a network in one flat vector, so that the optimiser and the moving average are a few passes over one
 * array and a training step hands few tensors to the runtime.
 */
export interface ParameterLayout {
  readonly parameters: readonly Parameter[];
  /** Numbers in all. */
  readonly length: number;
}

/** Collects parameters in order. */
export class LayoutBuilder {
  readonly #parameters: Parameter[] = [];
  #length = 0;

  add(parameter: Omit<Parameter, "offset">): void {
    const { shape } = parameter;
    this.#parameters.push({ ...parameter, offset: this.#length });
    this.#length += sizeOf(shape);
  }

  build(): ParameterLayout {
    return { parameters: this.#parameters, length: this.#length };
  }
}

/** Named weights as views of a flat vector [length]. */
export function viewWeights(layout: ParameterLayout, flat: Tensor): Weights {
  return Object.fromEntries(
    layout.parameters.map(({ name, shape, offset }) => [name, reshape(slice(flat, [offset], [sizeOf(shape)]), shape)]),
  );
}

/** The reverse of {@link viewWeights}: one flat vector [length] of tensors in the layout's order. */
export function flatten(layout: ParameterLayout, tensors: readonly Tensor[]): Tensor {
  return concat(
    tensors.map((t, i) => reshape(t, [sizeOf(layout.parameters[i].shape)])),
    0,
  );
}

/** First values, drawn from one stream a parameter: adding a layer does not move the others. */
export function initialise(layout: ParameterLayout, seed: number, network: string): Float32Array {
  const flat = new Float32Array(layout.length);
  for (const { name, shape, offset, deviation } of layout.parameters) {
    if (deviation === 0) continue;
    const rng = new Rng(seed, "initial", network, name);
    for (let i = 0; i < sizeOf(shape); i++) flat[offset + i] = deviation * rng.normal();
  }
  return flat;
}

/** Factor of the learning rate for each number of the flat vector [length]. */
export function learningRateFactors(layout: ParameterLayout): Tensor {
  const factors = new Float64Array(layout.length);
  for (const { shape, offset, rate } of layout.parameters) factors.fill(rate, offset, offset + sizeOf(shape));
  return constant(factors);
}

/** Numbers of each parameter by name: views of the flat array, not copies. */
export function splitFlat(layout: ParameterLayout, flat: Float32Array): Record<string, Float32Array> {
  return Object.fromEntries(
    layout.parameters.map(({ name, shape, offset }) => [name, flat.subarray(offset, offset + sizeOf(shape))]),
  );
}
