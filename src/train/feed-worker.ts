/** Thread that makes the feeds of steps; see `feeder.ts` for the other end. */
import { parentPort, workerData } from "node:worker_threads";
import { GanglionError } from "../core/errors.ts";
import { openStore } from "../data/open-store.ts";
import type { FeedModule, FeedSource, StepFeeds } from "./feed-source.ts";
import type { FeedReply, FeedRequest, WorkerData } from "./feeder.ts";

const port = parentPort;
if (port === null) throw new GanglionError("internal", "internal: the feed worker runs in a thread of its own");
const { images, module, options } = workerData as WorkerData;
/** Opened with the first request, whose answer a failure is. */
let source: FeedSource | undefined;

async function open(): Promise<FeedSource> {
  const { feedSource } = (await import(module)) as FeedModule;
  return feedSource(openStore(images), options);
}

const buffersOf = (feeds: StepFeeds) => Object.values(feeds).map(({ buffer }) => buffer as ArrayBuffer);

port.on("message", async ({ step, augmentProbability, used }: FeedRequest) => {
  try {
    source ??= await open();
    const feeds = used ?? source.allocate();
    source.fill(step, augmentProbability, feeds);
    port.postMessage({ step, augmentProbability, feeds } satisfies FeedReply, buffersOf(feeds));
  } catch (cause) {
    const code = cause instanceof GanglionError ? cause.code : "internal";
    port.postMessage({ error: { code, message: (cause as Error).message } } satisfies FeedReply);
  }
});
