/** A mask as it is stored: its values are names, so they are kept as they are. */
export interface StoredMask {
  readonly width: number;
  readonly height: number;
  /** `grey`: values of up to 16 bits. `palette`: positions in {@link palette}. `colour`: 0xRRGGBB. */
  readonly kind: "grey" | "palette" | "colour";
  readonly values: Uint16Array | Uint32Array;
  /** Colours (`palette`) or greys (`grey`, of few bits or a palette of greys) by position. */
  readonly palette?: readonly number[] | undefined;
  /** Stored with loss, as JPEG: values are near what was meant. */
  readonly lossy: boolean;
}
