import type { PackedStore } from "../../data/index.ts";
import type { Pix2pixhdArchitecture } from "../../model/index.ts";
import type { FeedOptions, FeedSource } from "../feed-source.ts";
import { pairFeeds } from "../pair-feeds.ts";
import type { Pix2pixhdRecipe } from "./recipe.ts";

/** Makes the feeds of steps of pix2pixhd: those of {@link pairFeeds}. */
export function feedSource(
  store: PackedStore,
  options: FeedOptions<Pix2pixhdArchitecture, Pix2pixhdRecipe>,
): FeedSource {
  const pairs = pairFeeds(store, options, { inside: false });
  return { allocate: pairs.allocate, fill: (step, _, into) => pairs.fill(step, into) };
}
