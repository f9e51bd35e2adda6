import { Rng } from "../core/rng.ts";
import { type AugmentOptions, allocateAugment, drawAugment } from "./draw-augment.ts";

const PREFIX = "augment.";

type Feeds = Readonly<Record<string, Float32Array>>;

/** Transforms of the adaptive augmentation as feeds of a step, by the names of `augmentInputs("augment", ...)`. */
export function augmentFeeds(
  shape: { readonly count: number; readonly channels: number; readonly size: number },
  options: AugmentOptions,
  seed: number,
): { allocate(): Feeds; fill(step: number, probability: number, into: Feeds): void } {
  return {
    allocate: () =>
      Object.fromEntries(
        Object.entries(allocateAugment(shape.count, shape.channels, shape.size)).map(([name, array]) => [
          `${PREFIX}${name}`,
          array,
        ]),
      ),
    fill(step, probability, into) {
      const arrays = {
        rows: into[`${PREFIX}rows`]!,
        columns: into[`${PREFIX}columns`]!,
        swap: into[`${PREFIX}swap`]!,
        colour: into[`${PREFIX}colour`]!,
        offset: into[`${PREFIX}offset`]!,
      };
      drawAugment(new Rng(seed, "augment", step), arrays, probability, options, shape);
    },
  };
}
