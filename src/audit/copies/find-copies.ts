import { invariant } from "../../core/errors.ts";
import { type ProgressListener, silent } from "../../core/progress.ts";
import { type ImageSource, selectImages } from "../../features/extractor.ts";
import { runtimeLinear64 } from "../../math/linear/runtime-linear64.ts";
import type { AuditCopy } from "../audit-file.ts";
import { FALSE_ALARMS } from "../collect-findings.ts";
import { callOf, type SearchedSet, searchPixelCopies } from "./search-copies.ts";

/** Square images that take part in a search; a packed store of the data layer is a source. */
export interface CopyImages {
  readonly images: ImageSource;
  /** Number of the patient of each image, the same in every set. Defaults to a patient of its own for each. */
  readonly groups?: Int32Array;
}

export interface SearchCopiesOptions {
  /** Images that may be copies. */
  readonly synthetic: CopyImages;
  readonly train: CopyImages;
  /** Real images that no generator saw, which set the threshold. Defaults to none: then only the absolute limits count. */
  readonly holdout?: CopyImages;
  /** Expected number of images wrongly called a copy where there is none. Defaults to that of an audit. */
  readonly falseAlarms?: number;
  /** Defaults to 1. */
  readonly threads?: number;
  /** Defaults to nobody. */
  readonly onProgress?: ProgressListener;
}

/** A pair that shows one picture; both are positions in their sets. */
export interface FoundCopy extends Omit<AuditCopy, "synthetic" | "train"> {
  readonly synthetic: number;
  readonly train: number;
}

export interface FoundCopies {
  /** At most one of each synthetic image, in their order. */
  readonly copies: readonly FoundCopy[];
  /** Positions of held-out images that repeat training images. */
  readonly splitLeaks: readonly number[];
  /** Why the held-out images set no threshold, so that only the absolute limits count; null where they do. */
  readonly reason: string | null;
}

/** Numbers for images of which no patient is known, from `next` on. */
const grouped = ({ images, groups }: CopyImages, next: number): SearchedSet => ({
  store: images,
  groups: groups ?? Int32Array.from({ length: images.count }, (_, i) => next + i),
});

/**
 * The audit's own search for copies of training images, on any images: `release` asks it about every image that leaves.
 * All sets have one size and number of channels. Not to be mixed: sets with `groups` and sets without, as the numbers of
 * the latter start at 0.
 */
export async function searchCopies(options: SearchCopiesOptions): Promise<FoundCopies> {
  const { falseAlarms = FALSE_ALARMS.copies, threads = 1, onProgress = silent } = options;
  const train = grouped(options.train, 0);
  const synthetic = grouped(options.synthetic, train.store.count);
  const none = { images: selectImages(options.train.images, []) };
  const holdout = grouped(options.holdout ?? none, train.store.count + synthetic.store.count);
  for (const { store } of [synthetic, holdout]) {
    const same = store.resolution === train.store.resolution && store.channels === train.store.channels;
    invariant(same, "the sets of a search for copies differ in size or channels");
  }
  if (train.store.count === 0 || synthetic.store.count === 0) return { copies: [], splitLeaks: [], reason: null };
  const linear = runtimeLinear64({ threads });
  try {
    const search = await searchPixelCopies({ train, holdout, synthetic }, linear, { falseAlarms, threads, onProgress });
    const copies: FoundCopy[] = [];
    for (let i = 0; i < synthetic.store.count; i++) {
      const call = callOf(search, search.synthetic, i);
      if (call === null) continue;
      copies.push({
        synthetic: i,
        train: call.target,
        space: search.space,
        transform: call.transform,
        distance: call.value,
        threshold: call.limit,
        by: call.by,
      });
    }
    return { copies, splitLeaks: search.reference.leaks, reason: search.reference.reason };
  } finally {
    await linear.close();
  }
}
