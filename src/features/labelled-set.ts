import type { Dataset, PackedStore } from "../data/index.ts";

/** A dataset whose images are decoded at one size, with the class of each. */
export interface LabelledSet {
  readonly name: string;
  readonly dataset: Dataset;
  readonly hash: string;
  readonly store: PackedStore;
  /** Class per image, index into the classes of the real dataset. */
  readonly labels: Uint16Array;
}
