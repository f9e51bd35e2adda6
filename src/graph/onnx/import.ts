import { GanglionError } from "../../core/errors.ts";
import * as ops from "../ops.ts";
import { sizeOf, type Tensor } from "../tensor.ts";
import { type ImportRule, importRules } from "./import-rules.ts";
import type { NodeReader } from "./node-reader.ts";
import {
  type OnnxAttribute,
  type OnnxNode,
  type OnnxPort,
  type OnnxSummary,
  type OnnxTensor,
  readOnnx,
} from "./read.ts";

export interface ImportOptions {
  /** Extents of free axes by their name in the file, e.g. `{ batch: 8 }`. Defaults to none. */
  extents?: Readonly<Record<string, number>>;
  /** What the model is given, by the name of its inputs, e.g. images of another size than the file states. Defaults to new inputs. */
  given?: Readonly<Record<string, Tensor>>;
  /** Values to import, by name, with what they are made of; the outputs are not then. Defaults to the outputs and all nodes. */
  wanted?: readonly string[];
}

/** A model as a graph: placeholders by name, and what it computes of them by name. */
export interface ImportedModel {
  readonly inputs: Record<string, Tensor>;
  readonly outputs: Record<string, Tensor>;
  /** What each node makes, by name, in the order of the file. */
  readonly values: ReadonlyMap<string, Tensor>;
}

/**
 * Turns an ONNX model back into a symbolic graph, e.g. to interpret it in float64 or to differentiate it. Weights
 * become constants. It knows the operators that `emitOnnx` writes, in every form that it writes them (a dilated or
 * turned kernel becomes the same kernel made with reshape, pad, slice and concat), plus Gemm, Flatten, Squeeze,
 * Unsqueeze, ReduceMean, GlobalAveragePool, MaxPool, convolutions in groups, Dropout (as it is after training) and Constant; models of other programs import where they keep to these.
 * @param source The file, or what {@link readOnnx} made of it where a model is imported more than once.
 * @throws GanglionError `graph` naming the node and operator that it does not know, or the damage of the file
 */
export function importOnnx(source: Uint8Array | OnnxSummary, options: ImportOptions = {}): ImportedModel {
  const model = source instanceof Uint8Array ? readOnnx(source) : source;
  const tensors = new Map<string, Tensor>();
  const stored = new Map(model.initializers.map((t) => [t.name, t]));
  const inputs: Record<string, Tensor> = {};
  const values = new Map<string, Tensor>();
  for (const port of model.inputs) {
    inputs[port.name] = options.given?.[port.name] ?? ops.input(port.name, shapeOf(port, options.extents ?? {}));
    tensors.set(port.name, inputs[port.name]!);
  }

  const lookUp = (name: string, where: string): Tensor => {
    const known = tensors.get(name);
    if (known !== undefined) return known;
    const constant = stored.get(name);
    if (constant === undefined) throw fault(where, `reads ${name}, which no earlier node makes`);
    const made = ops.constant(floats(constant, where), constant.shape);
    tensors.set(name, made);
    return made;
  };

  const needed = options.wanted === undefined ? null : ancestorsOf(model.nodes, options.wanted);
  for (const node of model.nodes) {
    if (needed !== null && !node.outputs.some((name) => needed.has(name))) continue;
    const where = `node ${node.name || node.outputs[0]} (${node.op})`;
    if (node.op === "Constant") {
      const value = node.attributes.value;
      if (!isTensor(value)) throw fault(where, "holds no tensor");
      stored.set(node.outputs[0]!, value);
      continue;
    }
    const rule: ImportRule | undefined = Object.hasOwn(importRules, node.op) ? importRules[node.op] : undefined;
    if (rule === undefined) throw fault(where, "is an operator that cannot be imported");
    if (node.outputs.length !== 1) throw fault(where, `has ${node.outputs.length} outputs, one is understood`);
    let value: Tensor;
    try {
      value = rule(readerOf(node, where, lookUp, stored));
    } catch (cause) {
      if (cause instanceof GanglionError && cause.message.startsWith("ONNX model:")) throw cause;
      throw fault(where, (cause as Error).message, cause);
    }
    const [name] = node.outputs;
    if (tensors.has(name!) || stored.has(name!)) throw fault(where, `makes ${name} a second time`);
    if (!value.shape.every((extent) => Number.isSafeInteger(extent) && extent > 0)) {
      throw fault(where, `has a value of shape [${value.shape}]`);
    }
    if (!Number.isSafeInteger(sizeOf(value.shape))) throw fault(where, `has a value of shape [${value.shape}]`);
    tensors.set(name!, value);
    values.set(name!, value);
  }
  if (needed !== null) return { inputs, outputs: {}, values };
  const outputs = Object.fromEntries(model.outputs.map(({ name }) => [name, lookUp(name, `output ${name}`)]));
  return { inputs, outputs, values };
}

/** Names of values and of all that they are made of. */
export function ancestorsOf(nodes: readonly OnnxNode[], names: readonly string[]): ReadonlySet<string> {
  const found = new Set(names);
  for (const { inputs, outputs } of nodes.toReversed()) {
    if (outputs.some((name) => found.has(name))) for (const name of inputs) found.add(name);
  }
  return found;
}

function fault(where: string, rule: string, cause?: unknown): GanglionError {
  return new GanglionError("graph", `ONNX model: ${where}: ${rule}`, { cause });
}

const isTensor = (value: OnnxAttribute | undefined): value is OnnxTensor =>
  typeof value === "object" && value !== null && "data" in value;

function shapeOf({ name, shape, type }: OnnxPort, extents: Readonly<Record<string, number>>): number[] {
  if (type !== "float32" && type !== "float64") throw fault(`input ${name}`, `has the element type ${type}`);
  return shape.map((extent) => {
    const known = typeof extent === "string" ? extents[extent] : extent;
    if (known === null || known === undefined || !Number.isSafeInteger(known) || known < 1) {
      throw fault(`input ${name}`, `has the free extent ${extent}; give it in extents`);
    }
    return known;
  });
}

/** Weights of models that are imported more than once, as a graph holds them. */
const converted = new WeakMap<OnnxTensor, Float64Array>();

function floats(tensor: OnnxTensor, where: string): Float64Array {
  const { name, type, data } = tensor;
  if (type !== "float32" && type !== "float64") throw fault(where, `reads ${name} of type ${type} as real numbers`);
  const known = converted.get(tensor) ?? Float64Array.from(data as Float32Array | Float64Array);
  converted.set(tensor, known);
  return known;
}

function readerOf(
  node: OnnxNode,
  where: string,
  lookUp: (name: string, where: string) => Tensor,
  stored: ReadonlyMap<string, OnnxTensor>,
): NodeReader {
  const has = (i: number) => i < node.inputs.length && node.inputs[i] !== "";
  const tensor = (i: number) => {
    if (!has(i)) throw fault(where, `lacks input ${i}`);
    return lookUp(node.inputs[i]!, where);
  };
  const constantAt = (i: number): number[] => {
    const known = stored.get(node.inputs[i] ?? "");
    if (known === undefined) throw fault(where, `input ${i} is not a constant`);
    return Array.from(known.data as ArrayLike<number | bigint>, Number);
  };
  const attribute = <T>(name: string, accepts: (v: unknown) => v is T, otherwise: T): T => {
    const value: unknown = node.attributes[name] ?? otherwise;
    if (!accepts(value)) throw fault(where, `attribute ${name} is ${JSON.stringify(value)}`);
    return value;
  };
  const isReal = (v: unknown): v is number => typeof v === "number" && Number.isFinite(v);
  const isText = (v: unknown): v is string => typeof v === "string";
  const isList = (v: unknown): v is readonly number[] => Array.isArray(v) && v.every(isReal);
  return {
    count: node.inputs.length,
    has,
    tensor,
    tensors: () => node.inputs.map((_, i) => tensor(i)),
    constant: constantAt,
    number: (name, otherwise) => attribute(name, isReal, otherwise),
    text: (name, otherwise) => attribute(name, isText, otherwise),
    list: (name, otherwise) => attribute(name, isList, otherwise),
    listOrInput: (name, i, otherwise) => (has(i) ? constantAt(i) : attribute(name, isList, otherwise)),
    refuse: (rule) => fault(where, rule),
  };
}
