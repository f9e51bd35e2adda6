import { parentPort, workerData } from "node:worker_threads";
import { GanglionError } from "../../core/errors.ts";
import { readImageFileInThread } from "../image-file.ts";
import { mapLimited } from "../parallel.ts";
import type { GreyWindow } from "../types.ts";
import { picturePrint } from "./picture-print.ts";
import { PrintBatch } from "./print-batch.ts";
import {
  BATCH,
  type PrintReply,
  type PrintRequest,
  type PrintSetup,
  receivedError,
  type SentError,
  sentError,
} from "./print-threads.ts";

/** Images of a batch in flight: while the library decodes one, this thread describes another. */
const LANES = 2;

const port = parentPort;
if (port === null) throw new GanglionError("internal", "internal: a print worker runs in a thread of its own");
const { root, links, hasRange, withParts } = workerData as PrintSetup;
const reply = (message: PrintReply, moved: ArrayBuffer[] = []) => port.postMessage(message, moved);

let range: Promise<GreyWindow> | null = null;
let settleRange: ((range: GreyWindow | SentError) => void) | null = null;
/** The range of the whole set, which the other end finds. */
function greyRange(): Promise<GreyWindow> {
  range ??= new Promise((resolve, reject) => {
    settleRange = (found) => ("code" in found ? reject(receivedError(found)) : resolve(found));
    reply({ wantsRange: true });
  });
  return range;
}

/** Writes the print of an image into a batch. @returns why it cannot be read, null where it can */
async function print(name: string, k: number, batch: PrintBatch): Promise<SentError | null> {
  try {
    const options = { links, greyRange: hasRange ? greyRange : undefined };
    batch.put(k, picturePrint(await readImageFileInThread(root, name, options), withParts));
    return null;
  } catch (cause) {
    if (!(cause instanceof GanglionError)) throw cause;
    return sentError(cause);
  }
}

port.on("message", (request: PrintRequest) => {
  if ("range" in request) return settleRange?.(request.range);
  const { first, names, buffer } = request;
  const batch = new PrintBatch(BATCH, withParts, buffer);
  mapLimited(names, LANES, (name, k) => print(name, k, batch)).then(
    (errors) => {
      const failed = errors.flatMap((error, k) => (error === null ? [] : [{ k, error }]));
      reply({ first, count: names.length, buffer, failed }, [buffer]);
    },
    (cause) => reply({ broken: sentError(cause) }),
  );
});
