import { basename, dirname, join, resolve } from "node:path";
import { GanglionError } from "../core/errors.ts";
import { listed } from "../core/quoted.ts";
import type { CommandContext } from "./command.ts";

/** Most images drawn of one checkpoint. */
const MOST_DRAWN = 2048;

/** True for a path that names a checkpoint of a run, not a dataset. */
export const isCheckpoint = (path: string): boolean => /\.safetensors$/i.test(path);

/** `run/checkpoints/000012000.safetensors` => `run-12000`. */
export function checkpointSetName(path: string): string {
  const full = resolve(path);
  const stem = basename(full).replace(/\.safetensors$/i, "");
  const state = /^\d+$/.test(stem) ? String(Number(stem)) : stem;
  const folder = dirname(full);
  const run = basename(folder) === "checkpoints" ? basename(dirname(folder)) : basename(folder);
  return `${run}-${state}`;
}

/** Images of each class: as many as there are real ones to train on, in all {@link MOST_DRAWN} at most. */
export function drawnCounts(
  labels: readonly string[],
  classes: readonly string[],
): { readonly name: string; readonly count: number }[] {
  const counts = classes.map((name) => labels.filter((label) => label === name).length);
  const total = counts.reduce((a, b) => a + b, 0);
  const share = Math.min(1, MOST_DRAWN / Math.max(1, total));
  return classes.map((name, c) => ({ name, count: Math.floor(counts[c] * share) }));
}

export interface DrawCheckpointOptions {
  /** Real dataset, whose class counts are followed. */
  readonly real: string;
  readonly label?: string | undefined;
  readonly threads: number;
  /** Folder to write the set into. */
  readonly folder: string;
}

/**
 * Draws a set from a checkpoint of a run that draws from noise by the moving average of its generator, with the seed of the command.
 * Returns the folder of the set.
 * @throws GanglionError `checkpoint`, `files`; `usage` for a checkpoint of a run that fills maps, or one without a class of the real set
 */
export async function drawCheckpoint(
  path: string,
  { real, label, threads, folder }: DrawCheckpointOptions,
  { seed, progress: onProgress }: CommandContext,
): Promise<string> {
  const { readDataset, trainingSamples } = await import("../data/index.ts");
  const { familyOf, readCheckpoint, writeGenerator } = await import("../model/index.ts");
  const { generateDataset, openRun } = await import("../sample/index.ts");
  const { architecture, classNames, state, progress } = await readCheckpoint(path);
  if (familyOf(architecture).input !== "noise") {
    const message = `${path}: a checkpoint of ${architecture.model} draws from maps; draw a set with \`ganglion generate\` and name its folder`;
    throw new GanglionError("usage", message);
  }
  const dataset = await readDataset(real, { label });
  const labels = trainingSamples(dataset).map((i) => dataset.samples[i].label);
  const counts = drawnCounts(labels, classNames);
  if (counts.every(({ count }) => count === 0)) {
    const message = `${path}: it draws ${listed(classNames)}, and ${real} has images of ${listed(dataset.classes)}; name the class column with --label`;
    throw new GanglionError("usage", message);
  }
  const { resolution, channels, latent } = architecture;
  const run = join(folder, `${checkpointSetName(path)}.run`);
  await writeGenerator(join(run, "generator.onnx"), architecture, state.average, {
    classes: classNames,
    resolution,
    channels,
    latent,
    imagesSeen: progress.imagesSeen,
    seed,
    license: "",
  });
  const opened = await openRun(run, { threads });
  try {
    const out = join(folder, checkpointSetName(path));
    await generateDataset(opened, out, { counts, sampler: { kind: "random" }, seed, onProgress });
    return out;
  } finally {
    await opened.close();
  }
}
