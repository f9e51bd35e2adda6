import { useEffect, useState } from "preact/hooks";
import { api } from "../../api-client.ts";
import type { Engine, PageDevice } from "../../generator/messages.ts";
import { openGenerator, type PageGenerator } from "../../generator/open-generator.ts";

/** What computes pictures: WebGPU where there is a graphics processor, else or where the person wants it WebAssembly. */
export interface DeskDevice {
  /** Null while the generator loads. */
  readonly engine: Engine | null;
  readonly processorOnly: boolean;
  onProcessorOnly(only: boolean): void;
}

export interface GeneratorState {
  readonly generator: PageGenerator | null;
  readonly error: string | null;
}

const DEVICES: readonly PageDevice[] = ["webgpu", "wasm"];
const PROCESSOR: readonly PageDevice[] = ["wasm"];

/** Opens the generator of a run once the page stands, and closes it with the component. */
export function useGenerator(run: string, hash: string | null, processorOnly: boolean): GeneratorState {
  const [state, setState] = useState<GeneratorState>({ generator: null, error: null });
  // Another hash is another generator at the same address.
  useEffect(() => {
    let open: PageGenerator | null = null;
    let closed = false;
    setState({ generator: null, error: null });
    openGenerator(new URL(api.urls.generator(run), location.href).href, processorOnly ? PROCESSOR : DEVICES).then(
      (generator) => {
        if (closed) generator.close();
        else {
          open = generator;
          setState({ generator, error: null });
        }
      },
      (error) => closed || setState({ generator: null, error: (error as Error).message }),
    );
    return () => {
      closed = true;
      open?.close();
    };
  }, [run, hash, processorOnly]);
  return state;
}
