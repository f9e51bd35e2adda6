import onnxProto from "onnx-proto";
import type { Device } from "../device.ts";
import type { Shape } from "../tensor.ts";
import type { ConvolutionPlans } from "./convolution-plans.ts";

const { onnx } = onnxProto;

/** Element type of every floating-point tensor in an emitted model. */
export type FloatType = "float32" | "float64";

export type AttributeValue =
  | number
  | string
  | readonly number[]
  | { readonly float: number }
  | { readonly floats: readonly number[] };

const OPSET = 17;
const IR_VERSION = 8;
const ELEMENT = { float32: 1, float16: 10, float64: 11, int64: 7 } as const;

/** Bytes of numbers in the layout of `raw_data` (little-endian, row-major). */
function rawBytes(data: ArrayLike<number>, type: FloatType | "int64"): Uint8Array {
  if (type === "int64") return new Uint8Array(BigInt64Array.from(Array.from(data, BigInt)).buffer);
  const typed = type === "float32" ? Float32Array.from(data) : Float64Array.from(data);
  return new Uint8Array(typed.buffer);
}

interface ValueInfo {
  readonly name: string;
  readonly type: object;
}

interface NodeProto {
  readonly input: string[];
  readonly output: string[];
  readonly [field: string]: unknown;
}

/** A node as it was asked for. */
export interface Node {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly attributes: Readonly<Record<string, AttributeValue>>;
}

/** A value as another with its axes in a new order: axis i is axis perm[i] of `source`. */
export interface Transposed {
  readonly source: string;
  readonly perm: readonly number[];
}

/** What a model is written for. */
export interface Target {
  /** Element type of floating-point tensors. Defaults to `float32`. */
  readonly type?: FloatType;
  /** Where it will run: operators that the runtime lacks there are left out. Defaults to `cpu`. */
  readonly device?: Device;
  /** Name of the free first extent of inputs and outputs. Defaults to none. */
  readonly freeBatch?: string;
  /** Channels that the runtime keeps side by side in its blocked layout, where convolutions may use that. Defaults to none. */
  readonly channelBlock?: number | undefined;
  /** Forms of convolutions that were found fastest. Defaults to none: each takes the usual one. */
  readonly plans?: ConvolutionPlans | undefined;
  /** Convolutions read and write float16, while everything around them stays as it is. Defaults to false. */
  readonly halfConvolutions?: boolean;
}

/** Writes an ONNX model node by node; equal nodes and equal small constants are written once. */
export class OnnxBuilder {
  readonly type: FloatType;
  readonly device: Device;
  readonly freeBatch: string | undefined;
  readonly channelBlock: number | undefined;
  readonly plans: ConvolutionPlans;
  readonly halfConvolutions: boolean;
  readonly #nodes: NodeProto[] = [];
  readonly #producers = new Map<string, Node>();
  readonly #initializers: { readonly name: string; readonly [field: string]: unknown }[] = [];
  readonly #inputs: object[] = [];
  readonly #outputs: ValueInfo[] = [];
  readonly #known = new Map<string, string>();
  readonly #transposed = new Map<string, Transposed>();
  /** Part of the names of the nodes that are written from here on: what they belong to. */
  scope = "";
  /** Values that are known by the name of an output. */
  readonly #renamed = new Map<string, string>();
  #next = 0;

  constructor(target: Target = {}) {
    const { type = "float32", device = "cpu", freeBatch, channelBlock, plans = {}, halfConvolutions = false } = target;
    this.plans = plans;
    this.type = type;
    this.device = device;
    this.freeBatch = freeBatch;
    this.channelBlock = channelBlock;
    this.halfConvolutions = halfConvolutions;
  }

  input(name: string, shape: readonly (number | string)[], type: FloatType | "int64" = this.type): string {
    this.#inputs.push(valueInfo(name, this.#freed(shape), type));
    return name;
  }

  output(name: string, shape: readonly (number | string)[], value: string): void {
    const made = this.#nodes.some(({ output }) => output.includes(value));
    // An Identity would copy; a value that is the model's own may go out under the output's name instead.
    if (made && !this.#renamed.has(value)) this.#renamed.set(value, name);
    else this.#nodes.push({ opType: "Identity", input: [value], output: [name] });
    this.#outputs.push(valueInfo(name, this.#freed(shape), this.type));
  }

  #freed(shape: readonly (number | string)[]): readonly (number | string)[] {
    return this.freeBatch === undefined || shape.length === 0 ? shape : [this.freeBatch, ...shape.slice(1)];
  }

  /** Adds a node with one output and returns the output's name. `com.microsoft.X` names the runtime's own operators. */
  node(op: string, inputs: readonly string[], attributes: Readonly<Record<string, AttributeValue>> = {}): string {
    const key = `${op}(${inputs})${JSON.stringify(attributes)}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    // The sign keeps names of ours apart from those of inputs and outputs.
    const name = `%t${this.#next++}`;
    const dot = op.lastIndexOf(".");
    const node = { op, inputs: [...inputs], attributes };
    this.#producers.set(name, node);
    this.#nodes.push({
      opType: op.slice(dot + 1),
      domain: dot < 0 ? "" : op.slice(0, dot),
      input: [...inputs],
      output: [name],
      name: `${this.scope}${op.slice(dot + 1)}_${name.slice(1)}`,
      attribute: Object.entries(attributes).map(([attribute, value]) => attributeProto(attribute, value)),
    });
    this.#known.set(key, name);
    return name;
  }

  /** The node that makes a value, where one does. */
  producer(name: string): Node | undefined {
    return this.#producers.get(name);
  }

  /** The value in another element type. */
  cast(x: string, type: "float16" | FloatType): string {
    return this.node("Cast", [x], { to: ELEMENT[type] });
  }

  /** Axis i of the value is axis perm[i] of x; of a transposed x one node alone is left, and none where nothing moves. */
  transpose(x: string, perm: readonly number[]): string {
    const before = this.#transposed.get(x);
    const { source, perm: moved } = before
      ? { source: before.source, perm: perm.map((axis) => before.perm[axis]!) }
      : { source: x, perm };
    if (moved.every((axis, i) => axis === i)) return source;
    const name = this.node("Transpose", [source], { perm: moved });
    this.#transposed.set(name, { source, perm: moved });
    return name;
  }

  /** What a value was transposed from: itself, in its own order, where it was not. */
  transposedFrom(x: string, rank: number): Transposed {
    return this.#transposed.get(x) ?? { source: x, perm: Array.from({ length: rank }, (_, axis) => axis) };
  }

  /** True for a weight or constant of the file, as it is or transposed. */
  holds(x: string): boolean {
    const source = this.#transposed.get(x)?.source ?? x;
    return this.#initializers.some(({ name }) => name === source);
  }

  /** Named constant that keeps its name in the file, e.g. a weight. */
  initializer(name: string, data: ArrayLike<number>, shape: Shape): string {
    this.#initializers.push({ name, dims: shape, dataType: ELEMENT[this.type], rawData: rawBytes(data, this.type) });
    return name;
  }

  /** Anonymous constant of the model's float type. */
  constant(data: ArrayLike<number>, shape: Shape): string {
    return this.#constant(data, shape, this.type);
  }

  /** Anonymous list of float32 numbers whatever the model's type, e.g. the scales of Resize. */
  constant32(values: readonly number[]): string {
    return this.#constant(values, [values.length], "float32");
  }

  /** Anonymous list of whole numbers: axes, shapes, starts. */
  integers(values: readonly number[]): string {
    return this.#constant(values, [values.length], "int64");
  }

  /** Bytes of the finished model. */
  build(name: string, metadata: Readonly<Record<string, string>> = {}): Uint8Array {
    const model = onnx.ModelProto.create({
      irVersion: IR_VERSION,
      producerName: "ganglion",
      opsetImport: [
        { domain: "", version: OPSET },
        { domain: "com.microsoft", version: 1 },
        ...(this.channelBlock === undefined ? [] : [{ domain: "com.microsoft.nchwc", version: 1 }]),
      ],
      graph: {
        name,
        node: needed(
          this.#nodes.map((node) => this.#withOutputNames(node)),
          this.#outputs,
        ),
        initializer: this.#initializers,
        input: this.#inputs,
        output: this.#outputs,
      },
      metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
    });
    return onnx.ModelProto.encode(model).finish();
  }

  #withOutputNames(node: NodeProto): NodeProto {
    const known = (name: string) => this.#renamed.get(name) ?? name;
    return { ...node, input: node.input.map(known), output: node.output.map(known) };
  }

  #constant(data: ArrayLike<number>, shape: Shape, type: FloatType | "int64"): string {
    const small = data.length <= 64 || type === "int64";
    const key = small ? `${type}[${shape}]${Array.from(data, (v) => (Object.is(v, -0) ? "-0" : v))}` : null;
    const known = key === null ? undefined : this.#known.get(key);
    if (known !== undefined) return known;
    const name = `%c${this.#next++}`;
    this.#initializers.push({ name, dims: shape, dataType: ELEMENT[type], rawData: rawBytes(data, type) });
    if (key !== null) this.#known.set(key, name);
    return name;
  }
}

/** The nodes that the outputs depend on: the runtime would run the others too. */
function needed(nodes: readonly NodeProto[], outputs: readonly { readonly name: string }[]): NodeProto[] {
  const read = new Set(outputs.map(({ name }) => name));
  const kept = nodes.toReversed().filter(({ input, output }) => {
    if (!output.some((name) => read.has(name))) return false;
    for (const name of input) read.add(name);
    return true;
  });
  return kept.reverse();
}

function valueInfo(name: string, shape: readonly (number | string)[], type: keyof typeof ELEMENT): ValueInfo {
  const dim = shape.map((extent) => (typeof extent === "number" ? { dimValue: extent } : { dimParam: extent }));
  return { name, type: { tensorType: { elemType: ELEMENT[type], shape: { dim } } } };
}

function attributeProto(name: string, value: AttributeValue): object {
  if (typeof value === "number") return { name, type: 2, i: value };
  if (typeof value === "string") return { name, type: 3, s: new TextEncoder().encode(value) };
  if ("float" in value) return { name, type: 1, f: value.float };
  if ("floats" in value) return { name, type: 6, floats: value.floats };
  return { name, type: 7, ints: value };
}
