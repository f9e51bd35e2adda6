import type { Engine } from "../../generator/messages.ts";

interface EngineLineProps {
  readonly engine: Engine | null;
  /** From the input to the picture on the screen, milliseconds; null before the first. */
  readonly latency: number | null;
}

const NAMES = { webgpu: "WebGPU", wasm: "WebAssembly" } as const;

/** What computes the pictures, and how fast they follow. */
export function EngineLine({ engine, latency }: EngineLineProps) {
  if (engine === null) return <p class="engine">Loading the generator…</p>;
  const { device, threads, passedOver } = engine;
  const place = device === "wasm" ? `${NAMES.wasm}, ${threads} ${threads === 1 ? "thread" : "threads"}` : NAMES.webgpu;
  return (
    <p class="engine" title={passedOver.join("; ")}>
      <span>Computed in this browser: {place}</span>
      {passedOver.length > 0 && <span> ({passedOver.join("; ")})</span>}
      {latency !== null && <span class="latency"> · {Math.round(latency)} ms</span>}
    </p>
  );
}
