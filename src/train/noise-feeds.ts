import { Rng } from "../core/rng.ts";
import type { PackedStore } from "../data/index.ts";
import type { Architecture } from "../model/index.ts";
import { augmentFeeds } from "./augment-feeds.ts";
import { batchSource } from "./batches.ts";
import type { AugmentOptions } from "./draw-augment.ts";
import type { FeedOptions, FeedSource } from "./feed-source.ts";
import type { AnyRecipe } from "./run-config.ts";

/** What the feeds of a family that draws from noise need of its recipe. */
interface NoiseRecipe extends AnyRecipe {
  readonly balanceExponent: number;
  readonly augment: AugmentOptions;
}

/**
 * Feeds of a family that draws from noise: real images `real` at the resolution of the store with `labels`, latents `z`, and the
 * transforms of the augmentation, at the resolution of the networks.
 */
export function noiseFeeds(
  store: PackedStore,
  { architecture, recipe, seed }: FeedOptions<Architecture, NoiseRecipe>,
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
