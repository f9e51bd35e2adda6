import { type Checkpoint, writeGenerator, writeMapGenerator } from "../model/index.ts";
import { architectureOf } from "./config.ts";
import type { DifferentialPrivacy } from "./dp/read-differential-privacy.ts";
import type { RunConfig } from "./run-config.ts";

/**
 * Writes the averaged weights of a checkpoint as the run's `generator.onnx`.
 * @param guarantee Of a private run; kept in the file. Defaults to none.
 * @throws GanglionError `files`
 */
export async function writeRunGenerator(
  path: string,
  config: RunConfig,
  { state, progress }: Pick<Checkpoint, "state" | "progress">,
  guarantee: DifferentialPrivacy | null = null,
): Promise<void> {
  const { resolution, channels, seed, license, dataset } = config;
  const shared = { classes: dataset.classes, resolution, channels, imagesSeen: progress.imagesSeen, seed, license };
  const chain = config.start === undefined ? {} : { startedFrom: config.start.origins };
  const a = architectureOf(config);
  const { latent } = a;
  if (config.maps !== undefined) {
    const { kind, tonesEstimated, toneCounts } = config.maps;
    const description = { ...shared, model: config.model, latent, mapKind: kind, tonesEstimated, toneCounts, ...chain };
    return writeMapGenerator(path, a, state.average, description);
  }
  const privacy = guarantee === null ? {} : { differentialPrivacy: guarantee };
  return writeGenerator(path, a, state.average, { ...shared, latent, ...privacy, ...chain });
}
