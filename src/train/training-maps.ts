import type { PackedMaps, PackedStore } from "../data/index.ts";

/** What map-to-image models learn from besides the images. */
export interface TrainingMaps {
  /** Maps of the training images, in the order of their store. */
  readonly training: PackedMaps;
  /** Images that grids show with their maps: held-out ones where the dataset has a split of them. */
  readonly shown: { readonly store: PackedStore; readonly maps: PackedMaps };
}
