import { GanglionError } from "../core/errors.ts";
import {
  add,
  broadcastTo,
  constant,
  conv2d,
  conv2dInputGradient,
  conv2dWeightGradient,
  div,
  exp,
  filter,
  leakySlope,
  matmul,
  mul,
  neg,
  pad,
  reduceSum,
  reshape,
  sigmoid,
  slice,
  square,
  sub,
  sumPool,
  sumTo,
  transpose,
  upsample,
} from "./ops.ts";
import { type AnyTensor, inversePermutation, type OpName, sameShape, type Tensor, topologicalOrder } from "./tensor.ts";

/** Cotangents of an operation's inputs from the cotangent of its value; null where no gradient flows. */
type GradientRule<K extends OpName> = (y: Tensor<K>, dy: Tensor) => readonly (Tensor | null)[];

/** Rules return nodes of the same op set, so that a gradient has a gradient. */
const gradientRules: { readonly [K in OpName]: GradientRule<K> } = {
  input: () => [],
  constant: () => [],
  neg: (_, dy) => [neg(dy)],
  exp: (y, dy) => [mul(dy, y)],
  log: ({ inputs: [x] }, dy) => [div(dy, x!)],
  sqrt: (y, dy) => [div(mul(dy, 0.5), y)],
  tanh: (y, dy) => [mul(dy, sub(1, square(y)))],
  sigmoid: (y, dy) => [mul(dy, mul(y, sub(1, y)))],
  softplus: ({ inputs: [x] }, dy) => [mul(dy, sigmoid(x!))],
  // The value has the sign of its input, so the slope is read off the value: the input need not be kept.
  leakyRelu: (y, dy) => [mul(dy, leakySlope(y, y.attributes.slope))],
  leakySlope: () => [null],
  logSoftmax: (y, dy) => [sub(dy, mul(exp(y), reduceSum(dy, [y.shape.length - 1])))],
  add: ({ inputs: [a, b] }, dy) => [sumTo(dy, a!.shape), sumTo(dy, b!.shape)],
  sub: ({ inputs: [a, b] }, dy) => [sumTo(dy, a!.shape), sumTo(neg(dy), b!.shape)],
  mul: ({ inputs: [a, b] }, dy) => [sumTo(mul(dy, b!), a!.shape), sumTo(mul(dy, a!), b!.shape)],
  div: (y, dy) => {
    const [a, b] = y.inputs;
    return [sumTo(div(dy, b!), a!.shape), sumTo(neg(div(mul(dy, y), b!)), b!.shape)];
  },
  reshape: ({ inputs: [x] }, dy) => [reshape(dy, x!.shape)],
  transpose: ({ attributes: { perm } }, dy) => [transpose(dy, inversePermutation(perm))],
  slice: ({ inputs: [x], attributes: { starts, sizes } }, dy) => [
    pad(
      dy,
      starts,
      x!.shape.map((extent, axis) => extent - starts[axis]! - sizes[axis]!),
    ),
  ],
  pad: ({ inputs: [x], attributes: { before } }, dy) => [slice(dy, before, x!.shape)],
  concat: ({ inputs, attributes: { axis } }, dy) => {
    let start = 0;
    return inputs.map((part) => {
      const starts = part.shape.map((_, i) => (i === axis ? start : 0));
      start += part.shape[axis]!;
      return slice(dy, starts, part.shape);
    });
  },
  broadcastTo: ({ inputs: [x] }, dy) => [sumTo(dy, x!.shape)],
  reduceSum: ({ inputs: [x] }, dy) => [broadcastTo(dy, x!.shape)],
  matmul: ({ inputs: [a, b], attributes: { transposeA, transposeB } }, dy) => {
    const da = transposeA
      ? matmul(b!, dy, { transposeA: transposeB, transposeB: true })
      : matmul(dy, b!, { transposeB: !transposeB });
    const db = transposeB
      ? matmul(dy, a!, { transposeA: true, transposeB: transposeA })
      : matmul(a!, dy, { transposeA: !transposeA });
    return [sumTo(da, a!.shape), sumTo(db, b!.shape)];
  },
  // <dy, conv2d(x, w)> is linear in x, w and dy; the three operations below are its partial adjoints, so that
  // the set is closed: the gradient of each is made of the other two.
  conv2d: ({ inputs: [x, w, bias], attributes }, dy) => [
    conv2dInputGradient(dy, w!, attributes, [x!.shape[2]!, x!.shape[3]!]),
    conv2dWeightGradient(x!, dy, attributes, [w!.shape[2]!, w!.shape[3]!]),
    ...(bias === undefined ? [] : [reshape(reduceSum(dy, [0, 2, 3]), bias.shape)]),
  ],
  conv2dInputGradient: ({ inputs: [y, w], attributes: { stride, padding } }, dx) => [
    conv2d(dx, w!, { stride, padding }),
    conv2dWeightGradient(dx, y!, { stride, padding }, [w!.shape[2]!, w!.shape[3]!]),
  ],
  conv2dWeightGradient: ({ inputs: [x, y], attributes: { stride, padding } }, dw) => [
    conv2dInputGradient(y!, dw, { stride, padding }, [x!.shape[2]!, x!.shape[3]!]),
    conv2d(x!, dw, { stride, padding }),
  ],
  filter: ({ attributes: { taps, padding } }, dy) => [filter(dy, taps.toReversed(), taps.length - 1 - padding)],
  upsample: ({ attributes: { factor } }, dy) => [sumPool(dy, factor)],
  sumPool: ({ attributes: { factor } }, dy) => [upsample(dy, factor)],
};

function applyRule<K extends OpName>(y: Tensor<K>, dy: Tensor): readonly (Tensor | null)[] {
  return gradientRules[y.op](y, dy);
}

/**
 * Gradients of `y` with respect to each of `wrt`, by reverse mode; again a graph.
 * @param y Scalar, or any shape when a cotangent is given (default: ones, the gradient of the sum).
 * @returns One tensor of the shape of each of `wrt`; zeros where `y` does not depend on it.
 * @throws GanglionError `graph` when the cotangent has another shape than `y`
 */
export function gradient(y: Tensor, wrt: readonly Tensor[], cotangent?: Tensor): Tensor[] {
  if (cotangent !== undefined && !sameShape(cotangent.shape, y.shape)) {
    throw new GanglionError("graph", `gradient: cotangent [${cotangent.shape}] is not of shape [${y.shape}]`);
  }
  const order = topologicalOrder([y]);
  const needed = new Set(wrt.map((t) => t.id));
  for (const node of order) {
    if (node.inputs.some((t) => needed.has(t.id))) needed.add(node.id);
  }
  const cotangents = new Map<number, Tensor>([[y.id, cotangent ?? broadcastTo(constant(1), y.shape)]]);
  const targets = new Set(wrt.map((t) => t.id));
  for (const node of order.reverse() as AnyTensor[]) {
    const dy = cotangents.get(node.id);
    if (dy === undefined || !needed.has(node.id)) continue;
    if (!node.inputs.some((t) => needed.has(t.id))) continue;
    const parts = applyRule(node as Tensor, dy);
    node.inputs.forEach((t, i) => {
      const part = parts[i];
      if (part === null || part === undefined || !needed.has(t.id)) return;
      const known = cotangents.get(t.id);
      cotangents.set(t.id, known === undefined ? part : add(known, part));
    });
    if (!targets.has(node.id)) cotangents.delete(node.id);
  }
  return wrt.map((t) => cotangents.get(t.id) ?? broadcastTo(constant(0), t.shape));
}
