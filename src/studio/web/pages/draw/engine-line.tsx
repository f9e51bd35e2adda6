import { Toggle } from "../../components/choice.tsx";
import { useWords } from "../../texts/texts.ts";
import type { DeskDevice } from "./use-generator.ts";

interface EngineLineProps {
  readonly device: DeskDevice;
  /** From the input to the picture on the screen, milliseconds; null before the first. */
  readonly latency: number | null;
}

/** What computes the pictures, and how fast they follow. */
export function EngineLine({ device, latency }: EngineLineProps) {
  const { engine, processorOnly, onProcessorOnly } = device;
  const { t, maybe } = useWords();
  if (engine === null) return <p class="engine">{t("draw.loading")}</p>;
  const { threads, passedOver } = engine;
  const gpu = engine.device === "webgpu";
  const why = passedOver.map((one) => maybe(`draw.passed.${one.why}`) ?? one.message).join("; ");
  return (
    <>
      <p class="engine" title={t("draw.here")}>
        {gpu ? "WebGPU" : t(threads === 1 ? "draw.wasm.one" : "draw.wasm", { threads })}
        {why !== "" && ` (${why})`}
        {latency !== null && <span class="latency"> · {Math.round(latency)} ms</span>}
      </p>
      {(gpu || processorOnly) && <Toggle label={t("draw.no.gpu")} on={processorOnly} onChange={onProcessorOnly} />}
    </>
  );
}
