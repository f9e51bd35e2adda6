import { Rng } from "../../core/rng.ts";
import type { PackedStore } from "../../data/index.ts";
import type { R3ganArchitecture } from "../../model/index.ts";
import { batchSource } from "../batches.ts";
import { allocateAugment, drawAugment } from "../draw-augment.ts";
import type { FeedOptions, FeedSource } from "../feed-source.ts";
import type { Recipe } from "./recipe.ts";

const AUGMENT = "augment.";

/** Real images at the resolution of the store with labels, latents, and the transforms of the augmentation, at that of the networks. */
export function feedSource(
  store: PackedStore,
  { architecture, recipe, seed }: FeedOptions<R3ganArchitecture, Recipe>,
): FeedSource {
  const { channels, resolution, classes, latent } = architecture;
  const { batch, balanceExponent } = recipe;
  const batches = batchSource(store, { seed, batch, exponent: balanceExponent });
  const shape = { count: 2 * batch, channels, size: resolution };
  return {
    allocate() {
      const augment = Object.entries(allocateAugment(shape.count, channels, resolution));
      return {
        real: new Float32Array(batch * channels * store.resolution ** 2),
        labels: new Float32Array(batch * classes),
        z: new Float32Array(batch * latent),
        ...Object.fromEntries(augment.map(([name, array]) => [`${AUGMENT}${name}`, array])),
      };
    },
    fill(step, augmentProbability, into) {
      batches.fill(step, into.real!, into.labels!);
      new Rng(seed, "latent", step).fillNormal(into.z!);
      const augment = {
        rows: into[`${AUGMENT}rows`]!,
        columns: into[`${AUGMENT}columns`]!,
        swap: into[`${AUGMENT}swap`]!,
        colour: into[`${AUGMENT}colour`]!,
        offset: into[`${AUGMENT}offset`]!,
      };
      drawAugment(new Rng(seed, "augment", step), augment, augmentProbability, recipe.augment, shape);
    },
  };
}
