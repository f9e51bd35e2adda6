import type { RawImage } from "../data/index.ts";

/** Draws images from weights that are still changing: for grids and measurements of the quality. */
export interface TrainingSampler {
  /** What generated images are compared with by eye; drawn once. */
  realGrid(): RawImage;
  /** @param weights Flat generator weights; equal latents at every call, so that grids can be compared over time. */
  grid(weights: Float32Array): Promise<RawImage>;
  /**
   * Images of the given classes, from latents of their own; equal ones at every call.
   * @param labels Class of each image.
   * @param stream Names the latents.
   * @returns uint8 [labels.length, C, S, S]
   */
  draw(weights: Float32Array, labels: Uint16Array, stream: "probe" | "outcome"): Promise<Uint8Array>;
  close(): Promise<void>;
}
