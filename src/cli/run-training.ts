import { join } from "node:path";
import { openPackedStore } from "../data/index.ts";
import { encoderProbe } from "../evaluate/encoder-probe.ts";
import { configHash, type PreparedRun, type RunFolder, type TrainResult, takeUp, train } from "../train/index.ts";
import type { CommandContext } from "./command.ts";

/**
 * Trains a prepared run: packs the images, trains the encoder that follows the quality, then the networks.
 * @param folder Of a run that exists already (created or resumed).
 */
export async function runTraining(
  { dataset, indices, config }: PreparedRun,
  folder: RunFolder,
  context: CommandContext,
  resume = false,
): Promise<TrainResult> {
  const { progress: onProgress, signal } = context;
  const { resolution, channels, seed, threads } = config;
  // A run that cannot be gone on with is said before any work is done.
  if (resume) await takeUp(folder, config);
  const store = await openPackedStore(
    { ...dataset, classes: config.dataset.classes },
    { resolution, channels, folder: folder.cachePath, indices, onProgress, signal },
  );
  try {
    const cache = { path: join(folder.cachePath, "encoder.safetensors"), key: configHash(config) };
    const probe = await encoderProbe({ store, seed, threads, onProgress, cache });
    try {
      return await train({ config, run: folder, store, resume, probe, onProgress, signal });
    } finally {
      await probe?.close();
    }
  } finally {
    store.close();
  }
}
