import { basename, dirname, join, resolve } from "node:path";
import { GanglionError } from "../core/errors.ts";
import { type ProgressListener, silent } from "../core/progress.ts";
import { listed } from "../core/quoted.ts";
import { withTemporaryFolder } from "../core/scratch/temporary-folder.ts";
import { readDataset, trainingSamples } from "../data/index.ts";
import { familyOf, readCheckpoint, writeGenerator } from "../model/index.ts";
import { generateDataset, openRun } from "../sample/index.ts";

/** Most images drawn of one checkpoint. */
const MAX_DRAWN = 2048;

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

/** Images of each class: as many as there are real ones to train on, in all {@link MAX_DRAWN} at most. */
export function drawnCounts(
  labels: readonly string[],
  classes: readonly string[],
): { readonly name: string; readonly count: number }[] {
  const counts = classes.map((name) => labels.filter((label) => label === name).length);
  const total = counts.reduce((a, b) => a + b, 0);
  const share = Math.min(1, MAX_DRAWN / Math.max(1, total));
  return classes.map((name, c) => ({ name, count: Math.floor(counts[c]! * share) }));
}

export interface DrawCheckpointOptions {
  /** Real dataset, whose class counts are followed. */
  readonly real: string;
  readonly label?: string | undefined;
  readonly threads: number;
  /** Of every draw. Defaults to 0. */
  readonly seed?: number;
  /** Defaults to nobody. */
  readonly onProgress?: ProgressListener;
}

/**
 * Draws a set from a checkpoint of a run that draws from noise, by the moving average of its generator, into a folder of its
 * own below `folder`, which is returned.
 * @throws GanglionError `checkpoint`, `files`; `usage` for a checkpoint of a run that fills maps, or one without a class of the real set
 */
async function drawCheckpoint(
  path: string,
  folder: string,
  { real, label, threads, seed = 0, onProgress = silent }: DrawCheckpointOptions,
): Promise<string> {
  const { architecture, classNames, state, progress } = await readCheckpoint(path);
  if (familyOf(architecture).input !== "noise") {
    const message = `${path}: a checkpoint of ${architecture.model} draws from maps; draw a set with \`ganglion generate\` and name its folder`;
    throw new GanglionError("usage", message);
  }
  const dataset = await readDataset(real, { label, run: join(path, "..", "..") });
  const labels = trainingSamples(dataset).map((i) => dataset.samples[i]!.label);
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

/**
 * Hands over the folders of synthetic sets, those of checkpoints drawn before and removed afterwards.
 * @param synthetic Datasets, or checkpoints (`.safetensors`) of runs that draw from noise.
 * @throws GanglionError as {@link use}, and `checkpoint`, `files`, `usage` for a checkpoint that no set can be drawn from
 */
export async function withDrawnCheckpoints<Result>(
  synthetic: readonly string[],
  options: DrawCheckpointOptions,
  use: (sets: readonly string[]) => Promise<Result>,
): Promise<Result> {
  if (!synthetic.some(isCheckpoint)) return use(synthetic);
  return withTemporaryFolder("drawn", async (folder) => {
    const sets: string[] = [];
    for (const [k, path] of synthetic.entries()) {
      sets.push(isCheckpoint(path) ? await drawCheckpoint(path, join(folder, String(k)), options) : path);
    }
    return await use(sets);
  });
}
