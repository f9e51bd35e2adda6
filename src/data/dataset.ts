import { createHash } from "node:crypto";
import { readdir, stat } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { GanglionError } from "../core/errors.ts";
import { fileError } from "../core/files.ts";
import { hashInside, type Links } from "../core/inside-folder.ts";
import { listed, named, quoted } from "../core/quoted.ts";
import { readClassFolders } from "./class-folders.ts";
import { type ColumnOptions, FILE_NAME } from "./columns.ts";
import { decodeGrey16Maximum, pixelHash } from "./image.ts";
import { METADATA, readImageFolder } from "./image-folder.ts";
import { linkNote } from "./link-note.ts";
import { normaliseSplit, sortClasses } from "./names.ts";
import { readNpz } from "./npz.ts";
import { mapLimited } from "./parallel.ts";
import { readImage } from "./pixels.ts";
import { parseSynthetic, SYNTHETIC } from "./synthetic-column.ts";
import type { Dataset, Sample } from "./types.ts";

/** What {@link readDataset} needs to know besides the path. */
export interface ReadOptions extends ColumnOptions {
  /** Filters `COL=VALUE`; a sample is kept when all hold. Defaults to none. */
  readonly where?: readonly string[] | undefined;
  /** Whether links below the folder are read through. Defaults to `follow`. */
  readonly links?: Links;
}

/**
 * Lists and checks a dataset: a folder with `metadata.csv`, a folder of class sub-folders (within `train`, `val`, `test`
 * or not), or an `.npz` in the MedMNIST layout. Guesses are said in `notes`; pixels are decoded later.
 * @throws GanglionError `dataset` or `archive` that lists every problem found, `files` when the path cannot be read.
 */
export async function readDataset(path: string, options: ReadOptions = {}): Promise<Dataset> {
  const root = resolve(path);
  let folder: boolean;
  try {
    folder = (await stat(root)).isDirectory();
  } catch (cause) {
    throw fileError("read", path, cause);
  }
  const dataset = folder ? await readFolder(root, options) : await readArchive(root, options);
  const { links } = options;
  const filtered = applyFilters(links === undefined ? dataset : { ...dataset, links }, options.where ?? []);
  const followed = folder && links !== "refuse" ? await linkNote(filtered) : [];
  return { ...filtered, notes: [...filtered.notes, ...followed, ...(await darkGreyNote(filtered))] };
}

async function readArchive(root: string, options: ReadOptions): Promise<Dataset> {
  if (/\.npz$/i.test(root)) return readNpz(root, options);
  const message = `${root} is a file of a kind that is not read; give a folder of images or an .npz in the MedMNIST layout`;
  throw new GanglionError("dataset", message);
}

async function readFolder(root: string, options: ReadOptions): Promise<Dataset> {
  const names = await readdir(root).catch((cause) => {
    throw fileError("list", root, cause);
  });
  if (names.includes(METADATA)) return readImageFolder(root, options);
  const dicom = names.filter((name) => /\.(dcm|dicom|ima)$/i.test(name)).length;
  if (dicom > 0) {
    const message = `${root}: the folder holds ${dicom} DICOM files; make a dataset of them first with ganglion import ${basename(root)} DATASET`;
    throw new GanglionError("dataset", message);
  }
  if (names.length === 0) {
    const message = `${root}: the folder is empty; give a folder with ${METADATA}, or with one sub-folder of images for each class`;
    throw new GanglionError("dataset", message);
  }
  return readClassFolders(root, options);
}

/** Value of a column by its name in the dataset, whatever role it plays. */
export function columnValue(dataset: Dataset, sample: Sample, column: string): string | undefined {
  if (column === FILE_NAME) return sample.fileName;
  for (const role of ["label", "patient", "split", "mask"] as const) {
    if (dataset.columns[role] === column) return sample[role] ?? "";
  }
  return Object.hasOwn(sample.attributes, column) ? sample.attributes[column] : undefined;
}

/** Names of all columns of a dataset, as {@link columnValue} takes them. */
export function columnNames(dataset: Dataset): string[] {
  const { label, patient, split, mask } = dataset.columns;
  const roles = [label, patient, split, mask].filter((name) => name !== undefined);
  return [...new Set([FILE_NAME, ...roles, ...Object.keys(dataset.samples[0]?.attributes ?? {})])];
}

/** Keeps the samples for which every `COL=VALUE` holds. @throws GanglionError `usage` or `dataset` */
function applyFilters(dataset: Dataset, where: readonly string[]): Dataset {
  if (where.length === 0) return dataset;
  let samples = dataset.samples;
  for (const filter of where) {
    const equals = filter.indexOf("=");
    if (equals < 1) {
      throw new GanglionError("usage", `--where ${quoted(filter)}: a filter is COL=VALUE, e.g. sex=female`);
    }
    const column = filter.slice(0, equals);
    const names = columnNames(dataset);
    if (!names.includes(column)) {
      const message = `--where ${named(filter)}: there is no column ${quoted(column)}; the columns are ${listed(names)}`;
      throw new GanglionError("dataset", message);
    }
    const text = filter.slice(equals + 1);
    const value = column === dataset.columns.split ? normaliseSplit(text) : text;
    // 0, no and false are one value of the column `synthetic`, whichever the filter and the cell say.
    const wanted = column === SYNTHETIC ? parseSynthetic(value) : null;
    const kept = samples.filter((sample) => {
      const cell = columnValue(dataset, sample, column) ?? "";
      return wanted === null ? cell.trim() === value.trim() : parseSynthetic(cell) === wanted;
    });
    if (kept.length === 0) {
      const there = [...new Set(samples.map((sample) => columnValue(dataset, sample, column) ?? ""))].sort();
      const shown = there.slice(0, 12).map((v) => quoted(v));
      if (there.length > 12) shown.push(`${there.length - 12} more`);
      throw new GanglionError(
        "dataset",
        `--where ${named(filter)}: no image is left; values of ${named(column)} are ${shown.join(", ")}`,
      );
    }
    samples = kept;
  }
  const notes = [...dataset.notes, `kept ${samples.length} of ${dataset.samples.length} images (${where.join(", ")})`];
  return { ...dataset, samples, classes: sortClasses(samples.map((sample) => sample.label)), notes };
}

/** Looks at up to eight images: 12-bit values stored in 16 bits come out nearly black, which is said and not corrected. */
async function darkGreyNote(dataset: Dataset): Promise<string[]> {
  if (dataset.kind === "npz") return [];
  const wanted = Math.min(8, dataset.samples.length);
  const picked = Array.from({ length: wanted }, (_, i) => Math.floor((i * dataset.samples.length) / wanted));
  let highest = 0;
  for (const index of picked) {
    // A damaged file is reported by whoever decodes it; here it says nothing about the range.
    const found = await decodeGrey16Maximum(dataset.root, dataset.samples[index].fileName, dataset.links).catch(
      () => null,
    );
    if (found === null) return [];
    highest = Math.max(highest, found);
  }
  if (highest >= 4096) return [];
  return [
    `16-bit grey images reach only ${highest} of 65535 and come out nearly black; import them with --window ${Math.ceil(highest / 2)},${highest + 1}`,
  ];
}

/** SHA-256 of the content of each sample: that of its file, of its pixels for an `.npz`. @throws GanglionError `files` */
export function contentHashes(dataset: Dataset): Promise<string[]> {
  return mapLimited(dataset.samples, 4, async (sample, index) => {
    if (dataset.kind === "npz") return pixelHash(await readImage(dataset, index));
    return hashInside(dataset.root, sample.fileName, dataset.links ?? "follow");
  });
}

/** The same as {@link datasetHash}, of samples whose contents are known. @param contents As {@link contentHashes} gives them. */
export function samplesHash(samples: readonly Sample[], contents: readonly string[]): string {
  const lines = samples.map((sample, i) => JSON.stringify([sample.fileName, sample.label, contents[i]]));
  const hash = createHash("sha256");
  for (const line of lines.sort()) hash.update(`${line}\n`);
  return hash.digest("hex");
}

/**
 * SHA-256 that names the content of a dataset: over lines `file name, label, content hash`, sorted by file name.
 * The content hash is that of the file, of the pixels for an `.npz`; notes, order and further columns do not count.
 */
export async function datasetHash(dataset: Dataset): Promise<string> {
  return samplesHash(dataset.samples, await contentHashes(dataset));
}

/** Name of a dataset for people: that of its folder or archive. */
export function datasetName(dataset: Dataset): string {
  return basename(dataset.root).replace(/\.npz$/i, "");
}
