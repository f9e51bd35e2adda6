import { parentPort } from "node:worker_threads";
import { GanglionError } from "../../core/errors.ts";
import type { PictureBatch } from "./picture-batch.ts";
import type { BatchReply } from "./picture-threads.ts";

/** Makes this thread answer batches; see `picture-threads.ts` for the other end. */
export function answerBatches(compute: (batch: PictureBatch) => Float64Array): void {
  const port = parentPort;
  if (port === null) throw new GanglionError("internal", "internal: a picture worker runs in a thread of its own");
  port.on("message", (batch: PictureBatch) => {
    try {
      const features = compute(batch);
      port.postMessage({ features } satisfies BatchReply, [features.buffer as ArrayBuffer]);
    } catch (cause) {
      const code = cause instanceof GanglionError ? cause.code : "internal";
      port.postMessage({ error: { code, message: (cause as Error).message } } satisfies BatchReply);
    }
  });
}
