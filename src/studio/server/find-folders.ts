import type { Dirent } from "node:fs";
import { readdir, readFile, realpath, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { GanglionError } from "../../core/errors.ts";
import { fileError } from "../../core/files.ts";
import { METADATA } from "../../data/image-folder.ts";
import { normaliseSplit } from "../../data/names.ts";

/** Runs and datasets at or right below a path, as real paths in order of their names. */
export interface FoundFolders {
  readonly root: string;
  /** What the path itself is. */
  readonly kind: "run" | "dataset" | "folder";
  readonly runs: readonly string[];
  readonly datasets: readonly string[];
}

/** Folders that the studio or a training writes; they hold images and are no datasets. */
const OWN_FOLDERS = new Set(["reader-studies", "studio-set", "samples", "checkpoints", "cache", "tensorboard"]);
const SPLITS = new Set(["train", "val", "test"]);
const IMAGE_NAME = /\.(png|jpe?g)$/i;
const ARCHIVE_NAME = /\.npz$/i;

/** Entries that are no links and not hidden, by name; none where the folder cannot be read. */
async function entriesOf(folder: string): Promise<Dirent[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [] as Dirent[]);
  return entries.filter(({ name }) => !name.startsWith(".")).sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function subFolders(folder: string): Promise<string[]> {
  const entries = await entriesOf(folder);
  return entries.filter((entry) => entry.isDirectory() && !OWN_FOLDERS.has(entry.name)).map(({ name }) => name);
}

const isFile = async (path: string): Promise<boolean> => (await stat(path).catch(() => null))?.isFile() ?? false;

/** A `config.json` that says it is a run's. */
async function isRun(folder: string): Promise<boolean> {
  try {
    return JSON.parse(await readFile(join(folder, "config.json"), "utf8")).format === "ganglion.run/1";
  } catch {
    return false;
  }
}

const holdsImages = async (folder: string): Promise<boolean> =>
  (await entriesOf(folder)).some((entry) => !entry.isDirectory() && IMAGE_NAME.test(entry.name));

/** Sub-folders of images, or of splits with such sub-folders. */
async function holdsClassFolders(folder: string): Promise<boolean> {
  const names = await subFolders(folder);
  for (const name of names) if (await holdsImages(join(folder, name))) return true;
  if (names.length === 0 || !names.every((name) => SPLITS.has(normaliseSplit(name)))) return false;
  for (const split of names) {
    for (const name of await subFolders(join(folder, split))) {
      if (await holdsImages(join(folder, split, name))) return true;
    }
  }
  return false;
}

/** Runs and tables one level below, and archives; links are not followed. */
async function markedBelow(folder: string): Promise<{ runs: string[]; datasets: string[]; unmarked: string[] }> {
  const [runs, datasets, unmarked]: string[][] = [[], [], []];
  for (const entry of await entriesOf(folder)) {
    const path = join(folder, entry.name);
    if (entry.isFile() && ARCHIVE_NAME.test(entry.name)) datasets.push(path);
    if (!entry.isDirectory() || OWN_FOLDERS.has(entry.name)) continue;
    if (await isRun(path)) runs.push(path);
    else if (await isFile(join(path, METADATA))) datasets.push(path);
    else unmarked.push(path);
  }
  return { runs, datasets, unmarked };
}

/**
 * Looks for what the studio can open at a path: a run (with the datasets right inside of it), a dataset, or a folder of
 * either.
 * @throws GanglionError `files` when there is no such path, `usage` when nothing is found
 */
export async function findFolders(path: string): Promise<FoundFolders> {
  const root = await realpath(path).catch((cause) => {
    throw fileError("open", path, cause);
  });
  if (await isFile(root)) {
    if (ARCHIVE_NAME.test(root)) return { root, kind: "dataset", runs: [], datasets: [root] };
    const message = `${path} is a file; give a run, a dataset, or a folder with runs and datasets`;
    throw new GanglionError("usage", message);
  }
  const below = await markedBelow(root);
  if (await isRun(root)) return { root, kind: "run", runs: [root], datasets: below.datasets };
  if (await isFile(join(root, METADATA))) return { root, kind: "dataset", runs: [], datasets: [root] };
  if (below.runs.length + below.datasets.length === 0 && (await holdsClassFolders(root))) {
    return { root, kind: "dataset", runs: [], datasets: [root] };
  }
  const { runs } = below;
  const datasets = [...below.datasets];
  for (const folder of below.unmarked) if (await holdsClassFolders(folder)) datasets.push(folder);
  if (runs.length + datasets.length === 0) {
    const message = `${path} holds nothing to open: no run (config.json), no dataset (metadata.csv, class sub-folders or .npz), in itself or one level below; name the folder of a \`ganglion train\` run or of images`;
    throw new GanglionError("usage", message);
  }
  datasets.sort((a, b) => (basename(a) < basename(b) ? -1 : 1));
  return { root, kind: "folder", runs, datasets };
}
