import { realpath, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { z } from "zod";
import { orUnusable, readJsonInside } from "../../core/inside-folder.ts";
import { contentHashes, samplesHash } from "../content-hash.ts";
import { isTrainingSample } from "../splits.ts";
import type { Dataset } from "../types.ts";
import { readSplitTable, withSplit } from "./split-file.ts";

/** File of a run folder with the images that it held out of a dataset without a split of its own. */
export const RUN_SPLIT = "split.csv";

/** What is read of a run's `config.json`; all else is the training's business. */
const configSchema = z.looseObject({ dataset: z.looseObject({ path: z.string(), hash: z.string() }) });

/**
 * Path of the dataset that a run names, from wherever the command is given: as it is written, else as seen from beside the run
 * folder, for runs that name it by a relative path or were moved with it; null where it is not there.
 */
export async function findRunDataset(run: string, path: string): Promise<string | null> {
  for (const place of [resolve(path), resolve(dirname(resolve(run)), path)]) {
    if ((await stat(place).catch(() => null)) !== null) return place;
  }
  return null;
}

/** Whether the split of a dataset is that which a run keeps. */
export const isOfRun = ({ splitFile }: Dataset, run: string): boolean => splitFile === join(run, RUN_SPLIT);

/**
 * A dataset with the split that a run keeps of it, in place of any that it has: of the dataset that the run names, and of
 * another place with the same training images. Null where the run keeps none, or of other images.
 * @throws GanglionError `dataset` or `files` for a table that cannot be read
 */
export async function withRunSplit(dataset: Dataset, run: string): Promise<Dataset | null> {
  // What is no folder is said by whoever opens the run.
  const isFolder = (await stat(run).catch(() => null))?.isDirectory() === true;
  const table = isFolder ? await readSplitTable(run, RUN_SPLIT) : null;
  if (table === null) return null;
  const config = configSchema.safeParse(await orUnusable(readJsonInside(run, "config.json")));
  if (!config.success) return null;
  const { path, hash } = config.data.dataset;
  const named = await findRunDataset(run, path);
  const real = async (place: string) => realpath(place).catch(() => place);
  if (named !== null && (await real(named)) === (await real(dataset.root))) return withSplit(dataset, table);
  const known = new Set(dataset.samples.map(({ fileName }) => fileName));
  if (![...table.rows.keys()].every((name) => known.has(name))) return null;
  const divided = withSplit(dataset, table);
  const training = { ...divided, samples: divided.samples.filter(isTrainingSample) };
  return samplesHash(training.samples, await contentHashes(training)) === hash ? divided : null;
}
