/** Thread that computes features of pictures; see `picture-threads.ts` for the other end. */
import { parentPort, workerData } from "node:worker_threads";
import { GanglionError } from "../../core/errors.ts";
import { type PictureBatch, pictureFeatures } from "./image-radiomics.ts";
import type { BatchReply, ThreadSetup } from "./picture-threads.ts";

const port = parentPort;
if (port === null) throw new GanglionError("internal", "internal: the radiomics worker runs in a thread of its own");
const { settings, names } = workerData as ThreadSetup;

port.on("message", (batch: PictureBatch) => {
  try {
    const features = pictureFeatures(batch, settings, names);
    port.postMessage({ features } satisfies BatchReply, [features.buffer as ArrayBuffer]);
  } catch (cause) {
    const code = cause instanceof GanglionError ? cause.code : "internal";
    port.postMessage({ error: { code, message: (cause as Error).message } } satisfies BatchReply);
  }
});
