import { join } from "node:path";
import { openPackedStore, packMaps } from "../data/index.ts";
import { encoderProbe } from "../evaluate/encoder-probe.ts";
import {
  configHash,
  isPrivate,
  lockRun,
  type PreparedRun,
  type RunFolder,
  type TrainingMaps,
  type TrainResult,
  takeUp,
  train,
} from "../train/index.ts";
import type { CommandContext } from "./command.ts";

/**
 * Trains a prepared run: packs the images, trains the encoder that follows the quality, then the networks.
 * A new run whose training does not begin, e.g. since an image is damaged, is taken back.
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
  } catch (cause) {
    // Only here: while another process holds the run it is not ours to remove.
    await folder.withdraw();
    throw cause;
  } finally {
    await release();
  }
}

async function trainLocked(
  prepared: PreparedRun,
  folder: RunFolder,
  context: CommandContext,
  resume: boolean,
): Promise<TrainResult> {
  const { dataset, indices, config, records } = prepared;
  const { progress: onProgress, signal } = context;
  const { resolution, channels, seed, threads } = config;
  // A run that cannot be gone on with is said before any work is done.
  if (resume) {
    await takeUp(folder, config);
    await folder.writeConfig(config);
  }
  await folder.makeCache();
  const store = await openPackedStore(
    { ...dataset, classes: config.dataset.classes },
    { resolution, channels, folder: folder.cachePath, indices, onProgress, signal },
  );
  let maps: TrainingMaps | undefined;
  try {
    maps = await trainingMaps(prepared, folder, context);
    const cache = { path: join(folder.cachePath, "encoder.safetensors"), key: configHash(config) };
    // What is measured on real images may not decide what is kept of a private run.
    const probe = isPrivate(config)
      ? undefined
      : await encoderProbe({ store, seed, threads, onProgress, signal, cache });
    try {
      return await train({ config, run: folder, store, maps, records, resume, probe, onProgress, signal });
    } finally {
      await probe?.close();
    }
  } finally {
    store.close();
    maps?.shown.store.close();
  }
}

/** Images of a class in a grid. */
const SHOWN = 8;

/** Maps to learn from, and images with maps for the grids: held-out ones where there are any. */
async function trainingMaps(
  { dataset, indices, config, maps }: PreparedRun,
  folder: RunFolder,
  { progress: onProgress, signal }: CommandContext,
): Promise<TrainingMaps | undefined> {
  if (config.maps === undefined || maps === undefined) return undefined;
  const { resolution, channels } = config;
  const { classes } = config.dataset;
  const trained = new Set(indices);
  const shown = classes.flatMap((label) => {
    const own = [...dataset.samples.keys()].filter((i) => dataset.samples[i].label === label);
    const heldOut = own.filter((i) => !trained.has(i));
    // A split that is kept for the last test is not looked at while there is another.
    const validation = heldOut.filter((i) => dataset.samples[i].split === "val");
    return [validation, heldOut, own].find((some) => some.length > 0)!.slice(0, SHOWN);
  });
  const packed = { resolution, indices: shown, onProgress, signal };
  const made = await packMaps(dataset, { kind: config.maps.kind, ...packed });
  const store = await openPackedStore({ ...dataset, classes }, { channels, folder: folder.cachePath, ...packed });
  return { training: maps, shown: { store, maps: made.maps } };
}
