import { Worker } from "node:worker_threads";
import { type ErrorCode, GanglionError } from "../core/errors.ts";
import type { PackedImages, PackedStore } from "../data/index.ts";
import type { FeedOptions, StepFeeds } from "./feed-source.ts";

export interface WorkerData {
  readonly images: PackedImages;
  /** URL of the family's module of feeds. */
  readonly module: string;
  readonly options: FeedOptions;
}

export interface FeedRequest {
  readonly step: number;
  readonly augmentProbability: number;
  /** Arrays to fill again; null for new ones. */
  readonly used: StepFeeds | null;
}

export type FeedReply =
  | { readonly step: number; readonly augmentProbability: number; readonly feeds: StepFeeds }
  | { readonly error: { readonly code: ErrorCode; readonly message: string } };

const WORKER = new URL("./feed-worker.js", import.meta.url);

/**
 * Makes the feeds of steps in a thread of its own, one step ahead: while the runtime computes a step, reading, drawing
 * and augmenting for the next go on. Close it.
 */
export class Feeder {
  readonly #worker: Worker;
  /** Arrays of the step before the last taken: free to be filled again. */
  #free: StepFeeds | null = null;
  #taken: StepFeeds | null = null;
  #asked: { step: number; augmentProbability: number; reply: Promise<FeedReply> } | null = null;
  #settle: { resolve: (reply: FeedReply) => void; reject: (cause: unknown) => void } | null = null;
  /** Why the worker is gone. */
  #lost: unknown = null;

  /** @param module Exports `feedSource`, see `FeedModule`; loaded by the thread. */
  constructor({ source, resolution, channels, classes, labels }: PackedStore, module: URL, options: FeedOptions) {
    const images: PackedImages = { source, resolution, channels, classes, labels };
    const data: WorkerData = { images, module: module.href, options };
    this.#worker = new Worker(WORKER, { workerData: data });
    this.#worker.on("message", (reply: FeedReply) => this.#settle?.resolve(reply));
    const fail = (cause: unknown) => {
      this.#lost ??= cause;
      this.#settle?.reject(this.#lost);
    };
    this.#worker.on("error", fail);
    this.#worker.on("exit", (code) => fail(new GanglionError("internal", `internal: the feed worker ended (${code})`)));
    // A process that has nothing else to do ends, whatever the worker waits for.
    this.#worker.unref();
  }

  /** Begins to make the feeds of a step. */
  ask(step: number, augmentProbability: number): void {
    const reply = new Promise<FeedReply>((resolve, reject) => {
      this.#settle = { resolve, reject };
      if (this.#lost !== null) reject(this.#lost);
    });
    // The failure is told to who takes the feeds.
    reply.catch(() => undefined);
    this.#asked = { step, augmentProbability, reply };
    const used = this.#free;
    this.#free = null;
    const request: FeedRequest = { step, augmentProbability, used };
    this.#worker.postMessage(
      request,
      used === null ? [] : Object.values(used).map(({ buffer }) => buffer as ArrayBuffer),
    );
  }

  /**
   * Feeds of a step, which was asked for or is now; they are good until the next call.
   * @throws GanglionError `files` when the images cannot be read any more
   */
  async take(step: number, augmentProbability: number): Promise<StepFeeds> {
    const reply = await this.#replyFor(step, augmentProbability);
    this.#asked = null;
    if ("error" in reply) throw new GanglionError(reply.error.code, reply.error.message);
    this.#free = this.#taken;
    this.#taken = reply.feeds;
    return reply.feeds;
  }

  async #replyFor(step: number, augmentProbability: number): Promise<FeedReply> {
    this.#worker.ref();
    try {
      const asked = this.#asked;
      if (asked === null || asked.step !== step || asked.augmentProbability !== augmentProbability) {
        await asked?.reply.catch(() => undefined);
        this.ask(step, augmentProbability);
      }
      return await this.#asked!.reply;
    } finally {
      this.#worker.unref();
    }
  }

  async close(): Promise<void> {
    this.#settle = null;
    await this.#worker.terminate();
  }
}
