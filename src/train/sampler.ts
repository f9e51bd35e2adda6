import { invariant } from "../core/errors.ts";
import { familyOf } from "../model/index.ts";
import { openMapSampler } from "./map-sampler.ts";
import { openNoiseSampler } from "./noise-sampler.ts";
import type { TrainerOptions } from "./trainer-options.ts";
import type { TrainingSampler } from "./training-sampler.ts";

/** What draws grids and images for the quality while a run is trained, by what its generator draws from. */
export async function openTrainingSampler({
  config,
  store,
  maps,
}: Pick<TrainerOptions, "config" | "store" | "maps">): Promise<TrainingSampler> {
  if (familyOf(config).input === "noise") return openNoiseSampler(config, store);
  invariant(maps !== undefined, `${config.model} is trained with maps`);
  return openMapSampler(config, maps, store);
}
