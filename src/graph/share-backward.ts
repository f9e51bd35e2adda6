import { add, broadcastTo, matmul, mul, reduceSum, transpose } from "./ops.ts";
import { simplify } from "./simplify.ts";
import { type AnyTensor, makeTensor, sameShape, type Tensor } from "./tensor.ts";

/** A product of one factor a sample, [N, 1, ..., 1], with a tensor [N, ...]. */
interface Scaled {
  readonly factors: Tensor;
  readonly base: Tensor;
}

const isColumn = ({ shape: [count, ...rest] }: Tensor): boolean => count! > 1 && rest.every((extent) => extent === 1);

function scaled(t: Tensor): Scaled | null {
  if (t.op !== "mul" || t.shape.length < 2 || isColumn(t)) return null;
  const [a, b] = t.inputs;
  const at = [a, b].findIndex((x) => x!.shape.length === t.shape.length && isColumn(x!));
  return at < 0 ? null : { factors: t.inputs[at]!, base: broadcastTo(t.inputs[1 - at]!, t.shape) };
}

/** Factors [N, 1, ..., 1] for a tensor of another rank. */
const columnOf = (factors: Tensor, { shape }: Tensor): Tensor =>
  makeTensor("reshape", [factors], { shape: [factors.shape[0]!, ...shape.slice(1).map(() => 1)] });

/** The same operation with another tensor in place of one input. */
const withInput = (node: AnyTensor, at: number, replacement: Tensor): Tensor =>
  makeTensor((node as Tensor).op, node.inputs.with(at, replacement), (node as Tensor).attributes);

/** Whether the operation does to each sample of its first input, linearly, what it does to any other. */
function actsPerSample(node: AnyTensor): boolean {
  const [x] = node.inputs;
  switch (node.op) {
    case "neg":
    case "filter":
    case "upsample":
    case "sumPool":
    case "conv2dInputGradient":
      return true;
    case "conv2d":
      return node.inputs.length === 2;
    case "reshape":
      return node.shape[0] === x!.shape[0];
    case "transpose":
      return node.attributes.perm[0] === 0;
    case "reduceSum":
      return !node.attributes.axes.includes(0);
    case "matmul":
      return x!.shape.length === 2 && node.inputs[1]!.shape.length === 2 && !node.attributes.transposeA;
    default:
      return false;
  }
}

/**
 * An equal graph in which gradients through one network share its backward pass.
 *
 * What a network does to the cotangent of a sample is linear, and samples do not meet before the sums over the batch
 * that make the gradients to the weights. Losses of one network therefore differ, on the way back, only by a factor for
 * each sample: with the factors moved towards the outputs, the passes of all losses, and of a gradient penalty, are the
 * same nodes. It pays where several gradients go back through one network; with one alone it only moves products.
 */
export function shareBackward(outputs: Readonly<Record<string, Tensor>>): Record<string, Tensor> {
  const shared = simplify(Object.values(outputs), hoistScale);
  return Object.fromEntries(Object.keys(outputs).map((name, i) => [name, shared[i]!]));
}

/** The node with a factor of each sample of its inputs moved behind it, or the node itself where nothing moves. */
function hoistScale(node: AnyTensor): Tensor {
  const [a, b] = node.inputs;
  const first = a === undefined ? null : scaled(a);
  if (first !== null && actsPerSample(node)) return rescaled(first, withInput(node, 0, first.base));
  switch (node.op) {
    // A product with one column is an outer product.
    case "matmul": {
      const { transposeA, transposeB } = node.attributes;
      if (a!.shape.length !== 2 || b!.shape.length !== 2) return node;
      if (!transposeA && a!.shape[1] === 1) return mul(a!, transposeB ? transpose(b!, [1, 0]) : b!);
      // Sum over the samples: the factors go to the other operand.
      if (transposeA && !transposeB && first !== null) return matmul(first.base, rescaled(first, b!), { transposeA });
      return node;
    }
    case "conv2dWeightGradient": {
      const second = scaled(b!);
      return second === null ? node : makeTensor(node.op, [rescaled(second, a!), second.base], node.attributes);
    }
    case "reduceSum": {
      const inside = node.attributes.axes.filter((axis) => axis > 0);
      if (first === null || inside.length === 0 || inside.length === node.attributes.axes.length) return node;
      return reduceSum(rescaled(first, reduceSum(first.base, inside)), [0]);
    }
    case "mul": {
      const at = first === null ? 1 : 0;
      const inner = first ?? scaled(b!);
      if (inner === null || isColumn(node) || node.inputs[at]!.shape.length !== node.shape.length) return node;
      const other = node.inputs[1 - at]!;
      const factors = other.shape.length === node.shape.length && isColumn(other);
      return factors ? mul(mul(inner.factors, other), inner.base) : rescaled(inner, mul(inner.base, other));
    }
    case "add":
      return addScaled(node);
    default:
      return node;
  }
}

const rescaled = ({ factors }: Scaled, t: Tensor): Tensor => mul(columnOf(factors, t), t);

/** Sums of like products: c x + c y = c (x + y), and x gᵀ + y gᵀ = (x + y) gᵀ. */
function addScaled(node: AnyTensor): Tensor {
  const [a, b] = node.inputs as readonly AnyTensor[];
  if (!sameShape(a!.shape, b!.shape)) return node;
  const [x, y] = [scaled(a!), scaled(b!)];
  if (x !== null && y !== null && x.factors === y.factors) return rescaled(x, add(x.base, y.base));
  if (a!.op === "conv2dWeightGradient" && b!.op === "conv2dWeightGradient" && a.inputs[1] === b.inputs[1]) {
    const alike = a.attributes.stride === b.attributes.stride && a.attributes.padding === b.attributes.padding;
    if (!alike || !sameShape(a.inputs[0]!.shape, b.inputs[0]!.shape)) return node;
    const sum = add(a.inputs[0]!, b.inputs[0]!);
    return makeTensor(a.op, [sum, a.inputs[1]!], a.attributes);
  }
  if (a!.op === "matmul" && b!.op === "matmul" && a.inputs[0] === b.inputs[0]) {
    const { transposeA, transposeB } = a.attributes;
    const alike = b.attributes.transposeA === transposeA && b.attributes.transposeB === transposeB;
    if (alike && sameShape(a.inputs[1]!.shape, b.inputs[1]!.shape)) {
      return matmul(a.inputs[0]!, add(a.inputs[1]!, b.inputs[1]!), { transposeA, transposeB });
    }
  }
  return node;
}
