import { Rng } from "../../core/rng.ts";
import type { PackedStore } from "../../data/index.ts";
import type { DermganArchitecture } from "../../model/index.ts";
import type { FeedOptions, FeedSource } from "../feed-source.ts";
import { pairFeeds } from "../pair-feeds.ts";
import type { DermganRecipe } from "./recipe.ts";
import { shareOfWrongConditions } from "./wrong-conditions.ts";

/** Makes the feeds of steps of dermgan: those of {@link pairFeeds}, and latents. */
export function feedSource(store: PackedStore, options: FeedOptions<DermganArchitecture, DermganRecipe>): FeedSource {
  const { architecture, recipe, seed } = options;
  const { latent } = architecture;
  const otherCondition = shareOfWrongConditions(recipe, architecture.classes) > 0;
  const pairs = pairFeeds(store, options, { inside: true, otherCondition });
  const latents = recipe.batch * latent;
  const compares = latent > 0 && recipe.diversityWeight > 0;
  return {
    allocate: () => ({
      ...pairs.allocate(),
      ...(latent === 0 ? {} : { z: new Float32Array(latents) }),
      ...(compares ? { z2: new Float32Array(latents) } : {}),
    }),
    fill(step, _, into) {
      pairs.fill(step, into);
      if (latent === 0) return;
      new Rng(seed, "latent", step).fillNormal(into.z!);
      if (compares) new Rng(seed, "second latent", step).fillNormal(into.z2!);
    },
  };
}
