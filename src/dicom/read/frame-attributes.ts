import type { DicomDataset, Tag } from "./elements.ts";

const SHARED_GROUPS = 0x52009229;
const PER_FRAME_GROUPS = 0x52009230;

/**
 * Where the attributes of a frame are: in its own functional group, the shared one, or the dataset itself, which is the
 * place for all objects but the enhanced multi-frame ones (PS3.3 section C.7.6.16).
 */
export class FrameAttributes {
  readonly #dataset: DicomDataset;
  #shared: DicomDataset | undefined;
  #frames: readonly DicomDataset[] = [];

  constructor(dataset: DicomDataset) {
    this.#dataset = dataset;
    if (dataset.has(SHARED_GROUPS)) this.#shared = dataset.items(SHARED_GROUPS)[0];
    if (dataset.has(PER_FRAME_GROUPS)) this.#frames = dataset.items(PER_FRAME_GROUPS);
  }

  /** Dataset that holds the attributes which `sequence` groups, for frame `index` from 0. */
  of(index: number, sequence: Tag): DicomDataset {
    return this.#frames[index]?.items(sequence)[0] ?? this.#shared?.items(sequence)[0] ?? this.#dataset;
  }
}
