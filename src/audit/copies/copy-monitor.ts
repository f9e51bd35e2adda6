import { imagesInMemory, selectImages, shrunkImages } from "../../features/extractor.ts";
import { referenceLinear64 } from "../../math/linear/reference-linear64.ts";
import type { CopyMonitor, MonitorContext } from "../../train/index.ts";
import { coarseVectors, findCandidates } from "./coarse.ts";
import { compareCandidates } from "./fine.ts";
import { isSure } from "./reference.ts";

/** Drawn images that are looked at: a share of copies of 5 % is missed once in 25 times. */
const LOOKED_AT = 64;
/** Side of the images that are compared, in pixels: the search looks at no more. */
const MAX_SIDE = 32;

/**
 * Follows whether a training copies: drawn images are compared with all training images by the audit's search of whole images
 * (eight turns, crops of up to 12 %), and what is as near as its absolute limit is a copy. Looks for less than an audit does, which
 * also has a limit by held-out images and searches local structure, in a second or two.
 */
export async function copyMonitor({ store }: Pick<MonitorContext, "store">): Promise<CopyMonitor> {
  const linear = referenceLinear64();
  const real = shrunkImages(store, MAX_SIDE);
  const targets = coarseVectors(real);
  // Nobody tells patients apart: each image counts as one.
  const groups = Int32Array.from({ length: store.count }, (_, i) => i);
  return {
    async count(images) {
      const all = imagesInMemory(images, store.resolution, store.channels);
      const of = Math.min(LOOKED_AT, all.count);
      const chosen = Array.from({ length: of }, (_, i) => Math.floor((i * all.count) / of));
      const drawn = shrunkImages(selectImages(all, chosen), MAX_SIDE);
      const candidates = await findCandidates(targets, coarseVectors(drawn), linear);
      const { distance, score } = await compareCandidates(real, drawn, candidates, groups);
      return { found: chosen.filter((_, i) => isSure(distance[i]!, score[i]!)).length, of };
    },
    close: () => linear.close(),
  };
}
