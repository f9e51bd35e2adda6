import { Rng } from "../../core/rng.ts";
import type { PackedStore } from "../../data/index.ts";
import type { R3ganArchitecture } from "../../model/index.ts";
import { batchSource } from "../batches.ts";
import type { Recipe } from "../config.ts";
import { type DermganFeedOptions, dermganFeeds } from "../dermgan/feeds.ts";
import { allocateAugment, drawAugment } from "../draw-augment.ts";
import type { FeedSource } from "../feed-source.ts";

/** What the feeds of a step of r3gan depend on besides the images. */
export interface R3ganFeedOptions {
  readonly model: "r3gan";
  readonly architecture: R3ganArchitecture;
  readonly recipe: Recipe;
  readonly seed: number;
}

/** What the feeds of a step depend on besides the images: plain data, which goes to the thread that makes them. */
export type FeedOptions = R3ganFeedOptions | DermganFeedOptions;

const AUGMENT = "augment.";

export const feedSource = (store: PackedStore, options: FeedOptions): FeedSource =>
  options.model === "dermgan" ? dermganFeeds(store, options) : r3ganFeeds(store, options);

/** Real images with labels, latents, and the transforms of the augmentation. */
function r3ganFeeds(store: PackedStore, { architecture, recipe, seed }: R3ganFeedOptions): FeedSource {
  const { channels, resolution, classes, latent } = architecture;
  const { batch, balanceExponent } = recipe;
  const batches = batchSource(store, { seed, batch, exponent: balanceExponent });
  const shape = { count: 2 * batch, channels, size: resolution };
  return {
    allocate() {
      const augment = Object.entries(allocateAugment(shape.count, channels, resolution));
      return {
        real: new Float32Array(batch * channels * resolution ** 2),
        labels: new Float32Array(batch * classes),
        z: new Float32Array(batch * latent),
        ...Object.fromEntries(augment.map(([name, array]) => [`${AUGMENT}${name}`, array])),
      };
    },
    fill(step, augmentProbability, into) {
      batches.fill(step, into.real, into.labels);
      new Rng(seed, "latent", step).fillNormal(into.z);
      const augment = {
        rows: into[`${AUGMENT}rows`],
        columns: into[`${AUGMENT}columns`],
        swap: into[`${AUGMENT}swap`],
        colour: into[`${AUGMENT}colour`],
        offset: into[`${AUGMENT}offset`],
      };
      drawAugment(new Rng(seed, "augment", step), augment, augmentProbability, recipe.augment, shape);
    },
  };
}
