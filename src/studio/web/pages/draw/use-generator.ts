import { useEffect, useState } from "preact/hooks";
import { api } from "../../api-client.ts";
import type { PageDevice } from "../../generator/messages.ts";
import { openGenerator, type PageGenerator } from "../../generator/open-generator.ts";

/** What the person wants pictures computed on: `auto` is WebGPU where there is a graphics processor, else WebAssembly. */
export type WantedDevice = "auto" | "wasm";

export interface GeneratorState {
  readonly generator: PageGenerator | null;
  readonly error: string | null;
}

const ORDER: Record<WantedDevice, readonly PageDevice[]> = { auto: ["webgpu", "wasm"], wasm: ["wasm"] };

/** Opens the generator of a run once the page stands, and closes it with the component. */
export function useGenerator(run: string, hash: string | null, wanted: WantedDevice): GeneratorState {
  const [state, setState] = useState<GeneratorState>({ generator: null, error: null });
  // Another hash is another generator at the same address.
  useEffect(() => {
    let open: PageGenerator | null = null;
    let closed = false;
    setState({ generator: null, error: null });
    openGenerator(new URL(api.urls.generator(run), location.href).href, ORDER[wanted]).then(
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
  }, [run, hash, wanted]);
  return state;
}
