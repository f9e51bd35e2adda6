import { Rng } from "../../core/rng.ts";
import type { PackedStore } from "../../data/index.ts";
import type { R3ganArchitecture } from "../../model/index.ts";
import { augmentFeeds } from "../augment-feeds.ts";
import { batchSource } from "../batches.ts";
import type { FeedOptions, FeedSource } from "../feed-source.ts";
import type { Recipe } from "./recipe.ts";

/** Real images at the resolution of the store with labels, latents, and the transforms of the augmentation, at that of the networks. */
export function feedSource(
  store: PackedStore,
  { architecture, recipe, seed }: FeedOptions<R3ganArchitecture, Recipe>,
): FeedSource {
  const { channels, resolution, classes, latent } = architecture;
  const { batch, balanceExponent } = recipe;
  const batches = batchSource(store, { seed, batch, exponent: balanceExponent });
  const augment = augmentFeeds({ count: 2 * batch, channels, size: resolution }, recipe.augment, seed);
  return {
    allocate: () => ({
      real: new Float32Array(batch * channels * store.resolution ** 2),
      labels: new Float32Array(batch * classes),
      z: new Float32Array(batch * latent),
      ...augment.allocate(),
    }),
    fill(step, augmentProbability, into) {
      batches.fill(step, into.real!, into.labels!);
      new Rng(seed, "latent", step).fillNormal(into.z!);
      augment.fill(step, augmentProbability, into);
    },
  };
}
