import { designArchitecture, type NetworkSize, type R3ganArchitecture } from "../../model/index.ts";
import type { Stage } from "../growth/stages.ts";
import { type Designed, networkShape, type RunConfig } from "../run-config.ts";
import type { Recipe } from "./recipe.ts";

/** Configuration of a run of r3gan. */
export interface R3ganConfig extends RunConfig {
  readonly networks: NetworkSize;
  readonly recipe: Recipe;
}

/** @param stage Of a training that grows: its networks are those of the configuration without the layers next to the image. */
export function r3ganArchitecture(config: Designed<R3ganConfig>, stage?: Stage): R3ganArchitecture {
  const { networks, resolution } = config;
  const shape = networkShape(config);
  if (stage === undefined) return designArchitecture(networks, shape);
  const sizes = { ...networks, mapsAt: networks.mapsAt ?? resolution };
  const whole = designArchitecture(sizes, { ...shape, resolution: stage.resolution });
  return stage.fading ? { ...whole, fading: 0 } : whole;
}
