import type { RawImage } from "../data/index.ts";

/** Draws images from weights that are still changing: for grids and the quality monitor while training goes on. */
export interface TrainingSampler {
  /** What generated images are compared with by eye; drawn once. */
  realGrid(): RawImage;
  /** @param weights Flat generator weights; equal latents at every call, so that grids can be compared over time. */
  grid(weights: Float32Array): Promise<RawImage>;
  /**
   * Images in the class proportions of the real ones, from latents of their own.
   * @returns uint8 [count, C, S, S]
   */
  drawMonitored(weights: Float32Array, count: number): Promise<Uint8Array>;
  close(): Promise<void>;
}
