import { GanglionError } from "../core/errors.ts";
import { listed, named, quoted } from "../core/quoted.ts";
import { FILE_NAME, METADATA } from "./columns.ts";
import { contentHashes, samplesHash } from "./content-hash.ts";
import { withoutLeftOut } from "./left-out.ts";
import { normaliseSplit, sortClasses } from "./names.ts";
import { IMPORT_FIRST, type Place, type ReaderOptions } from "./readers/reader.ts";
import { placeOf, recognise } from "./readers/recognise.ts";
import { READERS } from "./readers/registry.ts";
import { withRunSplit } from "./split/run-split.ts";
import { readSplitTable, splitFilePlace, withSplit } from "./split/split-file.ts";
import { parseSynthetic, SYNTHETIC } from "./synthetic-column.ts";
import type { Dataset, Sample } from "./types.ts";

/** What {@link readDataset} needs to know besides the path. */
export interface ReadOptions extends ReaderOptions {
  /** Filters `COL=VALUE` or `COL!=VALUE`; a sample is kept when all hold. Defaults to none. */
  readonly where?: readonly string[] | undefined;
  /** Text file that names images which are left out, one a line. Defaults to none. */
  readonly leaveOut?: string | undefined;
  /**
   * Folder of a run: the split that it keeps of this dataset counts. Images that it neither trained on nor held out are left
   * out. Defaults to none.
   */
  readonly run?: string | undefined;
}

/**
 * Lists and checks a dataset of any kind that a reader recognises (`readers/registry.ts`). Guesses are said in `notes`;
 * pixels are decoded later.
 * @throws GanglionError `dataset` or `archive` that lists every problem found, `files` when the path cannot be read, `usage` for
 * `where` or `leaveOut` that do not fit.
 */
export async function readDataset(path: string, options: ReadOptions = {}): Promise<Dataset> {
  const place = await placeOf(path);
  const found = await recognise(place);
  if (found === null || (place.isFolder && place.names.length === 0)) throw unreadable(place);
  if ("remedy" in found) {
    const { root } = place;
    const problems = [{ code: IMPORT_FIRST, path: root, message: found.remedy.replace(`${root}: `, "") }];
    throw new GanglionError("dataset", found.remedy, { problems });
  }
  const dataset = await found.read(options);
  const { links } = options;
  const split = await splitOf(dataset, options);
  const linked = links === undefined ? split : { ...split, links };
  const kept = options.leaveOut === undefined ? linked : await withoutLeftOut(linked, options.leaveOut);
  const filtered = applyFilters(kept, options.where ?? []);
  return { ...filtered, notes: [...filtered.notes, ...(await filtered.reader.notes(filtered))] };
}

/** The dataset with the split that its run keeps, or that `ganglion split` wrote for it unless a column was named. */
async function splitOf(dataset: Dataset, { links, split, run }: ReadOptions): Promise<Dataset> {
  const kept = run === undefined ? null : await withRunSplit(dataset, run);
  if (kept !== null) return kept;
  if (split !== undefined) return dataset;
  const { folder, name } = await splitFilePlace(dataset.root);
  const table = await readSplitTable(folder, name, links);
  return table === null ? dataset : withSplit(dataset, table);
}

function unreadable({ root, isFolder }: Place): GanglionError {
  const files = READERS.flatMap(({ file }) => file ?? []).join(" or ");
  const message = isFolder
    ? `${root}: the folder is empty; give a folder with ${METADATA}, or with one sub-folder of images for each class`
    : `${root} is a file of a kind that is not read; give a folder of images or ${files}`;
  return new GanglionError("dataset", message);
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

/** Filters that a note names; of more it says how many. */
const SHOWN_FILTERS = 5;

/** Keeps the samples for which every `COL=VALUE` and `COL!=VALUE` holds. @throws GanglionError `usage` or `dataset` */
export function applyFilters(dataset: Dataset, where: readonly string[]): Dataset {
  if (where.length === 0) return dataset;
  let samples = dataset.samples;
  for (const filter of where) {
    const equals = filter.indexOf("=");
    if (equals < 1) {
      throw new GanglionError("usage", `--where ${quoted(filter)}: a filter is COL=VALUE, e.g. sex=female`);
    }
    const unequal = filter[equals - 1] === "!" && equals > 1;
    const column = filter.slice(0, unequal ? equals - 1 : equals);
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
      const same = wanted === null ? cell.trim() === value.trim() : parseSynthetic(cell) === wanted;
      return same !== unequal;
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
  const by = where.length > SHOWN_FILTERS ? `${where.length} filters` : where.join(", ");
  const notes = [...dataset.notes, `kept ${samples.length} of ${dataset.samples.length} images (${by})`];
  return { ...dataset, samples, classes: sortClasses(samples.map((sample) => sample.label)), notes };
}

/**
 * SHA-256 that names the content of a dataset: over lines `file name, label, content hash`, sorted by file name.
 * The content hash is that of the file, of the pixels where it has none; notes, order and further columns do not count.
 */
export async function datasetHash(dataset: Dataset): Promise<string> {
  return samplesHash(dataset.samples, await contentHashes(dataset));
}

/** Name of a dataset for people: that of its folder or file. */
export function datasetName(dataset: Dataset): string {
  return dataset.reader.titleOf(dataset.root);
}
