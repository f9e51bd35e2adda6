import { join } from "node:path";
import { hashInside } from "../../core/inside-folder.ts";
import type { MapKind } from "../../data/index.ts";
import { architectureOf, isPrivate, readConfig } from "../../train/index.ts";

/** Files of a run that a study takes over. */
export const RUN_GENERATOR = "generator.onnx";
export const RUN_BEST = join("checkpoints", "best.safetensors");

/** A finished run whose generator is used. */
export interface RunSource {
  readonly folder: string;
  /** SHA-256 of the generator. */
  readonly generator: string;
  /** SHA-256 of the state that its discriminator is in; null where it is not wanted. */
  readonly judge: string | null;
  /** Hash of the images that it was trained on. */
  readonly data: string;
  /** Classes that it draws. */
  readonly classes: readonly string[];
  readonly model: string;
  /** Whether it was trained with differential privacy. */
  readonly isPrivate: boolean;
  /** Kind of the maps that it fills; null where it draws from noise. */
  readonly mapKind: MapKind | null;
  /** Width and height of its images in pixels. */
  readonly resolution: number;
  /** Numbers of its latent; 0 where one map gives one image. */
  readonly latent: number;
}

/**
 * @param scored Whether a sampler asks the discriminator.
 * @throws GanglionError `run` or `files` when the folder is no finished run
 */
export async function readRunSource(folder: string, scored: boolean): Promise<RunSource> {
  const config = await readConfig(join(folder, "config.json"));
  return {
    folder,
    generator: await hashInside(folder, RUN_GENERATOR),
    judge: scored ? await hashInside(folder, RUN_BEST) : null,
    data: config.dataset.hash,
    classes: config.dataset.classes,
    model: config.model,
    isPrivate: isPrivate(config),
    mapKind: config.maps?.kind ?? null,
    resolution: config.resolution,
    latent: architectureOf(config).latent,
  };
}
