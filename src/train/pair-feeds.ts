import { invariant } from "../core/errors.ts";
import { Rng } from "../core/rng.ts";
import { fillBoxes, fillMap, type PackedStore } from "../data/index.ts";
import { type Architecture, MAP_CHANNELS } from "../model/index.ts";
import { drawPlacement, type PairAugment, placeImage, placeRegion } from "./augment-pair.ts";
import { classDraw } from "./batches.ts";
import type { FeedOptions, StepFeeds } from "./feed-source.ts";
import type { AnyRecipe } from "./run-config.ts";

interface PairRecipe extends AnyRecipe {
  readonly balanceExponent: number;
  readonly augment: PairAugment;
}

/** Makes the feeds that families which fill maps share: see {@link pairFeeds}. */
export interface PairFeeds {
  allocate(): StepFeeds;
  fill(step: number, into: StepFeeds): void;
}

/**
 * Real images [N,C,S,S] in [-1, 1] with their maps [N,3,S,S] in [0, 1], moved together, at the resolution of the store: feeds `real` and
 * `maps`; where it is asked for `inside` [N,1,S,S], 1 inside lesion boxes and 0 elsewhere; and `otherMaps` like `maps`, with another
 * condition, each other one equally often, and `mismatched` [N,1,1,1], 1 where the two maps differ: there is a lesion. It takes two classes.
 */
export function pairFeeds(
  store: PackedStore,
  { architecture, recipe, seed, maps }: FeedOptions<Architecture, PairRecipe>,
  { inside, otherCondition = false }: { readonly inside: boolean; readonly otherCondition?: boolean },
): PairFeeds {
  invariant(maps !== undefined, "the model learns from maps");
  const { batch, augment, balanceExponent } = recipe;
  const { channels, classes } = architecture;
  const size = store.resolution;
  const pixels = size ** 2;
  const draw = classDraw(store, balanceExponent);
  const chosen = new Int32Array(batch);
  const bytes = new Uint8Array(batch * channels * pixels);
  const [boxes, region, moved] = [0, 1, 2].map(() => new Uint8Array(pixels));
  return {
    allocate: () => ({
      real: new Float32Array(batch * channels * pixels),
      maps: new Float32Array(batch * MAP_CHANNELS * pixels),
      ...(inside ? { inside: new Float32Array(batch * pixels) } : {}),
      ...(otherCondition
        ? { otherMaps: new Float32Array(batch * MAP_CHANNELS * pixels), mismatched: new Float32Array(batch) }
        : {}),
    }),
    fill(step, into) {
      const rng = new Rng(seed, "batch", step);
      for (let n = 0; n < batch; n++) chosen[n] = draw(rng);
      store.readInto(chosen, bytes);
      const moves = new Rng(seed, "augment", step);
      const others = otherCondition ? new Rng(seed, "other condition", step) : null;
      for (let n = 0; n < batch; n++) {
        const index = chosen[n]!;
        const placement = drawPlacement(moves, size, augment);
        for (let c = 0; c < channels; c++) {
          const at = (n * channels + c) * pixels;
          placeImage(bytes.subarray(at, at + pixels), placement, into.real!, at);
        }
        region!.set(maps.regions.subarray(index * pixels, (index + 1) * pixels));
        placeRegion(region!, placement, moved!);
        const content = { condition: store.labels[index]!, conditions: classes, tone: maps.tones[index]! };
        fillMap(into.maps!, n * MAP_CHANNELS * pixels, content, moved!);
        if (others !== null) {
          const ahead = 1 + others.integer(classes - 1);
          const other = { ...content, condition: (content.condition + ahead) % classes };
          fillMap(into.otherMaps!, n * MAP_CHANNELS * pixels, other, moved!);
          into.mismatched![n] = moved!.some((pixel) => pixel !== 0) ? 1 : 0;
        }
        if (!inside) continue;
        if (maps.kind !== "box") {
          fillBoxes(boxes!, size, maps.boxes[index]!);
          placeRegion(boxes!, placement, moved!);
        }
        for (let i = 0; i < pixels; i++) into.inside![n * pixels + i] = moved![i] === 0 ? 0 : 1;
      }
    },
  };
}
