import type { Box, MapKind } from "./semantic-map.ts";

/** The maps of the images of a store as plain data, from which any thread can draw them; index = index in the store. */
export interface PackedMaps {
  readonly kind: MapKind;
  /** Width and height in pixels. */
  readonly resolution: number;
  /** Lesion boxes of each image, in shares of the image; none where there is no lesion. */
  readonly boxes: readonly (readonly Box[])[];
  /** Region of each image, uint8 [count, resolution, resolution], 0 outside and 255 inside: boxes or shapes, by `kind`. */
  readonly regions: Uint8Array;
  /** Tone of each image, 1 to 6. */
  readonly tones: Uint8Array;
  /** True where tones are estimated from the pixels and not stated by the dataset. */
  readonly tonesEstimated: boolean;
}
