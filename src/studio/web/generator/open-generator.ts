import { type Lanes, openLanes } from "./lanes.ts";
import type { Engine, FromThread, PageDevice, Picture, PictureRequest, ToThread } from "./messages.ts";

/** A picture and the time that its computation took. */
interface Drawn {
  readonly picture: Picture;
  readonly milliseconds: number;
}

/** A generator in a thread of its own. */
export interface PageGenerator {
  readonly engine: Engine;
  readonly lanes: Lanes<PictureRequest, Drawn>;
  close(): void;
}

/** Lane of the picture under the pointer; all others wait for it. */
export const FIRST_LANE = "picture";

/**
 * Loads a generator into a thread.
 * @param devices What it may compute on, in the order of preference.
 * @throws Error when it does not load or no device can compute it
 */
export async function openGenerator(url: string, devices: readonly PageDevice[]): Promise<PageGenerator> {
  const thread = new Worker(new URL("./thread.ts", import.meta.url), { type: "module" });
  const pending = new Map<number, { settle: (drawn: Drawn) => void; fail: (error: Error) => void }>();
  let ids = 0;
  const tell = (message: ToThread) => thread.postMessage(message);
  const engine = await new Promise<Engine>((resolve, reject) => {
    const failed = (error: Error) => {
      reject(error);
      for (const { fail } of pending.values()) fail(error);
      pending.clear();
    };
    thread.onerror = (event) => failed(new Error(event.message || "the worker that computes the images did not start"));
    thread.onmessage = ({ data: message }: MessageEvent<FromThread>) => {
      if (message.say === "ready") resolve(message.engine);
      else if (message.say === "failed" && message.id === null) failed(new Error(message.message));
      else {
        const asked = pending.get(message.id!);
        pending.delete(message.id!);
        if (message.say === "failed") asked?.fail(new Error(message.message));
        else asked?.settle(message);
      }
    };
    tell({ say: "load", url, devices });
  }).catch((error) => {
    thread.terminate();
    throw error;
  });
  const compute = (request: PictureRequest) =>
    new Promise<Drawn>((settle, fail) => {
      const id = ids++;
      pending.set(id, { settle, fail });
      tell({ say: "draw", id, request });
    });
  return { engine, lanes: openLanes(FIRST_LANE, compute), close: () => thread.terminate() };
}
