import { GanglionError } from "../core/errors.ts";
import { inferShape } from "./shape-rules.ts";

/** Extent of each axis; `[]` is a scalar. Every extent is known when a graph is built. */
export type Shape = readonly number[];

/**
 * The closed set of operations with the attributes of each. Shape rules, gradient rules, the interpreter and the ONNX
 * lowering are mapped types over this interface: an operation that one of them forgets does not compile.
 */
export interface OpAttributes {
  /** Value given at run time. */
  input: { readonly name: string; readonly shape: Shape };
  /** Value known when the graph is built; row-major, length = product of the shape. */
  constant: { readonly shape: Shape; readonly data: Float64Array };

  neg: NoAttributes;
  exp: NoAttributes;
  log: NoAttributes;
  sqrt: NoAttributes;
  tanh: NoAttributes;
  /** 1 / (1 + e^-x). */
  sigmoid: NoAttributes;
  /** log(1 + e^x). */
  softplus: NoAttributes;
  /** x where x > 0, else slope * x; slope >= 0. */
  leakyRelu: { readonly slope: number };
  /** 1 where x > 0, else slope: the derivative of leakyRelu, itself flat almost everywhere. */
  leakySlope: { readonly slope: number };
  /** log softmax over the last axis. */
  logSoftmax: NoAttributes;

  /** Elementwise with NumPy broadcasting, like the next three. */
  add: NoAttributes;
  sub: NoAttributes;
  mul: NoAttributes;
  div: NoAttributes;

  reshape: { readonly shape: Shape };
  /** Output axis i is input axis perm[i]. */
  transpose: { readonly perm: readonly number[] };
  /** Block of `sizes` that begins at `starts`. */
  slice: { readonly starts: readonly number[]; readonly sizes: readonly number[] };
  /** Zeros around; the adjoint of slice. */
  pad: { readonly before: readonly number[]; readonly after: readonly number[] };
  concat: { readonly axis: number };
  broadcastTo: { readonly shape: Shape };
  /** Sum over `axes`, which stay with extent 1; the adjoint of broadcastTo. */
  reduceSum: { readonly axes: readonly number[] };

  /** [..., M, K] x [..., K, N] with broadcasting of the leading axes; either matrix may be read transposed. */
  matmul: { readonly transposeA: boolean; readonly transposeB: boolean };
  /** x [N,C,H,W], w [O,C,KH,KW] (and bias [O]) => [N,O,H',W'], cross-correlation as in ONNX Conv. */
  conv2d: ConvGeometry;
  /** dy [N,O,H',W'], w [O,C,KH,KW] => [N,C,H,W]: adjoint of conv2d in x. */
  conv2dInputGradient: ConvGeometry & { readonly height: number; readonly width: number };
  /** x [N,C,H,W], dy [N,O,H',W'] => [O,C,KH,KW]: adjoint of conv2d in w. */
  conv2dWeightGradient: ConvGeometry & { readonly kernelHeight: number; readonly kernelWidth: number };

  /** Nearest-neighbour enlargement of [N,C,H,W] by a whole factor. */
  upsample: { readonly factor: number };
  /** Sum over factor x factor blocks of [N,C,H,W]: the adjoint of upsample. */
  sumPool: { readonly factor: number };
}

export type NoAttributes = Readonly<Record<never, never>>;

/** Same stride in both directions and the same zero padding on all four sides. */
export interface ConvGeometry {
  readonly stride: number;
  readonly padding: number;
}

export type OpName = keyof OpAttributes;

/** A node of the graph: the value of one operation. Immutable; identity is `id`. */
export interface Tensor<K extends OpName = OpName> {
  readonly id: number;
  readonly op: K;
  readonly inputs: readonly Tensor[];
  readonly attributes: OpAttributes[K];
  readonly shape: Shape;
}

/** The union over all operations, so that a switch on `op` narrows `attributes`. */
export type AnyTensor = { [K in OpName]: Tensor<K> }[OpName];

let nextId = 0;

/**
 * Makes a node and infers its shape.
 * @throws GanglionError `graph` naming the operation and the shapes that do not fit
 */
export function makeTensor<K extends OpName>(op: K, inputs: readonly Tensor[], attributes: OpAttributes[K]): Tensor<K> {
  const shape = inferShape(
    op,
    inputs.map((t) => t.shape),
    attributes,
  );
  return { id: nextId++, op, inputs, attributes, shape };
}

/** Number of elements of a shape. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((extent, axis) => extent === b[axis]);
}

/** Row-major strides, in elements. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  for (let axis = shape.length - 1, step = 1; axis >= 0; axis--) {
    strides[axis] = step;
    step *= shape[axis];
  }
  return strides;
}

/** Every node that `outputs` depend on, each after its inputs; not looking behind nodes that `isKnown` accepts. */
export function topologicalOrder(outputs: readonly Tensor[], isKnown?: (t: Tensor) => boolean): AnyTensor[] {
  const order: AnyTensor[] = [];
  const seen = new Set<number>();
  const stack: { node: Tensor; next: number }[] = [];
  for (const output of outputs) {
    if (seen.has(output.id) || isKnown?.(output)) continue;
    seen.add(output.id);
    stack.push({ node: output, next: 0 });
    while (stack.length > 0) {
      const top = stack[stack.length - 1];
      if (top.next < top.node.inputs.length) {
        const child = top.node.inputs[top.next++];
        if (!seen.has(child.id) && !isKnown?.(child)) {
          seen.add(child.id);
          stack.push({ node: child, next: 0 });
        }
      } else {
        order.push(top.node as AnyTensor);
        stack.pop();
      }
    }
  }
  return order;
}

/** Error of the graph layer, with the operation and the rule it breaks. */
export function graphError(op: string, rule: string): GanglionError {
  return new GanglionError("graph", `${op}: ${rule}`);
}
