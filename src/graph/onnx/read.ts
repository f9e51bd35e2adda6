import onnxProto, { type onnx as Onnx } from "onnx-proto";
import { GanglionError } from "../../core/errors.ts";

const { onnx } = onnxProto;

/** Element types that are read, by the number that ONNX gives them; float16 and bfloat16 keep their bits. */
const elementTypes = {
  1: { name: "float32", array: Float32Array },
  2: { name: "uint8", array: Uint8Array },
  3: { name: "int8", array: Int8Array },
  4: { name: "uint16", array: Uint16Array },
  5: { name: "int16", array: Int16Array },
  6: { name: "int32", array: Int32Array },
  7: { name: "int64", array: BigInt64Array },
  9: { name: "bool", array: Uint8Array },
  10: { name: "float16", array: Uint16Array },
  11: { name: "float64", array: Float64Array },
  12: { name: "uint32", array: Uint32Array },
  13: { name: "uint64", array: BigUint64Array },
  16: { name: "bfloat16", array: Uint16Array },
} as const;

type ElementTypes = typeof elementTypes;
export type OnnxElementType = ElementTypes[keyof ElementTypes]["name"];
export type OnnxData = InstanceType<ElementTypes[keyof ElementTypes]["array"]>;

/** Numbers that a model holds, row-major. */
export interface OnnxTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly type: OnnxElementType;
  readonly data: OnnxData;
}

/** Input or output: an extent is a number, the name of a free extent, or null where the file says nothing. */
export interface OnnxPort {
  readonly name: string;
  readonly shape: readonly (number | string | null)[];
  /** Element type; `other` for sequences, maps, strings and types that are not read. */
  readonly type: OnnxElementType | "other";
}

/** Value of an attribute; null for kinds that are not read (graphs, sparse tensors, types). */
export type OnnxAttribute = number | string | readonly number[] | readonly string[] | OnnxTensor | null;

export interface OnnxNode {
  readonly name: string;
  /** Operator; those outside ONNX's own set carry their domain, e.g. `com.microsoft.FusedMatMul`. */
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
}

/** What an ONNX file says, in plain values. */
export interface OnnxSummary {
  readonly irVersion: number;
  readonly producer: string;
  /** Version of each operator set by domain; ONNX's own domain is the empty string. */
  readonly opsets: Readonly<Record<string, number>>;
  readonly name: string;
  /** Values to feed: inputs that an initializer fills by default are left out. */
  readonly inputs: readonly OnnxPort[];
  readonly outputs: readonly OnnxPort[];
  readonly metadata: Readonly<Record<string, string>>;
  readonly initializers: readonly OnnxTensor[];
  readonly nodes: readonly OnnxNode[];
}

type Whole = number | { toNumber(): number } | null | undefined;

const whole = (value: Whole): number => (typeof value === "number" ? value : (value?.toNumber() ?? 0));
const text = (bytes: Uint8Array | null | undefined): string => new TextDecoder().decode(bytes ?? new Uint8Array());

function damaged(rule: string, cause?: unknown): GanglionError {
  return new GanglionError("graph", `ONNX model: ${rule}; the file is damaged or no ONNX model`, { cause });
}

/**
 * Reads an ONNX model without running it.
 * @throws GanglionError `graph` when the bytes are damaged, or when weights lie in another file
 */
export function readOnnx(bytes: Uint8Array): OnnxSummary {
  let model: Onnx.ModelProto;
  try {
    model = onnx.ModelProto.decode(bytes);
  } catch (cause) {
    throw damaged(`${bytes.length} bytes cannot be decoded (${(cause as Error).message})`, cause);
  }
  const { graph } = model;
  if (graph === null || graph === undefined) throw damaged("there is no graph");
  const initializers = (graph.initializer ?? []).map(readTensor);
  const filled = new Set(initializers.map((t) => t.name));
  return {
    irVersion: whole(model.irVersion),
    producer: model.producerName,
    opsets: Object.fromEntries(model.opsetImport.map((o) => [o.domain ?? "", whole(o.version)])),
    name: graph.name ?? "",
    inputs: (graph.input ?? []).map(readPort).filter((port) => !filled.has(port.name)),
    outputs: (graph.output ?? []).map(readPort),
    metadata: Object.fromEntries(model.metadataProps.map((entry) => [entry.key ?? "", entry.value ?? ""])),
    initializers,
    nodes: (graph.node ?? []).map(readNode),
  };
}

function elementOf(type: number | null | undefined): ElementTypes[keyof ElementTypes] | undefined {
  return (elementTypes as Record<number, ElementTypes[keyof ElementTypes]>)[type ?? 0];
}

function readPort(info: Onnx.IValueInfoProto): OnnxPort {
  const tensor = info.type?.tensorType;
  const shape = (tensor?.shape?.dim ?? []).map((dim) => {
    if (typeof dim.dimParam === "string" && dim.dimParam !== "") return dim.dimParam;
    const extent = whole(dim.dimValue);
    return extent > 0 ? extent : null;
  });
  return { name: info.name ?? "", shape, type: elementOf(tensor?.elemType)?.name ?? "other" };
}

function readNode(node: Onnx.INodeProto): OnnxNode {
  const ours = node.domain === "" || node.domain === "ai.onnx" || node.domain === null || node.domain === undefined;
  return {
    name: node.name ?? "",
    op: ours ? (node.opType ?? "") : `${node.domain}.${node.opType}`,
    inputs: node.input ?? [],
    outputs: node.output ?? [],
    attributes: Object.fromEntries((node.attribute ?? []).map((a) => [a.name ?? "", readAttribute(a)])),
  };
}

function readAttribute(a: Onnx.IAttributeProto): OnnxAttribute {
  const kinds = onnx.AttributeProto.AttributeType;
  switch (a.type) {
    case kinds.FLOAT:
      return a.f ?? 0;
    case kinds.INT:
      return whole(a.i);
    case kinds.STRING:
      return text(a.s);
    case kinds.TENSOR:
      return a.t === null || a.t === undefined ? null : readTensor(a.t);
    case kinds.FLOATS:
      return a.floats ?? [];
    case kinds.INTS:
      return (a.ints ?? []).map(whole);
    case kinds.STRINGS:
      return (a.strings ?? []).map(text);
    default:
      return null;
  }
}

function readTensor(t: Onnx.ITensorProto): OnnxTensor {
  const name = t.name ?? "";
  const shape = (t.dims ?? []).map(whole);
  if (shape.some((extent) => extent < 0)) throw damaged(`tensor ${name} has the shape [${shape}]`);
  if (t.dataLocation === onnx.TensorProto.DataLocation.EXTERNAL) {
    throw new GanglionError("graph", `ONNX model: tensor ${name} lies in another file; save the model as one file`);
  }
  const element = elementOf(t.dataType);
  if (element === undefined) throw damaged(`tensor ${name} has the element type ${t.dataType}, which is not read`);
  const length = shape.reduce((product, extent) => product * extent, 1);
  const data = readData(t, element);
  if (data.length !== length) throw damaged(`tensor ${name} of shape [${shape}] holds ${data.length} numbers`);
  return { name, shape, type: element.name, data };
}

function readData(t: Onnx.ITensorProto, { name, array }: ElementTypes[keyof ElementTypes]): OnnxData {
  const raw = t.rawData ?? new Uint8Array();
  if (raw.length > 0) {
    if (raw.length % array.BYTES_PER_ELEMENT !== 0) throw damaged(`tensor ${t.name} ends within a number`);
    // Copied: the bytes may lie at any offset of the file, typed arrays only at whole ones.
    return new array(new Uint8Array(raw).buffer);
  }
  switch (name) {
    case "float32":
      return Float32Array.from(t.floatData ?? []);
    case "float64":
      return Float64Array.from(t.doubleData ?? []);
    case "int64":
      return BigInt64Array.from(t.int64Data ?? [], (n) => BigInt(String(n)));
    case "uint64":
      return BigUint64Array.from(t.uint64Data ?? [], (n) => BigInt(String(n)));
    case "uint32":
      return Uint32Array.from(t.uint64Data ?? [], whole);
    default:
      // ONNX keeps all smaller types in int32_data.
      return (array as typeof Int32Array).from(t.int32Data ?? []);
  }
}
