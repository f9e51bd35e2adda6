import { parentPort, workerData } from "node:worker_threads";
import { GanglionError } from "../../core/errors.ts";
import { readImageFileInThread } from "../image-file.ts";
import { mapLimited } from "../parallel.ts";
import type { GreyWindow } from "../types.ts";
import { type PicturePrint, picturePrint } from "./picture-print.ts";
import {
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
const { root, links, hasRange } = workerData as PrintSetup;
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

async function print(name: string): Promise<PicturePrint | SentError> {
  try {
    return picturePrint(
      await readImageFileInThread(root, name, { links, greyRange: hasRange ? greyRange : undefined }),
    );
  } catch (cause) {
    if (!(cause instanceof GanglionError)) throw cause;
    return sentError(cause);
  }
}

port.on("message", (request: PrintRequest) => {
  if ("range" in request) return settleRange?.(request.range);
  mapLimited(request.names, LANES, print).then(
    (prints) => {
      const moved = prints.flatMap((one) =>
        "code" in one ? [] : [one.thumbnail.buffer, one.digest.buffer, one.parts.buffer],
      );
      reply({ first: request.first, prints }, moved as ArrayBuffer[]);
    },
    (cause) => reply({ failed: sentError(cause) }),
  );
});
