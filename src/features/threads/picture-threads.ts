import { Worker } from "node:worker_threads";
import { type ErrorCode, GanglionError } from "../../core/errors.ts";
import type { PictureBatch } from "./picture-batch.ts";

/** What a thread runs. */
interface ThreadWork {
  /** Module that calls `answerBatches`. */
  readonly worker: URL;
  /** Its `workerData`. */
  readonly setup: unknown;
}

export type BatchReply =
  | { readonly features: Float64Array }
  | { readonly error: { readonly code: ErrorCode; readonly message: string } };

/** One thread, which answers one batch at a time. */
class PictureThread {
  readonly #worker: Worker;
  #settle: { resolve: (reply: BatchReply) => void; reject: (cause: unknown) => void } | null = null;
  #lost: unknown = null;

  constructor({ worker, setup }: ThreadWork) {
    this.#worker = new Worker(worker, { workerData: setup });
    this.#worker.on("message", (reply: BatchReply) => this.#settle?.resolve(reply));
    const fail = (cause: unknown) => {
      this.#lost ??= cause;
      this.#settle?.reject(this.#lost);
    };
    this.#worker.on("error", fail);
    this.#worker.on("exit", (code) =>
      fail(new GanglionError("internal", `internal: a picture worker ended (${code})`)),
    );
    this.#worker.unref();
  }

  async features(batch: PictureBatch): Promise<Float64Array> {
    this.#worker.ref();
    try {
      const reply = await new Promise<BatchReply>((resolve, reject) => {
        this.#settle = { resolve, reject };
        if (this.#lost !== null) reject(this.#lost);
        this.#worker.postMessage(batch, [batch.pixels.buffer as ArrayBuffer]);
      });
      if ("error" in reply) throw new GanglionError(reply.error.code, reply.error.message);
      return reply.features;
    } finally {
      this.#worker.unref();
    }
  }

  async close(): Promise<void> {
    this.#settle = null;
    await this.#worker.terminate();
  }
}

/** Threads that take batches from one queue. Close them. */
export class PictureThreads {
  readonly #threads: readonly PictureThread[];

  constructor(threads: number, work: ThreadWork) {
    this.#threads = Array.from({ length: threads }, () => new PictureThread(work));
  }

  /**
   * Has every batch computed; results are put in as they come.
   * @param batchOf makes batch k, whose arrays are given away
   * @throws GanglionError the first failure of a batch
   */
  async run(
    batches: number,
    batchOf: (k: number) => PictureBatch,
    put: (k: number, features: Float64Array) => void,
  ): Promise<void> {
    let next = 0;
    const serve = async (thread: PictureThread) => {
      while (next < batches) {
        const k = next++;
        try {
          put(k, await thread.features(batchOf(k)));
        } catch (cause) {
          next = batches;
          throw cause;
        }
      }
    };
    const ended = await Promise.allSettled(this.#threads.map(serve));
    const failed = ended.find((result) => result.status === "rejected");
    if (failed !== undefined) throw failed.reason;
  }

  async close(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.close()));
  }
}
