import { invariant } from "../../core/errors.ts";
import { Rng } from "../../core/rng.ts";
import { fillBoxes, fillMap, type PackedStore } from "../../data/index.ts";
import { type DermganArchitecture, MAP_CHANNELS } from "../../model/index.ts";
import { classDraw } from "../batches.ts";
import type { FeedOptions, FeedSource } from "../feed-source.ts";
import { drawPlacement, placeImage, placeRegion } from "./augment-pair.ts";
import type { DermganRecipe } from "./recipe.ts";

/** Makes the feeds of steps of dermgan: real images with their maps, moved together, at the resolution of the store, and latents. */
export function feedSource(
  store: PackedStore,
  { architecture: a, recipe, seed, maps }: FeedOptions<DermganArchitecture, DermganRecipe>,
): FeedSource {
  invariant(maps !== undefined, "dermgan learns from maps");
  const { batch, augment, balanceExponent, diversityWeight } = recipe;
  const { channels, classes, latent } = a;
  const size = store.resolution;
  const pixels = size ** 2;
  const draw = classDraw(store, balanceExponent);
  const chosen = new Int32Array(batch);
  const bytes = new Uint8Array(batch * channels * pixels);
  const [boxes, region, moved] = [0, 1, 2].map(() => new Uint8Array(pixels));
  return {
    allocate() {
      return {
        real: new Float32Array(batch * channels * pixels),
        maps: new Float32Array(batch * MAP_CHANNELS * pixels),
        inside: new Float32Array(batch * pixels),
        ...(latent === 0 ? {} : { z: new Float32Array(batch * latent) }),
        ...(latent > 0 && diversityWeight > 0 ? { z2: new Float32Array(batch * latent) } : {}),
      };
    },
    fill(step, _, into) {
      const rng = new Rng(seed, "batch", step);
      for (let n = 0; n < batch; n++) chosen[n] = draw(rng);
      store.readInto(chosen, bytes);
      const moves = new Rng(seed, "augment", step);
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
        if (maps.kind !== "box") {
          fillBoxes(boxes!, size, maps.boxes[index]!);
          placeRegion(boxes!, placement, moved!);
        }
        for (let i = 0; i < pixels; i++) into.inside![n * pixels + i] = moved![i] === 0 ? 0 : 1;
      }
      if (latent === 0) return;
      new Rng(seed, "latent", step).fillNormal(into.z!);
      if (diversityWeight > 0) new Rng(seed, "second latent", step).fillNormal(into.z2!);
    },
  };
}
