import { Rng } from "../../core/rng.ts";
import type { PackedStore } from "../../data/index.ts";
import { type Stylegan2Architecture, styleCount } from "../../model/index.ts";
import type { FeedOptions, FeedSource } from "../feed-source.ts";
import { noiseFeeds } from "../noise-feeds.ts";
import type { Stylegan2Recipe } from "./recipe.ts";
import { kindOf } from "./schedule.ts";

/**
 * Besides {@link noiseFeeds}: second latents and the layers that have them, and directions of path lengths in the steps that take
 * them.
 */
export function feedSource(
  store: PackedStore,
  options: FeedOptions<Stylegan2Architecture, Stylegan2Recipe>,
): FeedSource {
  const { architecture, recipe, seed } = options;
  const { channels, resolution, code } = architecture;
  const { batch, styleMixing } = recipe;
  const styles = styleCount(architecture);
  const shared = noiseFeeds(store, options);
  return {
    allocate: () => ({
      ...shared.allocate(),
      mixedZ: new Float32Array(batch * code),
      mix: new Float32Array(batch * styles),
      directions: new Float32Array(batch * channels * resolution ** 2),
    }),
    fill(step, augmentProbability, into) {
      shared.fill(step, augmentProbability, into);
      const rng = new Rng(seed, "mixing", step);
      rng.fillNormal(into.mixedZ!);
      into.mix!.fill(0);
      for (let i = 0; i < batch; i++) {
        // The first layer at least has the first style, the last at least the second.
        const from = rng.uniform() < styleMixing ? 1 + rng.integer(styles - 1) : styles;
        into.mix!.fill(1, i * styles + from, (i + 1) * styles);
      }
      if (kindOf(recipe, step).path) new Rng(seed, "directions", step).fillNormal(into.directions!);
    },
  };
}
