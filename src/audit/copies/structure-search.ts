import { setImmediate } from "node:timers/promises";
import type { ProgressListener } from "../../core/progress.ts";
import type { ImageSource } from "../../features/extractor.ts";
import { PictureThreads } from "../../features/threads/picture-threads.ts";
import type { Match } from "../../likeness/match.ts";
import {
  candidateBatches,
  matchCandidates,
  readCandidates,
  readMatches,
  type SearchTargets,
} from "./structure-batch.ts";
import { StructureIndex } from "./structure-candidates.ts";

const WORKER = new URL("./structure-worker.js", import.meta.url);

/** Finds the training image whose local structure an image repeats best, whole or in part. Close it. */
export class StructureSearch {
  readonly #targets: SearchTargets;
  readonly #index: StructureIndex;
  readonly #pool: PictureThreads | null;

  /** @param threads With one the comparison is made in this thread, a batch at a time. */
  constructor(targets: SearchTargets, threads: number) {
    this.#targets = targets;
    this.#index = new StructureIndex(targets.store, threads);
    this.#pool = threads > 1 ? new PictureThreads(threads, { worker: WORKER, setup: null }) : null;
  }

  /** The best match of each query; null where there is no target. */
  async matches(queries: ImageSource, onProgress: ProgressListener, stage: string): Promise<(Match | null)[]> {
    const candidates = await this.#index.candidates(queries, onProgress, `${stage}: parts and angles`);
    const out = new Array<Match | null>(queries.count).fill(null);
    const read = (k: number) => readCandidates(k, queries, this.#targets, candidates, this.#index.surround);
    const targetsOf = new Map<number, { first: number; targets: Int32Array }>();
    let done = 0;
    const put = (k: number, numbers: Float64Array) => {
      const { first, targets } = targetsOf.get(k)!;
      targetsOf.delete(k);
      readMatches(numbers, targets).forEach((match, q) => {
        out[first + q] = match;
        done++;
      });
      onProgress({ stage: `${stage}: comparison`, done, total: queries.count, unit: "images" });
    };
    const batchOf = (k: number) => {
      const { batch, ...rest } = read(k);
      targetsOf.set(k, rest);
      return batch;
    };
    const batches = candidateBatches(queries.count);
    if (this.#pool !== null) await this.#pool.run(batches, batchOf, put);
    else {
      for (let k = 0; k < batches; k++) {
        put(k, matchCandidates(batchOf(k)));
        await setImmediate();
      }
    }
    return out;
  }

  async close(): Promise<void> {
    await this.#pool?.close();
    await this.#index.close();
  }
}
