import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { type ErrorCode, GanglionError, type Problem } from "../../core/errors.ts";
import type { Links } from "../../core/inside-folder.ts";
import type { Dataset, GreyWindow } from "../types.ts";
import type { PrintWords } from "./picture-prints.ts";
import { PrintBatch } from "./print-batch.ts";

/** Images from which threads are worth their start. */
export const THREADED_FROM = 400;
const MOST_THREADS = 8;
/** Images that a thread is asked for at once, and such batches that it has. */
export const BATCH = 32;
const WAITING = 2;
/**
 * Megabytes of young objects of a thread before they are collected: pixels lie outside of them and are freed with them, so that few
 * decoded images wait for it.
 */
const YOUNG = 2;

/** What a thread is started with. */
export interface PrintSetup {
  readonly root: string;
  readonly links: Links | undefined;
  /** The set has a range of 16-bit grey, which the thread asks for when it needs it. */
  readonly hasRange: boolean;
  readonly withParts: boolean;
}

/** To a thread: file names to be read with the memory for their prints, or the range that it asked for. */
export type PrintRequest =
  | { readonly first: number; readonly names: readonly string[]; readonly buffer: ArrayBuffer }
  | { readonly range: GreyWindow | SentError };

export interface SentError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly problems: readonly Problem[];
}

/** From a thread: a batch in its order with what failed, a question for the range, or an error that ends all. */
export type PrintReply =
  | {
      readonly first: number;
      readonly count: number;
      readonly buffer: ArrayBuffer;
      readonly failed: readonly { readonly k: number; readonly error: SentError }[];
    }
  | { readonly wantsRange: true }
  | { readonly broken: SentError };

const WORKER = new URL("./print-worker.js", import.meta.url);

export const sentError = (cause: unknown): SentError =>
  cause instanceof GanglionError
    ? { code: cause.code, message: cause.message, problems: cause.problems }
    : { code: "internal", message: `internal: ${(cause as Error).stack ?? cause}`, problems: [] };

export const receivedError = ({ code, message, problems }: SentError): GanglionError =>
  new GanglionError(code, message, { problems });

/** Told of batches, in no stated order. */
interface PrintListener {
  /** @param prints Null where an image failed. They lie in memory that is used again after the call, as the planes do. */
  put(first: number, prints: readonly (PrintWords | null)[], planes: Float32Array): void;
  fail(index: number, cause: GanglionError): void;
}

/**
 * Reads, decodes and describes image files in threads.
 * @param withParts See `picturePrint`. @throws GanglionError for what is no fault of an image
 */
export async function printThreads(dataset: Dataset, withParts: boolean, listener: PrintListener): Promise<void> {
  const { root, links, samples, greyRange } = dataset;
  const setup: PrintSetup = { root, links, hasRange: greyRange !== undefined, withParts };
  let next = 0;
  const batch = (buffer: ArrayBuffer): PrintRequest | null => {
    if (next >= samples.length) return null;
    const first = next;
    next = Math.min(samples.length, first + BATCH);
    return { first, names: samples.slice(first, next).map(({ fileName }) => fileName), buffer };
  };
  const workers: Worker[] = [];
  const one = () =>
    new Promise<void>((resolve, reject) => {
      const worker = new Worker(WORKER, { workerData: setup, resourceLimits: { maxYoungGenerationSizeMb: YOUNG } });
      workers.push(worker);
      let open = 0;
      const ask = (buffer: ArrayBuffer) => {
        const request = batch(buffer);
        if (request === null) return open === 0 ? resolve() : undefined;
        open++;
        worker.postMessage(request, [buffer]);
      };
      const answer = async (reply: PrintReply) => {
        if ("broken" in reply) throw receivedError(reply.broken);
        if ("wantsRange" in reply) {
          const range = await greyRange!().catch(sentError);
          return worker.postMessage({ range } satisfies PrintRequest);
        }
        open--;
        const { first, count, buffer, failed } = reply;
        const prints = new PrintBatch(BATCH, withParts, buffer);
        const without = new Set(failed.map(({ k }) => k));
        const own = Array.from({ length: count }, (_, k) => (without.has(k) ? null : prints.at(k)));
        listener.put(first, own, prints.planes(count));
        for (const { k, error } of failed) listener.fail(first + k, receivedError(error));
        ask(buffer);
      };
      worker.on("message", (reply: PrintReply) => void answer(reply).catch(reject));
      worker.on("error", reject);
      worker.on("exit", (code) => reject(new GanglionError("internal", `internal: a print worker ended (${code})`)));
      for (let k = 0; k < WAITING; k++) ask(new PrintBatch(BATCH, withParts).buffer);
    });
  const count = Math.min(MOST_THREADS, availableParallelism(), Math.ceil(samples.length / BATCH));
  try {
    await Promise.all(Array.from({ length: count }, one));
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}
