import {
  type AnyTensor,
  add,
  constant,
  div,
  leakyRelu,
  matmul,
  mul,
  reduceSum,
  reshape,
  sizeOf,
  sqrt,
  square,
  sub,
  type Tensor,
  transpose,
} from "../../graph/index.ts";

/** Keeps the quotient of a gradient of length 0 finite. */
const MIN_SQUARE = 1e-24;

/**
 * Share of the clipping norm that gradients are scaled to: float32 may find a length a little short, and the noise is
 * measured by the norm itself.
 */
const MARGIN = 1 - 2 ** -10;

/**
 * Sum of gradients, each scaled to a length of at most `clip` over all weights together (Abadi et al. 2016,
 * arXiv 1607.00133, algorithm 1).
 * @param gradients Of each weight of shape S: [N, ...S].
 * @param taken [N]: 1 for samples that count, 0 for rows that fill up.
 * @returns For each weight the sum, of shape S, and lengths before clipping [N].
 */
export function clippedSum(
  gradients: readonly Tensor[],
  taken: Tensor,
  clip: number,
): { readonly sums: Tensor[]; readonly lengths: Tensor } {
  const squares = gradients.map(squaredLengths).reduce((a, b) => add(a, b));
  const lengths = sqrt(add(squares, MIN_SQUARE));
  // min(1, x) = 1 - max(0, 1 - x)
  const factors = sub(1, leakyRelu(sub(1, div(constant(clip * MARGIN), lengths)), 0));
  return { sums: gradients.map((g) => weightedSum(g, mul(taken, factors))), lengths };
}

/** Whether a node only moves numbers about inside each sample. */
const movesInside = (t: AnyTensor): boolean =>
  (t.op === "transpose" && t.attributes.perm[0] === 0) || (t.op === "reshape" && t.inputs[0]!.shape[0] === t.shape[0]);

/** [N, ...] => [N]; where the numbers lie does not matter. */
function squaredLengths(t: Tensor): Tensor {
  if (movesInside(t as AnyTensor)) return squaredLengths(t.inputs[0]!);
  const axes = t.shape.slice(1).map((_, axis) => axis + 1);
  return reduceSum(square(t), axes, false);
}

/** Sum over samples of factor times gradient; moved about after the sum, when there is one instead of N. */
function weightedSum(t: Tensor, factors: Tensor): Tensor {
  const node = t as AnyTensor;
  const shape = t.shape.slice(1);
  if (node.op === "transpose" && movesInside(node)) {
    const perm = node.attributes.perm.slice(1).map((axis) => axis - 1);
    return transpose(weightedSum(t.inputs[0]!, factors), perm);
  }
  if (movesInside(node)) return reshape(weightedSum(t.inputs[0]!, factors), shape);
  const [count] = t.shape;
  const product = matmul(reshape(factors, [1, count!]), reshape(t, [count!, sizeOf(shape)]));
  return reshape(product, shape);
}
