import type { PackedMaps } from "../data/index.ts";
import { modelFamily } from "../model/index.ts";
import { type ResolvedRun, resolveRun, type Start } from "../train/index.ts";
import type { TrainedConfig } from "./config.ts";

/** A generator that a study trains. */
export type TrainedGenerator = Pick<TrainedConfig, "model" | "preset" | "images" | "set" | "startClasses">;

/** What a generator is trained with besides the images. */
export interface GeneratorKit {
  readonly seed: number;
  readonly threads: number;
  /** Networks that it begins from; null for new ones. */
  readonly start: Start | null;
  /** Path of the frozen network that it learns by; null for none. */
  readonly frozen: string | null;
}

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
 * The configuration of the run that trains a generator of a study, and its first weights where it begins from a start.
 * @throws GanglionError `usage` for options that do not fit
 */
export function resolveGenerator(
  { model, preset, images, set, startClasses }: TrainedGenerator,
  data: GeneratorData,
  { seed, threads, start, frozen }: GeneratorKit,
): Promise<ResolvedRun> {
  const { resolution, channels, classes, counts, hash = "", split = "" } = data;
  const none = { regions: new Uint8Array(0), tones: new Uint8Array(0), boxes: [], tonesEstimated: false };
  const maps =
    modelFamily(model, "generators", "usage").input === "maps"
      ? (data.maps ?? { kind: "box" as const, resolution, ...none })
      : undefined;
  const dataset = { path: "", label: null, where: [], hash, classes: [...classes], counts: [...counts], split };
  const request = {
    ...{ model, preset: preset ?? undefined, images, recipe: set, seed, threads, resolution },
    fromClasses: Object.entries(startClasses).map(([fresh, old]) => `${fresh}=${old}`),
    frozen: frozen === null ? undefined : `onnx:${frozen}`,
  };
  return resolveRun(request, { dataset, channels }, { maps, start });
}
