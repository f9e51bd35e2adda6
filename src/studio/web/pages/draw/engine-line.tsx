import { Toggle } from "../../components/choice.tsx";
import type { DeskDevice } from "./use-generator.ts";

interface EngineLineProps {
  readonly device: DeskDevice;
  /** From the input to the picture on the screen, milliseconds; null before the first. */
  readonly latency: number | null;
}

/** What computes the pictures, and how fast they follow. */
export function EngineLine({ device, latency }: EngineLineProps) {
  const { engine, processorOnly, onProcessorOnly } = device;
  if (engine === null) return <p class="engine">Loading the generator…</p>;
  const { threads, passedOver } = engine;
  const gpu = engine.device === "webgpu";
  return (
    <>
      <p class="engine" title="Images are computed in this browser; no data leave it">
        {gpu ? "WebGPU" : `WebAssembly, ${threads} ${threads === 1 ? "thread" : "threads"}`}
        {passedOver.length > 0 && ` (${passedOver.join("; ")})`}
        {latency !== null && <span class="latency"> · {Math.round(latency)} ms</span>}
      </p>
      {(gpu || processorOnly) && <Toggle label="Without WebGPU" on={processorOnly} onChange={onProcessorOnly} />}
    </>
  );
}
