import { Rng } from "../../core/rng.ts";
import type { PackedStore } from "../../data/index.ts";
import type { PgganArchitecture } from "../../model/index.ts";
import type { FeedOptions, FeedSource } from "../feed-source.ts";
import { noiseFeeds } from "../noise-feeds.ts";
import type { PgganRecipe } from "./recipe.ts";

/** Besides {@link noiseFeeds}: how far each interpolate lies from the real image to the generated one, uniform in 0..1. */
export function feedSource(store: PackedStore, options: FeedOptions<PgganArchitecture, PgganRecipe>): FeedSource {
  const { recipe, seed } = options;
  const shared = noiseFeeds(store, options);
  return {
    allocate: () => ({ ...shared.allocate(), between: new Float32Array(recipe.batch) }),
    fill(step, augmentProbability, into) {
      shared.fill(step, augmentProbability, into);
      const rng = new Rng(seed, "between", step);
      for (let i = 0; i < recipe.batch; i++) into.between![i] = rng.uniform();
    },
  };
}
