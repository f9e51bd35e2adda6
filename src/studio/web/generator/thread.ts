/** The thread that computes pictures, so that the page answers the pointer meanwhile. */
import { feedsOf, pictureOf } from "./feeds.ts";
import type { FromThread, ToThread } from "./messages.ts";
import { openSession, type Session } from "./session.ts";

const scope = globalThis as unknown as {
  onmessage: ((event: MessageEvent<ToThread>) => void) | null;
  postMessage(message: FromThread, transfer?: Transferable[]): void;
};
let session: Session | null = null;

async function load(url: string, devices: Extract<ToThread, { say: "load" }>["devices"]): Promise<void> {
  const model = fetch(url).then(async (response) => {
    if (!response.ok) throw new Error(`the generator did not load (status ${response.status})`);
    return new Uint8Array(await response.arrayBuffer());
  });
  session = await openSession(model, devices);
  scope.postMessage({ say: "ready", engine: session.engine });
}

async function draw({ id, request }: Extract<ToThread, { say: "draw" }>): Promise<void> {
  if (session === null) throw new Error("no generator is loaded");
  const started = performance.now();
  const { data, channels } = await session.run(feedsOf(request, session.inputs));
  const picture = pictureOf(data, channels, request.resolution);
  const milliseconds = performance.now() - started;
  scope.postMessage({ say: "drawn", id, picture, milliseconds }, [picture.pixels.buffer as ArrayBuffer]);
}

scope.onmessage = ({ data: message }) => {
  const done = message.say === "load" ? load(message.url, message.devices) : draw(message);
  done.catch((error: unknown) => {
    const text = error instanceof Error ? error.message : String(error);
    scope.postMessage({ say: "failed", id: message.say === "load" ? null : message.id, message: text });
  });
};
