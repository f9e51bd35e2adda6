import gpuGlue from "onnxruntime-web/ort-wasm-simd-threaded.asyncify.mjs?url";
import gpuBinary from "onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url";
import glue from "onnxruntime-web/ort-wasm-simd-threaded.mjs?url";
import binary from "onnxruntime-web/ort-wasm-simd-threaded.wasm?url";
import type { InferenceSession, Tensor } from "onnxruntime-web/wasm";
import type { Engine, PageDevice, PassedOver } from "./messages.ts";

/** More gain little for networks of this size, and each costs memory. */
const MAX_THREADS = 4;

/** An input: its numbers and their shape. */
export interface Fed {
  readonly data: Float32Array;
  readonly shape: readonly number[];
}

/** A generator that is ready to compute. */
export interface Session {
  readonly engine: Engine;
  readonly inputs: readonly string[];
  /** @returns `images` [1, channels, size, size], values in [-1, 1] */
  run(feeds: Readonly<Record<string, Fed>>): Promise<{ readonly data: Float32Array; readonly channels: number }>;
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

/** Why the browser has no WebGPU that is worth using; null where it has. */
async function missingGpu(): Promise<PassedOver | null> {
  const { gpu } = navigator as unknown as {
    gpu?: { requestAdapter(): Promise<{ info?: { isFallbackAdapter?: boolean; architecture?: string } } | null> };
  };
  if (gpu === undefined) return { why: "unsupported", message: "this browser does not support WebGPU" };
  const adapter = await gpu.requestAdapter().catch(() => null);
  if (adapter === null) return { why: "no-gpu", message: "WebGPU finds no GPU" };
  const software = adapter.info?.isFallbackAdapter === true || adapter.info?.architecture === "swiftshader";
  return software ? { why: "software", message: "WebGPU runs only in software here" } : null;
}

/** ONNX Runtime for a device, and its WebAssembly, which is asked for at once rather than when the model has come. */
async function loadRuntime(device: PageDevice) {
  const gpu = device === "webgpu";
  const absolute = (path: string) => new URL(path, location.href).href;
  const mjs = absolute(gpu ? gpuGlue : glue);
  const [ort, wasmBinary] = await Promise.all([
    gpu ? import("onnxruntime-web/webgpu") : import("onnxruntime-web/wasm"),
    fetch(gpu ? gpuBinary : binary).then((response) => {
      if (!response.ok) throw new Error(`the runtime did not load (status ${response.status})`);
      return response.arrayBuffer();
    }),
    // The runtime imports it later, under the same address.
    import(/* @vite-ignore */ mjs),
  ]);
  const threads = crossOriginIsolated ? Math.min(MAX_THREADS, navigator.hardwareConcurrency) : 1;
  ort.env.wasm.wasmPaths = { mjs };
  ort.env.wasm.wasmBinary = wasmBinary;
  ort.env.wasm.numThreads = threads;
  // What it warns of, that some operators stay on the processor, is its choice and no fault.
  ort.env.logLevel = "error";
  return { ort, threads };
}

async function open(
  model: Promise<Uint8Array>,
  device: PageDevice,
): Promise<Omit<Session, "engine"> & { threads: number }> {
  const [{ ort, threads }, bytes] = await Promise.all([loadRuntime(device), model]);
  const session: InferenceSession = await ort.InferenceSession.create(bytes, {
    executionProviders: [device],
    graphOptimizationLevel: "all",
    logSeverityLevel: 3,
  });
  return {
    threads,
    inputs: session.inputNames,
    async run(feeds) {
      const tensors: Record<string, Tensor> = {};
      for (const [name, { data, shape }] of Object.entries(feeds)) {
        tensors[name] = new ort.Tensor("float32", data, shape) as Tensor;
      }
      const { images } = await session.run(tensors);
      const data = (await images!.getData()) as Float32Array;
      images!.dispose();
      return { data, channels: images!.dims[1]! };
    },
  };
}

/**
 * Opens a generator on the first device that the browser has and that can compute it.
 * @param model Bytes of a `generator.onnx`, which may still be on their way.
 * @throws Error that says of each device why it cannot
 */
export async function openSession(model: Promise<Uint8Array>, devices: readonly PageDevice[]): Promise<Session> {
  const passedOver: PassedOver[] = [];
  // Said below, by whoever waits for it.
  model.catch(() => undefined);
  for (const device of devices) {
    const missing = device === "webgpu" ? await missingGpu() : null;
    if (missing !== null) {
      passedOver.push(missing);
      continue;
    }
    try {
      const { threads, ...session } = await open(model, device);
      return { ...session, engine: { device, threads, passedOver } };
    } catch (error) {
      const name = device === "webgpu" ? "WebGPU" : "WebAssembly";
      passedOver.push({ why: "failed", message: `${name} failed: ${messageOf(error)}` });
    }
  }
  throw new Error(passedOver.map(({ message }) => message).join("; "));
}
