import { sha256 } from "../core/hash.ts";
import { interpret } from "./interpreter.ts";
import { add, broadcastTo, constant, div, mul, reshape, sub, sumTo, transpose } from "./ops.ts";
import { type AnyTensor, makeTensor, sameShape, sizeOf, type Tensor, topologicalOrder } from "./tensor.ts";

/** Constants of at most this many numbers are folded, so that a graph never grows. */
const MAX_FOLD = 4096;

/** The one number that fills a constant (also through broadcastTo), or null. */
function fillOf(node: Tensor): number | null {
  const t = node as AnyTensor;
  if (t.op === "broadcastTo" || t.op === "reshape") return fillOf(t.inputs[0]!);
  if (t.op !== "constant") return null;
  const { data } = t.attributes;
  return data.length > 0 && data.every((v) => v === data[0]) ? data[0]! : null;
}

/** Elementwise operations broadcast by themselves, so a widened operand may stay narrow. */
function narrow(node: Tensor): Tensor {
  const t = node as AnyTensor;
  const fill = t.op === "broadcastTo" || t.op === "constant" ? fillOf(t) : null;
  if (fill !== null && sizeOf(node.shape) > 1)
    return constant(
      fill,
      node.shape.map(() => 1),
    );
  return t.op === "broadcastTo" ? narrow(t.inputs[0]!) : node;
}

/** A simpler tensor of the same value and shape, or the node itself. */
function rewrite(node: AnyTensor): Tensor {
  const [a, b] = node.inputs;
  const wide = (t: Tensor) => broadcastTo(t, node.shape);
  switch (node.op) {
    case "add":
      if (fillOf(a!) === 0) return wide(b!);
      if (fillOf(b!) === 0) return wide(a!);
      // Twice the same, as the gradient of a square gives it; a factor joins with others.
      if (a === b) return mul(a!, 2);
      if ((b as AnyTensor).op === "neg") return sub(a!, b!.inputs[0]!);
      if ((a as AnyTensor).op === "neg") return sub(b!, a!.inputs[0]!);
      return elementwise(node, add);
    case "sub":
      if (fillOf(b!) === 0) return wide(a!);
      if ((b as AnyTensor).op === "neg") return add(a!, b!.inputs[0]!);
      return elementwise(node, sub);
    case "mul": {
      const [x, y] = fillOf(a!) === null ? [a, b] : [b, a];
      const scale = fillOf(y!);
      if (scale === 1) return wide(x!);
      if (scale === 0) return broadcastTo(constant(0), node.shape);
      if (scale !== null && (x as AnyTensor).op === "neg") return wide(mul(x!.inputs[0]!, -scale));
      // (x * p) * q => x * (p * q)
      if (scale !== null && (x as AnyTensor).op === "mul" && sameShape(x!.shape, node.shape)) {
        const [u, v] = x!.inputs;
        const inner = fillOf(v!) ?? fillOf(u!);
        if (inner !== null) return broadcastTo(mul(fillOf(v!) === null ? v! : u!, inner * scale), node.shape);
      }
      return elementwise(node, mul);
    }
    case "div": {
      const divisor = fillOf(b!);
      if (divisor !== null && divisor !== 0) return wide(mul(a!, 1 / divisor));
      return elementwise(node, div);
    }
    case "neg": {
      if ((a as AnyTensor).op === "neg") return a!.inputs[0]!;
      const scaled = (a as AnyTensor).op === "mul" && a!.inputs.some((t) => fillOf(t) !== null);
      return scaled ? mul(a!, -1) : node;
    }
    case "reshape":
      if (sameShape(a!.shape, node.shape)) return a!;
      return (a as AnyTensor).op === "reshape" ? reshape(a!.inputs[0]!, node.shape) : node;
    case "broadcastTo":
      if (sameShape(a!.shape, node.shape)) return a!;
      return (a as AnyTensor).op === "broadcastTo" ? broadcastTo(a!.inputs[0]!, node.shape) : node;
    case "transpose": {
      const { perm } = node.attributes;
      if (perm.every((axis, i) => axis === i)) return a!;
      const inner = a as AnyTensor;
      if (inner.op !== "transpose") return node;
      return transpose(
        inner.inputs[0]!,
        perm.map((axis) => inner.attributes.perm[axis]!),
      );
    }
    case "reduceSum": {
      const inner = a as AnyTensor;
      // The sum of a widened tensor is a multiple of the narrow one.
      if (inner.op !== "broadcastTo") return node;
      const narrowed = inner.inputs[0]!;
      const target = node.shape.slice(node.shape.length - narrowed.shape.length);
      const reached = narrowed.shape.map((extent, axis) => Math.min(extent, target[axis]!));
      const ratio = sizeOf(a!.shape) / sizeOf(node.shape) / (sizeOf(narrowed.shape) / sizeOf(reached));
      return broadcastTo(mul(sumTo(narrowed, reached), ratio), node.shape);
    }
    default:
      return node;
  }
}

function elementwise(node: Tensor, build: (a: Tensor, b: Tensor) => Tensor): Tensor {
  const [a, b] = node.inputs;
  const [x, y] = [narrow(a!), narrow(b!)];
  if (x === a && y === b) return node;
  const smaller = build(x, y);
  return sameShape(smaller.shape, node.shape) ? smaller : node;
}

const hashes = new WeakMap<Float64Array, string>();

/** Equal for equal numbers, bit for bit. */
function hashOf(data: Float64Array): string {
  const known = hashes.get(data) ?? sha256(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  hashes.set(data, known);
  return known;
}

function keyOf(node: AnyTensor, inputs: readonly Tensor[]): string {
  const attributes = Object.entries(node.attributes).map(([key, value]) => {
    if (!(value instanceof Float64Array)) return `${key}=${value}`;
    if (value.length <= 16) return `${key}=${Array.from(value, (v) => (Object.is(v, -0) ? "-0" : v))}`;
    return `${key}=@${hashOf(value)}`;
  });
  return `${node.op}(${inputs.map((t) => t.id)})[${node.shape}]{${attributes}}`;
}

/**
 * An equal graph with less work: common subexpressions are shared, constants folded, neutral operations and needless
 * broadcasts removed. What the outputs do not need is not part of the result. Every value keeps its shape.
 * @param rule A further rewriting, tried where none of the simplifier's own applies; returns the node where it does not.
 */
export function simplify(outputs: readonly Tensor[], rule: (node: AnyTensor) => Tensor = (t) => t as Tensor): Tensor[] {
  const known = new Map<string, Tensor>();
  const replaced = new Map<number, Tensor>();

  const visit = (root: Tensor): Tensor => {
    for (const node of topologicalOrder([root], (t) => replaced.has(t.id))) {
      const inputs = node.inputs.map((t) => replaced.get(t.id)!);
      const current = inputs.every((t, i) => t === node.inputs[i])
        ? (node as Tensor)
        : makeTensor(node.op, inputs, node.attributes);
      const own = rewrite(current as AnyTensor);
      const better = own === current ? rule(current as AnyTensor) : own;
      let result: Tensor;
      if (better !== current) {
        result = visit(better);
      } else {
        const folds =
          inputs.length > 0 && inputs.every((t) => t.op === "constant") && sizeOf(current.shape) <= MAX_FOLD;
        const folded = folds ? constant(interpret([current])[0]!, current.shape) : current;
        const key = keyOf(folded as AnyTensor, folded.inputs);
        result = known.get(key) ?? folded;
        known.set(key, result);
      }
      replaced.set(node.id, result);
      replaced.set(result.id, result);
    }
    return replaced.get(root.id)!;
  };

  return outputs.map(visit);
}
