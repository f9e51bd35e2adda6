import type { Dirent } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { type Problem, throwIfProblems } from "../../core/errors.ts";
import { fileError } from "../../core/files.ts";
import { quoted } from "../../core/quoted.ts";
import { type ColumnOptions, listColumns } from "../columns.ts";
import { checkClasses, normaliseSplit, sortClasses } from "../names.ts";
import { mapLimited } from "../parallel.ts";
import type { Dataset, Sample } from "../types.ts";
import { IMAGE_NAME, imageFiles } from "./image-files.ts";
import type { DatasetReader, Place } from "./reader.ts";

const SPLITS = new Set(["train", "val", "test"]);

async function list(folder: string): Promise<Dirent[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.filter((entry) => !entry.name.startsWith(".")).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (cause) {
    throw fileError("list", folder, cause);
  }
}

/** Regular files below a folder, links followed for files only, so that a link to a parent cannot loop. */
async function filesBelow(folder: string): Promise<string[]> {
  const files: string[] = [];
  for (const entry of await list(folder)) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) for (const file of await filesBelow(path)) files.push(file);
    else if (entry.isFile() || entry.isSymbolicLink()) files.push(path);
  }
  return files;
}

/** Names of the sub-folders of a place that are looked into; none where it cannot be listed. */
async function subFolders(folder: string, { ignored }: Place): Promise<string[]> {
  const entries = await list(folder).catch(() => []);
  return entries.filter((entry) => entry.isDirectory() && !ignored.has(entry.name)).map(({ name }) => name);
}

const holdsImages = async (folder: string): Promise<boolean> =>
  (await list(folder).catch(() => [])).some((entry) => !entry.isDirectory() && IMAGE_NAME.test(entry.name));

/** The first sub-folder of images, or of a split with such sub-folders; null where there is none. */
async function firstClassFolder(place: Place): Promise<string | null> {
  const { root } = place;
  const names = await subFolders(root, place);
  for (const name of names) if (await holdsImages(join(root, name))) return name;
  if (names.length === 0 || !names.every((name) => SPLITS.has(normaliseSplit(name)))) return null;
  for (const split of names) {
    for (const name of await subFolders(join(root, split), place)) {
      if (await holdsImages(join(root, split, name))) return `${split}/${name}`;
    }
  }
  return null;
}

const SAMPLES = imageFiles("class-folders");

/** A folder without a table, whose sub-folders are the classes. Any folder is read so where nothing else is recognised. */
export const classFolders: DatasetReader = {
  async recognise(place) {
    if (!place.isFolder) return null;
    const read = (options: ColumnOptions) => readClassFolders(place.root, options);
    const found = await firstClassFolder(place);
    if (found === null) return { certainty: "fallback", evidence: [], read };
    return { certainty: "likely", evidence: [`sub-folder ${found} holds images`], read };
  },
};

/**
 * Reads a folder whose sub-folders are classes, or `train`, `val`, `test` folders of such sub-folders.
 * @throws GanglionError `dataset` with all problems.
 */
async function readClassFolders(root: string, options: ColumnOptions): Promise<Dataset> {
  const problems: Problem[] = [];
  const notes: string[] = [];
  for (const role of ["label", "patient"] as const) {
    const name = options[role];
    if (name === undefined || (role === "label" && name === "label")) continue;
    const message = `there is no column ${quoted(name)} (--${role}): the folder has no metadata.csv, its sub-folders are the classes; ${listColumns(["label", "split"])}`;
    problems.push({ code: "missing-column", path: root, message });
  }
  throwIfProblems("dataset", `${root} cannot be read as a dataset`, problems);

  const top = (await list(root)).filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  const bySplit = top.length > 0 && top.every((name) => SPLITS.has(normaliseSplit(name)));
  const folders: { folder: string; label: string; split?: string }[] = [];
  if (bySplit) {
    for (const name of top) {
      for (const entry of await list(join(root, name))) {
        if (!entry.isDirectory()) continue;
        folders.push({ folder: join(root, name, entry.name), label: entry.name, split: normaliseSplit(name) });
      }
    }
  } else {
    for (const name of top) folders.push({ folder: join(root, name), label: name });
  }

  const samples: Sample[] = [];
  let others = 0;
  for (const { folder, label, split } of folders) {
    const before = samples.length;
    for (const file of await filesBelow(folder)) {
      const fileName = relative(root, file).split(sep).join("/");
      if (!IMAGE_NAME.test(fileName)) others++;
      else samples.push({ fileName, label, ...(split === undefined ? {} : { split }), attributes: {} });
    }
    if (samples.length === before)
      notes.push(`folder ${relative(root, folder)} has no PNG or JPEG image and is left out`);
  }
  if (others > 0) notes.push(`${others} files that are neither PNG nor JPEG are left out`);
  const loose = (await list(root)).filter((entry) => !entry.isDirectory() && IMAGE_NAME.test(entry.name)).length;
  if (loose > 0) {
    const message = `${loose} images are next to the class folders, without a class; move them into one, or write a metadata.csv`;
    problems.push({ code: "no-label", path: root, message });
  }
  if (samples.length === 0) {
    const message =
      "no PNG or JPEG image was found; give a folder with metadata.csv, a folder with one sub-folder of images for each class, or an .npz file";
    problems.push({ code: "no-images", path: root, message });
  }
  const checks = await mapLimited(samples, 32, async (sample): Promise<Problem | null> => {
    const found = await stat(join(root, sample.fileName)).catch(() => null);
    if (found?.isFile() && found.size > 0) return null;
    const message = found?.isFile() ? "the file is empty (0 bytes)" : "this is not a file that can be read";
    return { code: "empty-file", path: sample.fileName, message: `${message}; restore or remove it` };
  });
  problems.push(...checks.filter((problem) => problem !== null));
  const classes = sortClasses(samples.map((sample) => sample.label));
  problems.push(...checkClasses(classes, root));
  throwIfProblems("dataset", `${root} cannot be read as a dataset`, problems);
  notes.push(`no metadata.csv: the sub-folders are the classes${bySplit ? ", within the splits" : ""}`);
  return {
    root,
    reader: SAMPLES,
    columns: bySplit ? { label: "label", split: "split" } : { label: "label" },
    classes,
    samples,
    notes,
  };
}
