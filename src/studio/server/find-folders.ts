import type { Dirent } from "node:fs";
import { readdir, realpath, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { GanglionError } from "../../core/errors.ts";
import { fileError } from "../../core/files.ts";
import { isNotAFile, readJsonInside } from "../../core/inside-folder.ts";
import { placeOf, recognise } from "../../data/readers/recognise.ts";
import { PROGRESS_FILE } from "../../study/watch/progress-schema.ts";
import { JOBS_FOLDER } from "../jobs/job-record.ts";
import { UPLOADS_FOLDER } from "../uploads/upload-limits.ts";

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
  JOBS_FOLDER,
  UPLOADS_FOLDER,
  "reader-studies",
  "studio-set",
  "samples",
  "checkpoints",
  "cache",
  "tensorboard",
  "store",
]);

/** Entries that are no links and not hidden, by name; none where the folder cannot be read. */
async function entriesOf(folder: string): Promise<Dirent[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [] as Dirent[]);
  return entries.filter(({ name }) => !name.startsWith(".")).sort((a, b) => (a.name < b.name ? -1 : 1));
}

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

/** How certain a reader is that a path is a dataset; null where none is, and where it cannot be looked at. */
async function datasetAt(path: string): Promise<"marked" | "likely" | null> {
  const place = await placeOf(path, OWN_FOLDERS).catch(() => null);
  const found = place && (await recognise(place, (recognition) => "read" in recognition));
  return found === null || found.certainty === "fallback" ? null : found.certainty;
}

interface Marked {
  readonly runs: string[];
  readonly studies: string[];
  readonly datasets: string[];
  /** Folders that look like datasets, without a file that says so. */
  readonly likely: string[];
}

/** Most entries of a folder that is looked into for a second level. */
const MOST_LOOKED_INTO = 32;

/** Runs, studies and datasets one level below, with `deep` two in folders that are no dataset for certain; links are not followed. */
async function markedBelow(folder: string, deep = false): Promise<Marked> {
  const [runs, studies, datasets, likely]: string[][] = [[], [], [], []];
  for (const entry of await entriesOf(folder)) {
    const path = join(folder, entry.name);
    if (!entry.isFile() && !entry.isDirectory()) continue;
    if (entry.isDirectory()) {
      if (OWN_FOLDERS.has(entry.name)) continue;
      if (await isRun(path)) {
        runs!.push(path);
        continue;
      }
      if (await isStudy(path)) {
        studies!.push(path);
        continue;
      }
    }
    const certainty = await datasetAt(path);
    if (deep && certainty !== "marked" && entry.isDirectory() && (await entriesOf(path)).length <= MOST_LOOKED_INTO) {
      const inside = await markedBelow(path);
      runs!.push(...inside.runs);
      studies!.push(...inside.studies);
      datasets!.push(...inside.datasets);
      if (inside.runs.length + inside.studies.length + inside.datasets.length > 0) continue;
    }
    if (certainty !== null) (certainty === "marked" ? datasets! : likely!).push(path);
  }
  return { runs: runs!, studies: studies!, datasets: datasets!, likely: likely! };
}

export interface FindOptions {
  /** Looks two levels deep in a folder of several things, as a project is. Defaults to false. */
  readonly deep?: boolean;
  /** A folder with nothing to open is a folder all the same. Defaults to false. */
  readonly mayBeEmpty?: boolean;
}

/**
 * Looks for what the studio can open at a path: a run or a study (with what lies right inside of it), a dataset, or a folder
 * of these.
 * @throws GanglionError `files` when there is no such path, `usage` when nothing is found
 */
export async function findFolders(path: string, options: FindOptions = {}): Promise<FoundFolders> {
  const { deep = false, mayBeEmpty = false } = options;
  const root = await realpath(path).catch((cause) => {
    throw fileError("open", path, cause);
  });
  if ((await stat(root).catch(() => null))?.isFile()) {
    if ((await datasetAt(root)) !== null) return { root, kind: "dataset", runs: [], studies: [], datasets: [root] };
    const message = `${path} is a file; give a run, a study, a dataset, or a folder with some of these`;
    throw new GanglionError("usage", message);
  }
  const below = await markedBelow(root, deep);
  const { runs, studies } = below;
  if (await isRun(root)) return { root, kind: "run", runs: [root], studies, datasets: below.datasets };
  if (await isStudy(root)) return { root, kind: "study", runs, studies: [root], datasets: below.datasets };
  const only = { root, kind: "dataset", runs: [], studies: [], datasets: [root] } as const;
  const own = await datasetAt(root);
  if (own === "marked") return only;
  if (own === "likely" && runs.length + studies.length + below.datasets.length === 0) return only;
  const datasets = [...below.datasets, ...below.likely];
  if (runs.length + studies.length + datasets.length === 0 && !mayBeEmpty) {
    const message = `${path} holds nothing to open: no run (config.json), no study (progress.json), no dataset (metadata.csv, class sub-folders or .npz), in itself or one level below; name the folder of a \`ganglion train\` run or of images`;
    throw new GanglionError("usage", message);
  }
  datasets.sort((a, b) => (basename(a) < basename(b) ? -1 : 1));
  return { root, kind: "folder", runs, studies, datasets };
}
