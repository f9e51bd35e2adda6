import { Rng } from "../../core/rng.ts";
import type { PackedStore } from "../../data/index.ts";
import type { SpadeArchitecture } from "../../model/index.ts";
import type { FeedOptions, FeedSource } from "../feed-source.ts";
import { pairFeeds } from "../pair-feeds.ts";
import type { SpadeRecipe } from "./recipe.ts";

/** Makes the feeds of steps of spade: those of {@link pairFeeds}, and normal numbers for the codes. */
export function feedSource(store: PackedStore, options: FeedOptions<SpadeArchitecture, SpadeRecipe>): FeedSource {
  const { architecture, recipe, seed } = options;
  const pairs = pairFeeds(store, options, { inside: false });
  return {
    allocate: () => ({ ...pairs.allocate(), z: new Float32Array(recipe.batch * architecture.latent) }),
    fill(step, _, into) {
      pairs.fill(step, into);
      new Rng(seed, "latent", step).fillNormal(into.z!);
    },
  };
}
