import { Rng } from "../../core/rng.ts";
import type { PackedStore } from "../../data/index.ts";
import { type Stylegan2Architecture, styleCount } from "../../model/index.ts";
import { augmentFeeds } from "../augment-feeds.ts";
import { batchSource } from "../batches.ts";
import type { FeedOptions, FeedSource } from "../feed-source.ts";
import type { Stylegan2Recipe } from "./recipe.ts";
import { kindOf } from "./schedule.ts";

/**
 * Real images with labels, latents, second latents and the layers that have them, directions of path lengths in the steps that take
 * them, and the transforms of the augmentation.
 */
export function feedSource(
  store: PackedStore,
  { architecture, recipe, seed }: FeedOptions<Stylegan2Architecture, Stylegan2Recipe>,
): FeedSource {
  const { channels, resolution, classes, latent, code } = architecture;
  const { batch, balanceExponent, styleMixing } = recipe;
  const styles = styleCount(architecture);
  const batches = batchSource(store, { seed, batch, exponent: balanceExponent });
  const augment = augmentFeeds({ count: 2 * batch, channels, size: resolution }, recipe.augment, seed);
  const pixels = batch * channels * resolution ** 2;
  return {
    allocate: () => ({
      real: new Float32Array(pixels),
      labels: new Float32Array(batch * classes),
      z: new Float32Array(batch * latent),
      mixedZ: new Float32Array(batch * code),
      mix: new Float32Array(batch * styles),
      directions: new Float32Array(pixels),
      ...augment.allocate(),
    }),
    fill(step, augmentProbability, into) {
      batches.fill(step, into.real!, into.labels!);
      new Rng(seed, "latent", step).fillNormal(into.z!);
      const rng = new Rng(seed, "mixing", step);
      rng.fillNormal(into.mixedZ!);
      into.mix!.fill(0);
      for (let i = 0; i < batch; i++) {
        // The first layer at least has the first style, the last at least the second.
        const from = rng.uniform() < styleMixing ? 1 + rng.integer(styles - 1) : styles;
        into.mix!.fill(1, i * styles + from, (i + 1) * styles);
      }
      if (kindOf(recipe, step).path) new Rng(seed, "directions", step).fillNormal(into.directions!);
      augment.fill(step, augmentProbability, into);
    },
  };
}
