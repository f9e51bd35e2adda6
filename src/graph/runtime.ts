/** The only file that knows ONNX Runtime. */
import { isMainThread } from "node:worker_threads";
import type * as Ort from "onnxruntime-node";
import { GanglionError } from "../core/errors.ts";
import type { Device } from "./device.ts";

/** Numbers with their shape, row-major. */
export interface Value {
  readonly data: Float32Array | Float64Array;
  readonly shape: readonly number[];
}

/** Numbers that lie in the memory of a GPU. Release it: nothing else frees that memory in time. */
export interface DeviceValue {
  readonly shape: readonly number[];
  /** The runtime's own handle. */
  readonly tensor: Ort.Tensor;
  release(): void;
}

export interface ModelOptions {
  /** Where the model computes. Defaults to `cpu`. */
  device?: Device;
  /** Outputs that stay in the memory of a `webgpu` device. Defaults to none. */
  resident?: readonly string[];
  /** Threads inside one operator; results are bit-identical only for equal counts. Defaults to 1. */
  threads?: number;
  /** Lets the runtime keep freed memory for the next run. Defaults to true. */
  arena?: boolean;
  /** Writes a Chrome-trace profile beside this prefix when the model closes. Defaults to none. */
  profilePrefix?: string | undefined;
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
  run(
    feeds: Readonly<Record<string, Value | DeviceValue>>,
    into?: Readonly<Record<string, Value>>,
  ): Promise<Record<string, Value>>;
  /** Runs the model once and leaves its resident outputs where they are. @throws GanglionError `graph` */
  runResident(
    feeds: Readonly<Record<string, Value | DeviceValue>>,
  ): Promise<{ host: Record<string, Value>; device: Record<string, DeviceValue> }>;
  close(): Promise<void>;
}

/**
 * ONNX Runtime begins to send telemetry when it is loaded, unless the process's environment has `1` here; the binding
 * for Node has no function for it. The main thread's `process.env` is that environment, and what it sets is there for
 * every thread and process that it starts; a thread's own is a copy that the library never sees, so a thread sets nothing.
 */
const NO_TELEMETRY = "ORT_DISABLE_TELEMETRY";
if (isMainThread) process.env[NO_TELEMETRY] = "1";

/**
 * A thread that waits for work looks for it in a loop before it falls asleep. The threads of a session that has just run
 * would do so beside those of the next (a tenth of a step), and the runtime's own duration takes the core from any other
 * process for milliseconds: beside one busy neighbour a training fell below half its fair share (docs/optimisations.md).
 */
const SPINNING = { "session.force_spinning_stop": "1", "session.intra_op.spin_duration_us": "50" };

/** Loaded with the first model, so that help texts and checks of input never wait for the native library. */
let ort: typeof Ort;

/** @throws GanglionError `graph` in a thread where the runtime would send telemetry */
async function loadRuntime(): Promise<typeof Ort> {
  if (process.env[NO_TELEMETRY] !== "1") {
    throw new GanglionError(
      "graph",
      `${NO_TELEMETRY} is ${process.env[NO_TELEMETRY] ?? "not set"} in this thread, so ONNX Runtime would send ` +
        "telemetry; import ganglion in the main thread before the thread is started, or start the process with " +
        `${NO_TELEMETRY}=1`,
    );
  }
  const loaded = await import("onnxruntime-node");
  // What fails is thrown, and said once; the runtime's own log would say it again in its own way.
  loaded.env.logLevel = "fatal";
  return loaded;
}

/** Version of ONNX Runtime. */
export async function runtimeVersion(): Promise<string> {
  ort ??= await loadRuntime();
  return ort.env.versions.common;
}

function toTensor(value: Value | DeviceValue): Ort.Tensor {
  if ("tensor" in value) return value.tensor;
  const { data, shape } = value;
  return data instanceof Float32Array
    ? new ort.Tensor("float32", data, shape as number[])
    : new ort.Tensor("float64", data, shape as number[]);
}

const toValue = (tensor: Ort.Tensor): Value => ({
  data: tensor.data as Float32Array | Float64Array,
  shape: tensor.dims,
});

function port(meta: Ort.InferenceSession.ValueMetadata): Port {
  if (!meta.isTensor) return { name: meta.name, shape: [], type: "not a tensor" };
  return { name: meta.name, shape: meta.shape.map((n) => (typeof n === "number" ? n : null)), type: meta.type };
}

/**
 * Loads an ONNX model.
 * @throws GanglionError `graph` when the bytes are not a model that the runtime can run, or the device is not there
 */
export async function openModel(bytes: Uint8Array, options: ModelOptions = {}): Promise<Model> {
  const { device = "cpu", resident = [] } = options;
  let session: Ort.InferenceSession;
  try {
    ort ??= await loadRuntime();
    session = await ort.InferenceSession.create(bytes, {
      executionProviders: [device],
      ...(resident.length === 0
        ? {}
        : { preferredOutputLocation: Object.fromEntries(resident.map((name) => [name, "gpu-buffer" as const])) }),
      intraOpNumThreads: options.threads ?? 1,
      interOpNumThreads: 1,
      executionMode: "sequential",
      graphOptimizationLevel: "all",
      enableCpuMemArena: options.arena ?? true,
      // A planned pattern keeps a second copy of what the arena holds: less memory for 3 % of the speed.
      enableMemPattern: false,
      logSeverityLevel: 4,
      extra: SPINNING,
      ...(options.profilePrefix === undefined
        ? {}
        : { enableProfiling: true, profileFilePrefix: options.profilePrefix }),
    });
  } catch (cause) {
    throw new GanglionError("graph", `ONNX Runtime cannot load the model: ${(cause as Error).message}`, { cause });
  }
  const runOnce = async (
    feeds: Readonly<Record<string, Value | DeviceValue>>,
    into: Readonly<Record<string, Value>>,
  ): Promise<Ort.InferenceSession.OnnxValueMapType> => {
    const tensors = Object.fromEntries(Object.entries(feeds).map(([name, value]) => [name, toTensor(value)]));
    const fetches: Record<string, Ort.Tensor | null> = Object.fromEntries(
      session.outputNames.map((name) => [name, into[name] === undefined ? null : toTensor(into[name])]),
    );
    try {
      return await session.run(tensors, fetches);
    } catch (cause) {
      throw new GanglionError("graph", `ONNX Runtime failed: ${(cause as Error).message}`, { cause });
    }
  };
  return {
    inputs: session.inputMetadata.map(port),
    outputs: session.outputMetadata.map(port),
    async run(feeds, into = {}) {
      const results = await runOnce(feeds, into);
      return Object.fromEntries(
        // The runtime fills the arrays given to it, but hands back copies.
        Object.entries(results).map(([name, tensor]) => [name, into[name] ?? toValue(tensor)]),
      );
    },
    async runResident(feeds) {
      const results = Object.entries(await runOnce(feeds, {}));
      const device = results.filter(([, tensor]) => tensor.location === "gpu-buffer");
      const host = results.filter(([, tensor]) => tensor.location !== "gpu-buffer");
      return {
        host: Object.fromEntries(host.map(([name, tensor]) => [name, toValue(tensor)])),
        device: Object.fromEntries(
          device.map(([name, tensor]) => [name, { shape: tensor.dims, tensor, release: () => tensor.dispose() }]),
        ),
      };
    },
    async close() {
      if (options.profilePrefix !== undefined) session.endProfiling();
      await session.release();
    },
  };
}
