/** How training follows its quality; the evaluation layer, which lies above, supplies one. */
export interface QualityMonitor {
  /** Images a measurement needs. */
  readonly count: number;
  /**
   * KID between real images and generated ones.
   * @param images uint8 [count, C, S, S], classes in the proportions of the real ones.
   */
  kid(images: Uint8Array): Promise<number>;
  close(): Promise<void>;
}
