import type { Dirent } from "node:fs";
import { readdir, realpath, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { GanglionError } from "../../core/errors.ts";
import { fileError } from "../../core/files.ts";
import { isNotAFile, readJsonInside, statInside } from "../../core/inside-folder.ts";
import { METADATA } from "../../data/image-folder.ts";
import { normaliseSplit } from "../../data/names.ts";
import { PROGRESS_FILE } from "../../study/watch/progress-schema.ts";

/** Runs, studies and datasets at or right below a path, as real paths in order of their names. */
export interface FoundFolders {
  readonly root: string;
  /** What the path itself is. */
  readonly kind: "run" | "study" | "dataset" | "folder";
  readonly runs: readonly string[];
  /** Studies of synthetic data, running or ended. */
  readonly studies: readonly string[];
  readonly datasets: readonly string[];
}

/** Folders that the studio, a training or a study writes; they hold images and are no datasets. */
const OWN_FOLDERS = new Set([
  "reader-studies",
  "studio-set",
  "samples",
  "checkpoints",
  "cache",
  "tensorboard",
  "store",
]);
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

/** Whether a file lies in a folder. A link counts, so that it is refused where it is read. */
const holds = async (folder: string, name: string): Promise<boolean> =>
  statInside(folder, name).then((found) => found !== null, isNotAFile);

/** Whether a JSON file says that it is of a format. A link counts, so that it is refused where it is read. */
async function hasFormat(folder: string, name: string, format: RegExp): Promise<boolean> {
  try {
    return format.test(((await readJsonInside(folder, name)) as { format: string }).format);
  } catch (error) {
    return isNotAFile(error);
  }
}

const isRun = (folder: string) => hasFormat(folder, "config.json", /^ganglion\.run\/1$/);
/** Of any version: that it is not of this one is said when it is opened. */
const isStudy = (folder: string) => hasFormat(folder, PROGRESS_FILE, /^ganglion\.study-progress\//);

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

interface Marked {
  readonly runs: string[];
  readonly studies: string[];
  readonly datasets: string[];
  readonly unmarked: string[];
}

/** Runs, studies and tables one level below, and archives; links are not followed. */
async function markedBelow(folder: string): Promise<Marked> {
  const [runs, studies, datasets, unmarked]: string[][] = [[], [], [], []];
  for (const entry of await entriesOf(folder)) {
    const path = join(folder, entry.name);
    if (entry.isFile() && ARCHIVE_NAME.test(entry.name)) datasets.push(path);
    if (!entry.isDirectory() || OWN_FOLDERS.has(entry.name)) continue;
    if (await isRun(path)) runs.push(path);
    else if (await isStudy(path)) studies.push(path);
    else if (await holds(path, METADATA)) datasets.push(path);
    else unmarked.push(path);
  }
  return { runs, studies, datasets, unmarked };
}

/**
 * Looks for what the studio can open at a path: a run or a study (with what lies right inside of it), a dataset, or a folder
 * of these.
 * @throws GanglionError `files` when there is no such path, `usage` when nothing is found
 */
export async function findFolders(path: string): Promise<FoundFolders> {
  const root = await realpath(path).catch((cause) => {
    throw fileError("open", path, cause);
  });
  if ((await stat(root).catch(() => null))?.isFile()) {
    if (ARCHIVE_NAME.test(root)) return { root, kind: "dataset", runs: [], studies: [], datasets: [root] };
    const message = `${path} is a file; give a run, a study, a dataset, or a folder with some of these`;
    throw new GanglionError("usage", message);
  }
  const below = await markedBelow(root);
  const { runs, studies } = below;
  if (await isRun(root)) return { root, kind: "run", runs: [root], studies, datasets: below.datasets };
  if (await isStudy(root)) return { root, kind: "study", runs, studies: [root], datasets: below.datasets };
  const only = { root, kind: "dataset", runs: [], studies: [], datasets: [root] } as const;
  if (await holds(root, METADATA)) return only;
  if (runs.length + studies.length + below.datasets.length === 0 && (await holdsClassFolders(root))) return only;
  const datasets = [...below.datasets];
  for (const folder of below.unmarked) if (await holdsClassFolders(folder)) datasets.push(folder);
  if (runs.length + studies.length + datasets.length === 0) {
    const message = `${path} holds nothing to open: no run (config.json), no study (progress.json), no dataset (metadata.csv, class sub-folders or .npz), in itself or one level below; name the folder of a \`ganglion train\` run or of images`;
    throw new GanglionError("usage", message);
  }
  datasets.sort((a, b) => (basename(a) < basename(b) ? -1 : 1));
  return { root, kind: "folder", runs, studies, datasets };
}
