import { plainForms } from "../plain-forms.ts";
import { type AnyTensor, graphError, type OpName, type Tensor, topologicalOrder } from "../tensor.ts";
import { OnnxBuilder, type Target } from "./builder.ts";
import { lowerConv2d, lowerConv2dInputGradient, lowerFilter, rectifiedByConvolution } from "./lower-convolution.ts";
import { lowerConv2dWeightGradient } from "./lower-kernel-gradient.ts";
import { lowerProduct } from "./lower-product.ts";

/** Writes one operation to the builder and returns the name of its value. */
type Lowering<K extends OpName> = (b: OnnxBuilder, node: Tensor<K>, inputs: readonly string[]) => string;

const same =
  (op: string) =>
  (b: OnnxBuilder, _: Tensor, inputs: readonly string[]): string =>
    b.node(op, inputs);

const named = (node: Tensor, inputs: readonly string[]) =>
  inputs.map((name, i) => ({ name, shape: node.inputs[i]!.shape }));

/** x times this is beyond the slope's bounds for every normal float32, so that clipping leaves a step. */
const STEEP = 3e38;

const lowerings: { readonly [K in OpName]: Lowering<K> } = {
  input: (b, { attributes, shape }) => b.input(attributes.name, shape),
  constant: (b, { attributes, shape }) => b.constant(attributes.data, shape),
  neg: same("Neg"),
  exp: same("Exp"),
  log: same("Log"),
  sqrt: same("Sqrt"),
  tanh: same("Tanh"),
  sigmoid: same("Sigmoid"),
  softplus: same("Softplus"),
  leakyRelu: (b, { attributes: { slope } }, [x]) =>
    slope === 0 ? b.node("Relu", [x!]) : b.node("LeakyRelu", [x!], { alpha: { float: slope } }),
  leakySlope: (b, { attributes: { slope } }, [x]) =>
    b.node("Clip", [b.node("Mul", [x!, b.constant([STEEP], [])]), b.constant([slope], []), b.constant([1], [])]),
  logSoftmax: (b, _, [x]) => b.node("LogSoftmax", [x!], { axis: -1 }),
  add: same("Add"),
  sub: same("Sub"),
  mul: same("Mul"),
  div: same("Div"),
  // With a free batch, 0 keeps the first extent as it comes.
  reshape: (b, { shape, inputs }, [x]) => {
    const keepsBatch = b.freeBatch !== undefined && shape[0] === inputs[0]!.shape[0];
    return b.node("Reshape", [x!, b.integers(keepsBatch ? [0, ...shape.slice(1)] : shape)]);
  },
  transpose: (b, { attributes: { perm } }, [x]) => b.transpose(x!, perm),
  slice: (b, { inputs, attributes: { starts, sizes } }, [x]) => {
    const axes = sizes.map((_, axis) => axis).filter((axis) => sizes[axis] !== inputs[0]!.shape[axis]);
    return b.node("Slice", [
      x!,
      b.integers(axes.map((axis) => starts[axis]!)),
      b.integers(axes.map((axis) => starts[axis]! + sizes[axis]!)),
      b.integers(axes),
    ]);
  },
  pad: (b, { attributes: { before, after } }, [x]) =>
    b.node("Pad", [x!, b.integers([...before, ...after])], { mode: "constant" }),
  concat: (b, { attributes: { axis } }, parts) => b.node("Concat", parts, { axis }),
  broadcastTo: (b, { shape }, [x]) => b.node("Expand", [x!, b.integers(shape)]),
  reduceSum: (b, { attributes: { axes } }, [x]) => b.node("ReduceSum", [x!, b.integers(axes)], { keepdims: 1 }),
  matmul: (b, { inputs, attributes }, [x, y]) => {
    const [left, right] = inputs.map(({ shape }) => shape.length);
    return lowerProduct(b, { name: x!, rank: left! }, { name: y!, rank: right! }, attributes);
  },
  conv2d: (b, node, inputs) => lowerConv2d(b, named(node, inputs), node.attributes),
  conv2dInputGradient: (b, node, inputs) => {
    const { height, width } = node.attributes;
    return lowerConv2dInputGradient(b, named(node, inputs), node.attributes, [height, width]);
  },
  conv2dWeightGradient: (b, node, inputs) => {
    const { kernelHeight, kernelWidth } = node.attributes;
    return lowerConv2dWeightGradient(b, named(node, inputs), node.attributes, [kernelHeight, kernelWidth]);
  },
  filter: (b, node, inputs) => lowerFilter(b, named(node, inputs)[0]!, node.attributes),
  upsample: (b, { attributes: { factor } }, [x]) =>
    b.node("Resize", [x!, "", b.constant32([1, 1, factor, factor])], {
      mode: "nearest",
      coordinate_transformation_mode: "asymmetric",
      nearest_mode: "floor",
    }),
  sumPool: (b, { attributes: { factor } }, [x]) =>
    b.node("Mul", [poolMean(b, x!, factor), b.constant([factor * factor], [])]),
};

function poolMean(b: OnnxBuilder, x: string, factor: number): string {
  return b.node("AveragePool", [x], { kernel_shape: [factor, factor], strides: [factor, factor] });
}

function lowerNode<K extends OpName>(b: OnnxBuilder, node: Tensor<K>, inputs: readonly string[]): string {
  return lowerings[node.op](b, node, inputs);
}

/** The map that `node` averages over blocks, where it is a sumPool times 1 / factor^2. */
function averaged(node: Tensor): { x: Tensor; factor: number } | null {
  const t = node as AnyTensor;
  if (t.op !== "mul") return null;
  for (const [sum, scale] of [t.inputs, [t.inputs[1], t.inputs[0]]] as AnyTensor[][]) {
    if (sum!.op !== "sumPool" || scale!.op !== "constant" || scale.attributes.data.length !== 1) continue;
    const { factor } = sum.attributes;
    if (scale.attributes.data[0]! * factor * factor === 1) return { x: sum.inputs[0]!, factor };
  }
  return null;
}

/**
 * How a model is written. With `freeBatch` it takes any batch although the graph was built for one, which only
 * operations that work on each sample alone allow; `channelBlock` is faster but ties it to ONNX Runtime on a processor
 * of this block size (see `channelBlock()`).
 */
export interface EmitOptions extends Target {
  /** Name of the graph. Defaults to `ganglion`. */
  readonly name?: string;
  /** Key-value pairs kept in the file. Defaults to none. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Values of inputs that become part of the model as named weights. Defaults to none. */
  readonly weights?: Readonly<Record<string, ArrayLike<number>>>;
  /** What a node of the graph belongs to, by its id: begins the names of the nodes that it is written as. Defaults to none. */
  readonly labels?: ReadonlyMap<number, string> | undefined;
}

/** How many times each value is read: by nodes and as an output. */
function countReaders(order: readonly AnyTensor[], outputs: readonly Tensor[]): ReadonlyMap<number, number> {
  const readers = new Map<number, number>();
  for (const { id } of [...order.flatMap((node) => node.inputs), ...outputs])
    readers.set(id, (readers.get(id) ?? 0) + 1);
  return readers;
}

/** The rectifier inside the convolution before it, where that is in blocks and nothing else reads it; else null. */
function rectifiedBefore(
  b: OnnxBuilder,
  node: AnyTensor,
  readers: ReadonlyMap<number, number>,
  names: ReadonlyMap<number, string>,
): string | null {
  if (node.op !== "leakyRelu") return null;
  const [x] = node.inputs as readonly AnyTensor[];
  if (x!.op !== "conv2d" || readers.get(x.id) !== 1) return null;
  return rectifiedByConvolution(b, names.get(x.id)!, node.attributes.slope);
}

/** Ends a label in the name of a node. */
export const LABEL_END = "|";

/** ONNX has one space of names for all values, and the sign % marks those that are made here. */
function requireNames(outputs: Readonly<Record<string, Tensor>>): void {
  const inputs = topologicalOrder(Object.values(outputs)).flatMap((t) => (t.op === "input" ? t.attributes.name : []));
  for (const name of Object.keys(outputs)) {
    if (inputs.includes(name)) throw graphError("emitOnnx", `output ${name} has the name of an input; rename one`);
  }
  const wrong = [...inputs, ...Object.keys(outputs)].find((name) => name === "" || name.startsWith("%"));
  if (wrong !== undefined) throw graphError("emitOnnx", `"${wrong}" names an input or output; begin it with a letter`);
}

/**
 * Bytes of an ONNX model that computes the outputs, by name, from the graph's inputs.
 * @throws GanglionError `graph` when an output has the name of an input
 */
export function emitOnnx(outputs: Readonly<Record<string, Tensor>>, options: EmitOptions = {}): Uint8Array {
  const b = new OnnxBuilder(options);
  const names = new Map<number, string>();
  requireNames(outputs);
  const values = b.type === "float64" ? plainForms(Object.values(outputs)) : Object.values(outputs);
  const order = topologicalOrder(values);
  const readers = countReaders(order, values);
  for (const node of order) {
    const weight = node.op === "input" ? options.weights?.[node.attributes.name] : undefined;
    if (node.op === "input" && weight !== undefined) {
      names.set(node.id, b.initializer(node.attributes.name, weight, node.shape));
      continue;
    }
    const rectified = rectifiedBefore(b, node, readers, names);
    if (rectified !== null) {
      names.set(node.id, rectified);
      continue;
    }
    const mean = averaged(node as Tensor);
    const label = options.labels?.get(node.id);
    b.scope = label === undefined ? "" : `${label}${LABEL_END}`;
    const name =
      mean === null
        ? lowerNode(
            b,
            node as Tensor,
            node.inputs.map((t) => names.get(t.id)!),
          )
        : poolMean(b, names.get(mean.x.id)!, mean.factor);
    names.set(node.id, name);
  }
  b.scope = "";
  Object.keys(outputs).forEach((name, i) => {
    b.output(name, values[i]!.shape, names.get(values[i]!.id)!);
  });
  return b.build(options.name ?? "ganglion", options.metadata);
}
