import { Rng } from "../core/rng.ts";
import {
  broadcastTo,
  concat,
  constant,
  inversePermutation,
  reshape,
  type Shape,
  sizeOf,
  slice,
  type Tensor,
  transpose,
} from "../graph/index.ts";

export interface Parameter {
  readonly name: string;
  readonly shape: Shape;
  /** How it lies in the flat vector: axis i there is axis order[i] of `shape`. Files hold it in the order of `shape`. */
  readonly order: readonly number[];
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

  /** The order defaults to that of the shape. */
  add(parameter: Omit<Parameter, "offset" | "order"> & { readonly order?: Parameter["order"] | undefined }): void {
    const { shape, order = shape.map((_, axis) => axis) } = parameter;
    this.#parameters.push({ ...parameter, order, offset: this.#length });
    this.#length += sizeOf(shape);
  }

  build(): ParameterLayout {
    return { parameters: this.#parameters, length: this.#length };
  }
}

/** Shape in the flat vector. */
const storedShape = ({ shape, order }: Parameter): Shape => order.map((axis) => shape[axis]!);

/** Named weights as views of a flat vector [length]. */
export function viewWeights(layout: ParameterLayout, flat: Tensor): Weights {
  return Object.fromEntries(
    layout.parameters.map((parameter) => {
      const { name, shape, order, offset } = parameter;
      const stored = reshape(slice(flat, [offset], [sizeOf(shape)]), storedShape(parameter));
      return [name, transpose(stored, inversePermutation(order))];
    }),
  );
}

/** The reverse of {@link viewWeights}: one flat vector [length] of tensors in the layout's order. */
export function flatten(layout: ParameterLayout, tensors: readonly Tensor[]): Tensor {
  return concat(
    tensors.map((t, i) => reshape(transpose(t, layout.parameters[i]!.order), [sizeOf(t.shape)])),
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

/**
 * Factor of the learning rate for each number of the flat vector [length]; written as runs of one number, not as a list.
 * @param frozen Names of weights that are not to move. Defaults to none.
 */
export function learningRateFactors(layout: ParameterLayout, frozen: ReadonlySet<string> = new Set()): Tensor {
  return concat(
    layout.parameters.map(({ name, shape, rate }) =>
      broadcastTo(constant(frozen.has(name) ? 0 : rate), [sizeOf(shape)]),
    ),
    0,
  );
}

/** Numbers of each parameter by name, in the order of its shape. */
export function splitFlat(layout: ParameterLayout, flat: Float32Array): Record<string, Float32Array> {
  return Object.fromEntries(
    layout.parameters.map((parameter) => {
      const { name, shape, order, offset } = parameter;
      const stored = flat.subarray(offset, offset + sizeOf(shape));
      return [name, transposed(stored, storedShape(parameter), inversePermutation(order))];
    }),
  );
}

/** The reverse of {@link splitFlat} for one parameter: writes numbers in the order of its shape into the flat array. */
export function joinParameter({ shape, order, offset }: Parameter, data: Float32Array, flat: Float32Array): void {
  flat.set(transposed(data, shape, order), offset);
}

/** Axis i of the result is axis perm[i] of the data; the data itself where nothing moves. */
function transposed(data: Float32Array, shape: Shape, perm: readonly number[]): Float32Array {
  if (perm.every((axis, i) => axis === i)) return data;
  const strides = shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
  const out = new Float32Array(data.length);
  let at = 0;
  const walk = (depth: number, from: number): void => {
    const axis = perm[depth]!;
    for (let i = 0; i < shape[axis]!; i++) {
      const source = from + i * strides[axis]!;
      if (depth === perm.length - 1) out[at++] = data[source]!;
      else walk(depth + 1, source);
    }
  };
  walk(0, 0);
  return out;
}
