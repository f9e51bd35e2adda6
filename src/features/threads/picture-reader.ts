import { setImmediate } from "node:timers/promises";
import type { ProgressListener } from "../../core/progress.ts";
import type { FeatureMatrix, ImageSource } from "../extractor.ts";
import { batchCount, batchStart, type PictureBatch, readBatch } from "./picture-batch.ts";
import { PictureThreads } from "./picture-threads.ts";

/** Features that are computed image by image, without a model. */
export interface PictureWork {
  /** Name of the work for whoever listens. */
  readonly stage: string;
  /** Features of the pictures of a batch, one row a picture. */
  compute(batch: PictureBatch): Float64Array;
  /** Module that computes the same in a thread (see `answer-batches.ts`), and what it is started with. */
  readonly worker: URL;
  readonly setup: unknown;
}

/** Reads sets of images; close it. */
export interface PictureReader {
  /** @param d Features of an image. @throws GanglionError the first failure of a batch */
  read(images: ImageSource, d: number, onProgress: ProgressListener): Promise<FeatureMatrix>;
  close(): Promise<void>;
}

/** Opens a reader; with one thread the work is done where it is asked for, batch by batch. */
export function openPictureReader(work: PictureWork, threads: number): PictureReader {
  const pool = threads > 1 ? new PictureThreads(threads, work) : null;
  return {
    async read(images, d, onProgress) {
      const data = new Float64Array(images.count * d);
      let done = 0;
      const put = (k: number, features: Float64Array) => {
        data.set(features, batchStart(k) * d);
        done += features.length / d;
        onProgress({ stage: work.stage, done, total: images.count, unit: "images" });
      };
      const batches = batchCount(images);
      if (pool !== null) await pool.run(batches, (k) => readBatch(images, k), put);
      else {
        for (let k = 0; k < batches; k++) {
          put(k, work.compute(readBatch(images, k)));
          await setImmediate();
        }
      }
      return { n: images.count, d, data };
    },
    close: async () => pool?.close(),
  };
}
