/** A classifier that says of which class drawn images are. Close it: it holds native memory. */
export interface Labeller {
  readonly classes: readonly string[];
  /**
   * @param images uint8 [n, channels, resolution, resolution] of the generator's size
   * @returns probabilities [n, classes], row-major
   */
  label(images: Uint8Array): Promise<Float32Array>;
  close(): Promise<void>;
}
