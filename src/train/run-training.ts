import type { Listeners } from "../core/listeners.ts";
import { type ProgressListener, silent } from "../core/progress.ts";
import { openPackedStore, type PackedStore, packMaps } from "../data/index.ts";
import { chooseThreads } from "./choose-threads.ts";
import type { CopyMonitor } from "./copy-monitor.ts";
import { isPrivate } from "./dp/private-config.ts";
import type { Training } from "./open-training.ts";
import { planRun } from "./plan-cache.ts";
import type { PreparedRun } from "./prepare.ts";
import type { QualityMonitor } from "./quality-monitor.ts";
import { resumeState } from "./resume-state.ts";
import type { RunConfig } from "./run-config.ts";
import type { RunFolder } from "./run-folder.ts";
import { lockRun } from "./run-lock.ts";
import { train } from "./train.ts";
import type { TrainResult } from "./train-options.ts";
import type { TrainingMaps } from "./training-maps.ts";

/** What a monitor of the quality is made of. */
export interface MonitorContext {
  /** Images that are trained on. */
  readonly store: PackedStore;
  /** Patient of each of them, undefined where nobody says. */
  readonly patients: readonly (string | undefined)[];
  readonly seed: number;
  readonly threads: number;
  readonly onProgress: ProgressListener;
  readonly signal?: AbortSignal | undefined;
}

export interface RunTrainingOptions extends Listeners {
  /** Makes what follows whether the run copies: `copyMonitor` of `ganglion/audit`. Private runs have none. Defaults to none. */
  readonly openCopyMonitor?: (context: MonitorContext) => Promise<CopyMonitor>;
  /**
   * Makes what follows the quality, so that the best state is kept: `distanceMonitor` of `ganglion/evaluate`. Undefined where
   * there is nothing to go by. Private runs have none. Defaults to none: the last state is kept.
   */
  readonly openMonitor?: (context: MonitorContext) => Promise<QualityMonitor | undefined>;
}

/**
 * Runs a training: makes the run folder, times convolutions, packs the images, opens the monitor of the quality, then trains
 * the networks. A new run whose training does not begin, e.g. since an image is damaged, is taken back.
 * @throws GanglionError `run` when another process trains it or the state does not fit, `usage` for a folder that is in use
 */
export async function runTraining(training: Training, options: RunTrainingOptions = {}): Promise<TrainResult> {
  const { folder, resume } = training;
  const config = resume ? training.config : await planRun(await withThreads(training, options), options.onProgress);
  const planned = { ...training, config };
  if (!resume) await folder.create(config, training.heldOut);
  const release = await lockRun(folder.path);
  try {
    return await trainLocked(planned, options);
  } catch (cause) {
    // Only here: while another process holds the run it is not ours to remove.
    await folder.withdraw();
    throw cause;
  } finally {
    await release();
  }
}

/** The configuration with the threads that were asked for, or those that gain here. */
async function withThreads({ config, choosesThreads }: Training, options: Listeners): Promise<RunConfig> {
  return choosesThreads ? { ...config, threads: await chooseThreads(config, options) } : config;
}

async function trainLocked(training: Training, options: RunTrainingOptions): Promise<TrainResult> {
  const { dataset, indices, config, records, folder, resume, weights } = training;
  const { onWarning, onNote, signal, openMonitor, openCopyMonitor } = options;
  const onProgress = alsoLive(folder, options.onProgress ?? silent);
  const { resolution, channels, seed, threads } = config;
  // A run that cannot be gone on with is said before any work is done.
  if (resume) {
    await resumeState(folder, config);
    await folder.writeConfig(config);
    await folder.removeOutcome();
  }
  await folder.makeCache();
  const store = await openPackedStore(
    { ...dataset, classes: config.dataset.classes },
    { resolution, channels, folder: folder.cachePath, indices, onProgress, signal },
  );
  let maps: TrainingMaps | undefined;
  try {
    maps = await trainingMaps(training, folder, { onProgress, signal });
    // What is measured on real images may not decide what is kept of a private run.
    const patients = indices.map((i) => dataset.samples[i]!.patient);
    const context = { store, patients, seed, threads, onProgress, signal };
    const monitor = isPrivate(config) ? undefined : await openMonitor?.(context);
    const copyMonitor = isPrivate(config) ? undefined : await openCopyMonitor?.(context);
    try {
      const told = { monitor, copyMonitor, onProgress, onWarning, onNote, signal };
      return await train({ config, run: folder, store, maps, records, resume, weights, ...told });
    } finally {
      await copyMonitor?.close();
      await monitor?.close();
    }
  } finally {
    store.close();
    maps?.shown.store.close();
  }
}

/** A listener that also writes what comes before the first step to the run, for whoever watches it. */
function alsoLive(folder: RunFolder, onProgress: ProgressListener): ProgressListener {
  let last = { stage: "", at: 0 };
  return (progress) => {
    onProgress(progress);
    const { stage, done, total = null, unit } = progress;
    const now = performance.now();
    // The steps are written by the training itself.
    if (stage === "train" || (stage === last.stage && now - last.at < 1000)) return;
    last = { stage, at: now };
    void folder.writeLive({ stage, done, total, unit, seconds: 0, secondsLeft: null });
  };
}

/** Images of a class in a grid. */
const SHOWN = 8;

/** Maps to learn from, and images with maps for the grids: held-out ones where there are any. */
async function trainingMaps(
  { dataset, indices, config, maps }: PreparedRun,
  folder: RunFolder,
  { onProgress, signal }: Listeners,
): Promise<TrainingMaps | undefined> {
  if (config.maps === undefined || maps === undefined) return undefined;
  const { resolution, channels } = config;
  const { classes } = config.dataset;
  const trained = new Set(indices);
  const shown = classes.flatMap((label) => {
    const own = [...dataset.samples.keys()].filter((i) => dataset.samples[i]!.label === label);
    const heldOut = own.filter((i) => !trained.has(i));
    // A split that is kept for the last test is not looked at while there is another.
    const validation = heldOut.filter((i) => dataset.samples[i]!.split === "val");
    return [validation, heldOut, own].find((some) => some.length > 0)!.slice(0, SHOWN);
  });
  const packed = { resolution, indices: shown, onProgress, signal };
  const made = await packMaps(dataset, { kind: config.maps.kind, ...packed });
  const store = await openPackedStore({ ...dataset, classes }, { channels, folder: folder.cachePath, ...packed });
  return { training: maps, shown: { store, maps: made.maps } };
}
