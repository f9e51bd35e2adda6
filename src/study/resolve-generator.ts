import type { PackedMaps } from "../data/index.ts";
import { modelFamily } from "../model/index.ts";
import { type RunConfig, resolveRun } from "../train/index.ts";
import type { GeneratorConfig } from "./config.ts";

/** A generator that a study trains. */
export type TrainedGenerator = Pick<
  Extract<GeneratorConfig, { readonly from: "train" }>,
  "model" | "preset" | "images" | "set"
>;

/** What a generator learns from. */
export interface GeneratorData {
  /** Width and height in pixels. */
  readonly resolution: number;
  readonly channels: 1 | 3;
  readonly classes: readonly string[];
  /** Images of each class. */
  readonly counts: readonly number[];
  /** Names the images. Defaults to nothing: a run that is only looked at. */
  readonly hash?: string | undefined;
  /** How the images came about. Defaults to nothing. */
  readonly split?: string | undefined;
  /** Maps of the images, for a family that fills maps. Defaults to none: a run that is only looked at. */
  readonly maps?: PackedMaps | undefined;
}

/**
 * The configuration of the run that trains a generator of a study.
 * @throws GanglionError `usage` for options that do not fit
 */
export function resolveGenerator(
  { model, preset, images, set }: TrainedGenerator,
  data: GeneratorData,
  { seed, threads }: { readonly seed: number; readonly threads: number },
): Promise<RunConfig> {
  const { resolution, channels, classes, counts, hash = "", split = "" } = data;
  const none = { regions: new Uint8Array(0), tones: new Uint8Array(0), boxes: [], tonesEstimated: false };
  const maps =
    modelFamily(model, "generators", "usage").input === "maps"
      ? (data.maps ?? { kind: "box" as const, resolution, ...none })
      : undefined;
  const dataset = { path: "", label: null, where: [], hash, classes: [...classes], counts: [...counts], split };
  return resolveRun({ model, preset, images, recipe: set, seed, threads, resolution }, { dataset, channels }, maps);
}
