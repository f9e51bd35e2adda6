import { invariant } from "../core/errors.ts";
import { type Architecture, familyOf } from "../model/index.ts";
import { architectureOf } from "./config.ts";
import { openMapSampler } from "./map-sampler.ts";
import { openNoiseSampler } from "./noise-sampler.ts";
import type { TrainerOptions } from "./trainer-options.ts";
import type { TrainingSampler } from "./training-sampler.ts";

/**
 * What draws grids and images for the quality while a run is trained, by what its generator draws from. Images have the resolution of
 * the run; those of smaller networks are enlarged.
 * @param architecture Of the networks that draw. Defaults to those of the configuration.
 */
export async function openTrainingSampler({
  config,
  store,
  maps,
  architecture = architectureOf(config),
}: Pick<TrainerOptions, "config" | "store" | "maps"> & {
  readonly architecture?: Architecture | undefined;
}): Promise<TrainingSampler> {
  if (familyOf(config).input === "noise") return openNoiseSampler(config, architecture, store);
  invariant(maps !== undefined, `${config.model} is trained with maps`);
  return openMapSampler(config, architecture, maps, store);
}
