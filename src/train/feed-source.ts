import type { PackedMaps, PackedStore } from "../data/index.ts";
import type { Architecture } from "../model/index.ts";
import type { AnyRecipe } from "./run-config.ts";

/** Inputs of a step besides state and scalars, by name; see `buildStep` for shapes. */
export type StepFeeds = Readonly<Record<string, Float32Array>>;

/** Makes the feeds of steps, the inputs of its graph besides state and scalars. */
export interface FeedSource {
  allocate(): StepFeeds;
  /** Fills the feeds of a step; they depend on seed, step and the augmentation's probability alone. */
  fill(step: number, augmentProbability: number, into: StepFeeds): void;
}

/** What the feeds of a step depend on besides the images: plain data, which goes to the thread that makes them. */
export interface FeedOptions<A extends Architecture = Architecture, R extends AnyRecipe = AnyRecipe> {
  readonly architecture: A;
  readonly recipe: R;
  readonly seed: number;
  /** Maps of the training images, in the order of the store; of families that fill maps. */
  readonly maps?: PackedMaps;
}

/** What a module of feeds exports. */
export interface FeedModule {
  feedSource(store: PackedStore, options: FeedOptions): FeedSource;
}
