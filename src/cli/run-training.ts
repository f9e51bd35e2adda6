import { join } from "node:path";
import { openPackedStore } from "../data/index.ts";
import { encoderProbe } from "../evaluate/encoder-probe.ts";
import {
  configHash,
  lockRun,
  type PreparedRun,
  type RunFolder,
  type TrainResult,
  takeUp,
  train,
} from "../train/index.ts";
import type { CommandContext } from "./command.ts";

/**
 * Trains a prepared run: packs the images, trains the encoder that follows the quality, then the networks.
 * @param folder Of a run that exists already; a resumed one takes up the configuration with its new budget.
 * @throws GanglionError `run` when another process trains it
 */
export async function runTraining(
  prepared: PreparedRun,
  folder: RunFolder,
  context: CommandContext,
  resume = false,
): Promise<TrainResult> {
  const release = await lockRun(folder.path);
  try {
    return await trainLocked(prepared, folder, context, resume);
  } finally {
    await release();
  }
}

async function trainLocked(
  { dataset, indices, config }: PreparedRun,
  folder: RunFolder,
  context: CommandContext,
  resume: boolean,
): Promise<TrainResult> {
  const { progress: onProgress, signal } = context;
  const { resolution, channels, seed, threads } = config;
  // A run that cannot be gone on with is said before any work is done.
  if (resume) {
    await takeUp(folder, config);
    await folder.writeConfig(config);
  }
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
