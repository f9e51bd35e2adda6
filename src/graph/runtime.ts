/** The only file that knows ONNX Runtime. */
import type * as Ort from "onnxruntime-node";
import { GanglionError } from "../core/errors.ts";
import type { FloatType } from "./onnx/builder.ts";

/** Numbers with their shape, row-major. */
export interface Value {
  readonly data: Float32Array | Float64Array;
  readonly shape: readonly number[];
}

export interface ModelOptions {
  /** Threads inside one operator; results are bit-identical only for equal counts. Defaults to 1. */
  threads?: number;
  /** Lets the runtime keep freed memory for the next run. Defaults to true. */
  arena?: boolean;
  /** Writes a Chrome-trace profile beside this prefix when the model closes. Defaults to none. */
  profilePrefix?: string;
}

/** Name, shape (null where an extent is free) and element type of an input or output. */
export interface Port {
  readonly name: string;
  readonly shape: readonly (number | null)[];
  readonly type: string;
}

/** A loaded ONNX model. Close it: sessions hold native memory. */
export interface Model {
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  /**
   * Runs the model once.
   * @param into Arrays that receive outputs by name; outputs not named get new arrays.
   * @throws GanglionError `graph` with the runtime's message
   */
  run(feeds: Readonly<Record<string, Value>>, into?: Readonly<Record<string, Value>>): Promise<Record<string, Value>>;
  close(): Promise<void>;
}

/** Loaded with the first model, so that help texts and checks of input never wait for the native library. */
let ort: typeof Ort;

const toTensor = ({ data, shape }: Value): Ort.Tensor =>
  data instanceof Float32Array
    ? new ort.Tensor("float32", data, shape as number[])
    : new ort.Tensor("float64", data, shape as number[]);

function port(meta: Ort.InferenceSession.ValueMetadata): Port {
  if (!meta.isTensor) return { name: meta.name, shape: [], type: "not a tensor" };
  return { name: meta.name, shape: meta.shape.map((n) => (typeof n === "number" ? n : null)), type: meta.type };
}

/**
 * Loads an ONNX model on the CPU.
 * @throws GanglionError `graph` when the bytes are not a model that the runtime can run
 */
export async function openModel(bytes: Uint8Array, options: ModelOptions = {}): Promise<Model> {
  let session: Ort.InferenceSession;
  try {
    ort ??= await import("onnxruntime-node");
    session = await ort.InferenceSession.create(bytes, {
      executionProviders: ["cpu"],
      intraOpNumThreads: options.threads ?? 1,
      interOpNumThreads: 1,
      executionMode: "sequential",
      graphOptimizationLevel: "all",
      enableCpuMemArena: options.arena ?? true,
      // A planned pattern keeps a second copy of what the arena holds: less memory for 3 % of the speed.
      enableMemPattern: false,
      logSeverityLevel: 3,
      ...(options.profilePrefix === undefined
        ? {}
        : { enableProfiling: true, profileFilePrefix: options.profilePrefix }),
    });
  } catch (cause) {
    throw new GanglionError("graph", `ONNX Runtime cannot load the model: ${(cause as Error).message}`, { cause });
  }
  return {
    inputs: session.inputMetadata.map(port),
    outputs: session.outputMetadata.map(port),
    async run(feeds, into = {}) {
      const tensors = Object.fromEntries(Object.entries(feeds).map(([name, value]) => [name, toTensor(value)]));
      const fetches: Record<string, Ort.Tensor | null> = Object.fromEntries(
        session.outputNames.map((name) => [name, into[name] === undefined ? null : toTensor(into[name])]),
      );
      try {
        const results = await session.run(tensors, fetches);
        return Object.fromEntries(
          Object.entries(results).map(([name, t]) => [
            name,
            // The runtime fills the arrays given to it, but hands back copies.
            into[name] ?? { data: t.data as Float32Array | Float64Array, shape: t.dims },
          ]),
        );
      } catch (cause) {
        throw new GanglionError("graph", `ONNX Runtime failed: ${(cause as Error).message}`, { cause });
      }
    },
    async close() {
      if (options.profilePrefix !== undefined) session.endProfiling();
      await session.release();
    },
  };
}

/** New array of the runtime's element type. */
export function allocate(type: FloatType, length: number): Float32Array | Float64Array {
  return type === "float32" ? new Float32Array(length) : new Float64Array(length);
}
