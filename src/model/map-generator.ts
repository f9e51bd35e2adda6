import type { MapDescription } from "./map-description.ts";

/** A trained map-to-image generator, ready to draw. Close it: it holds native memory. */
export interface MapGenerator {
  readonly description: MapDescription;
  /** SHA-256 of the file, the identity of the generator in provenance records. */
  readonly hash: string;
  /**
   * Draws images, in batches of 16 inside; an image depends on its own map and latent only.
   * @param maps Row-major [n, 3, resolution, resolution], values as `fillMap` writes them.
   * @param latents Row-major [n, latent], standard normal; empty where `latent` is 0.
   * @returns uint8 [n, channels, resolution, resolution]
   */
  draw(maps: Float32Array, latents: Float32Array): Promise<Uint8Array>;
  close(): Promise<void>;
}
