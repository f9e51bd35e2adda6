import {
  add,
  div,
  inversePermutation,
  matmul,
  reshape,
  sizeOf,
  sqrt,
  square,
  sumAll,
  type Tensor,
  transpose,
} from "../../graph/index.ts";
import { KERNEL_ORDER } from "../layers.ts";
import type { ParameterLayout, Weights } from "../parameters.ts";

/** What a kernel's left singular vector is named, beside `NAME.weight`. */
const VECTOR = ".singular";

const unit = (x: Tensor): Tensor => div(x, sqrt(add(sumAll(square(x)), 1e-12)));

/** A kernel [O,C,KH,KW] as it lies in memory, [KW,C,KH,O]: to transpose it, and its gradient back, would be passes over all weights. */
const asStored = (kernel: Tensor): Tensor => transpose(kernel, KERNEL_ORDER);

/** A kernel [KW,C,KH,O] as a matrix [inputs, O]. */
const matrixOf = (stored: Tensor): Tensor => reshape(stored, [sizeOf(stored.shape.slice(0, -1)), stored.shape.at(-1)!]);

/**
 * Singular vectors of kernels by the name of the layer, of length 1: left [1, outputs], and right [1, inputs] in the order of
 * memory.
 */
export type SingularVectors = Readonly<Record<string, { readonly left: Tensor; readonly right: Tensor }>>;

/** Name of the parameter that keeps the left singular vector of a layer's kernel. */
export const singularName = (layer: string): string => `${layer}${VECTOR}`;

/** Names of the layers whose kernels have a vector, in the layout's order. */
export const spectralLayers = ({ parameters }: ParameterLayout): string[] =>
  parameters.filter(({ name }) => name.endsWith(VECTOR)).map(({ name }) => name.slice(0, -VECTOR.length));

/**
 * One step of the power iteration for each kernel from the vectors that the weights keep (Miyato et al. 2018, arXiv 1802.05957,
 * algorithm 1).
 * @param weights Views of their own: nothing is propagated back to what the vectors are made of.
 */
export function iterateVectors(weights: Weights, layers: readonly string[]): SingularVectors {
  return Object.fromEntries(
    layers.map((layer) => {
      const matrix = matrixOf(asStored(weights[`${layer}.weight`]!));
      const before = reshape(weights[singularName(layer)]!, [1, matrix.shape[1]!]);
      const right = unit(matmul(before, matrix, { transposeB: true }));
      return [layer, { left: unit(matmul(right, matrix)), right }];
    }),
  );
}

/** The kernel of a layer divided by its largest singular value, as far as the vectors are its own. */
export function spectralKernel(weights: Weights, layer: string, { left, right }: SingularVectors[string]): Tensor {
  const stored = asStored(weights[`${layer}.weight`]!);
  const value = matmul(matmul(right, matrixOf(stored)), left, { transposeB: true });
  return transpose(div(stored, reshape(value, [])), inversePermutation(KERNEL_ORDER));
}
