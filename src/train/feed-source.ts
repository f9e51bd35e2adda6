/** Inputs of a step besides state and scalars, by name; see `buildStep` for shapes. */
export type StepFeeds = Readonly<Record<string, Float32Array>>;

/** Makes the feeds of steps, the inputs of its graph besides state and scalars. */
export interface FeedSource {
  allocate(): StepFeeds;
  /** Fills the feeds of a step; they depend on seed, step and the augmentation's probability alone. */
  fill(step: number, augmentProbability: number, into: StepFeeds): void;
}
