import { type FileHandle, mkdir, open, readdir, rename, rm, rmdir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { GanglionError, type Problem } from "../core/errors.ts";
import { fileError, joinInside, writeFileAtomic, writeJson } from "../core/files.ts";
import { makeFolder } from "../core/make-folder.ts";
import { temporaryBeside } from "../core/scratch/temporary-beside.ts";
import { DESCRIPTION, FILE_NAME, METADATA } from "./columns.ts";
import { formatCsvRow } from "./csv.ts";
import { imageFormat } from "./decode/format.ts";
import { encodePng } from "./image.ts";
import { readAsMissing } from "./table/missing-labels.ts";
import type { Columns, RawImage } from "./types.ts";

/** A picture to write: pixels, written as PNG, or the bytes of a PNG or JPEG, written as they are. */
export type OutputImage = RawImage | Uint8Array;

/** One image of a dataset to write. */
export interface OutputRow {
  /** Path within the dataset with forward slashes, e.g. `images/000001.png`. */
  readonly fileName: string;
  readonly image: OutputImage;
  /** Written too; its path goes to the mask column. Defaults to none. */
  readonly mask?: { readonly fileName: string; readonly image: OutputImage };
  /** Further cells of `metadata.csv` by column. */
  readonly columns: Readonly<Record<string, string | number>>;
}

/** What `dataset.json` says: the columns by role, and words for people. */
export interface OutputDescription extends Columns {
  /** Values of the masks that are inside. Defaults to what a reader finds. */
  readonly maskValues?: readonly number[];
  readonly license?: string;
  readonly name?: string;
  readonly notes?: string | readonly string[];
}

/** Content of a further file, or a function that makes it (in pieces if it is long) after the last row. */
export type ExtraFile =
  | string
  | Uint8Array
  | (() => string | Uint8Array | Iterable<string> | AsyncIterable<string> | Promise<Uint8Array>);

/** What {@link writeDataset} writes. */
export interface WriteOptions {
  readonly rows: AsyncIterable<OutputRow> | Iterable<OutputRow>;
  readonly description: OutputDescription;
  /** Further files by their path in the folder, e.g. `provenance.jsonl`. Defaults to none. */
  readonly extraFiles?: Readonly<Record<string, ExtraFile>>;
}

/** What was written. */
export interface WrittenDataset {
  /** Absolute path of the folder. */
  readonly folder: string;
  readonly images: number;
  readonly masks: number;
  /** Columns of `metadata.csv` in order. */
  readonly columns: readonly string[];
}

/** Images encoded and written at the same time. */
const IN_FLIGHT = 4;

/**
 * Words that Hugging Face `imagefolder` takes for a split when they stand alone in a path; one such name would hide all
 * other images from a reader.
 */
const SPLIT_WORD = /(^|[^a-z])(train|training|valid|validation|dev|val|test|testing|eval|evaluation)([^a-z]|$)/i;

/** True when a path holds a word that `imagefolder` loaders take for a split. */
export function holdsSplitWord(fileName: string): boolean {
  return SPLIT_WORD.test(fileName);
}

/** Column names that `imagefolder` loaders take for further images. */
const IMAGE_COLUMN = /_file_names?$/;

/**
 * Name of the mask column. Loaders decode a column `*_file_name` as images and fail at an empty cell, so that name is
 * kept only where every row has a mask; else the ending is dropped and the column is text to them.
 */
export function maskColumnName(wanted: string | undefined, everyRow: boolean): string {
  const name = wanted ?? "mask_file_name";
  return everyRow ? name : name.replace(IMAGE_COLUMN, "");
}

/** A further column under a name that loaders read as text: `raw_file_name` becomes `raw_path`. */
export function textColumnName(name: string): string {
  return name === FILE_NAME ? name : name.replace(IMAGE_COLUMN, "_path");
}

/** @throws GanglionError `files` unless `out` does not exist or is an empty folder. */
export async function refuseNonEmpty(out: string): Promise<void> {
  let names: string[];
  try {
    names = await readdir(out);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return;
    throw fileError("write", out, cause);
  }
  if (names.length === 0) return;
  const message = `${out} exists and is not empty (it holds ${names[0]}); choose another folder or remove it first`;
  throw new GanglionError("files", message);
}

/**
 * Writes an image folder that Ganglion and Hugging Face `datasets.load_dataset("imagefolder", data_dir=…)` read: images,
 * masks, `metadata.csv` with `file_name` first, `dataset.json` and further files. Everything is written to a folder
 * beside `out`, which takes its name at the end: there is a whole dataset or none.
 * @throws GanglionError `files` when `out` is not empty or cannot be written; `dataset` for a row that cannot be.
 */
export async function writeDataset(out: string, options: WriteOptions): Promise<WrittenDataset> {
  const folder = resolve(out);
  await refuseNonEmpty(folder);
  return fillFolder(folder, async (temporary) => {
    const written = await writeRows(temporary, options);
    const { columns, rows, masks } = written;
    await writeFileAtomic(join(temporary, METADATA), rows.join(""));
    await writeJson(join(temporary, DESCRIPTION), written.description);
    for (const [name, content] of Object.entries(options.extraFiles ?? {})) {
      await writeExtra(temporary, name, content);
    }
    return { folder, images: rows.length - 1, masks, columns };
  });
}

/**
 * Fills a folder under another name beside it, which takes its own at the end: there is a whole folder or none.
 * @param folder Absolute; it is not there or empty.
 * @throws GanglionError `files` when it cannot be written; what `fill` throws
 */
export async function fillFolder<T>(folder: string, fill: (temporary: string) => Promise<T>): Promise<T> {
  await makeFolder(dirname(folder)).catch((cause: unknown) => {
    throw fileError("write", folder, cause);
  });
  const temporary = temporaryBeside(folder);
  try {
    await mkdir(temporary.path);
    const result = await fill(temporary.path);
    await rmdir(folder).catch(() => undefined);
    await rename(temporary.path, folder);
    return result;
  } catch (cause) {
    await rm(temporary.path, { recursive: true, force: true }).catch(() => undefined);
    if (cause instanceof GanglionError) throw cause;
    if ((cause as NodeJS.ErrnoException).syscall !== undefined) throw fileError("write", folder, cause);
    throw cause;
  } finally {
    temporary.release();
  }
}

function rowError(row: string, code: string, message: string): GanglionError {
  const problem: Problem = { code, path: row, message };
  return new GanglionError("dataset", `${row}: ${message} [${code}]`, { problems: [problem] });
}

async function writeRows(temporary: string, { rows, description }: WriteOptions) {
  const kept: { fileName: string; mask: string | undefined; columns: OutputRow["columns"] }[] = [];
  const names = new Set<string>([METADATA, DESCRIPTION]);
  const columns = new Set<string>([FILE_NAME]);
  const folders = new Set<string>();
  const pending = new Set<Promise<void>>();
  let failed: { cause: unknown } | null = null;
  let masks = 0;

  const start = async (fileName: string, image: OutputImage) => {
    const path = joinInside(temporary, fileName);
    if (path === null || fileName.includes("\\")) {
      throw rowError(fileName, "path-outside", "the path leads out of the dataset folder; use a relative path");
    }
    if (names.has(fileName)) throw rowError(fileName, "duplicate-file", "two files have this name; rename one");
    names.add(fileName);
    if (holdsSplitWord(fileName)) {
      const message = "the path holds a word that loaders take for a split (train, test, …); use another name";
      throw rowError(fileName, "split-word", message);
    }
    const format = image instanceof Uint8Array ? imageFormat(image) : "png";
    const extension = format === "png" ? /\.png$/i : /\.jpe?g$/i;
    if ((format !== "png" && format !== "jpeg") || !extension.test(fileName)) {
      throw rowError(
        fileName,
        "image-format",
        `the image is ${format ?? "neither PNG nor JPEG"}; let the extension say so`,
      );
    }
    if (!folders.has(dirname(path))) await mkdir(dirname(path), { recursive: true });
    folders.add(dirname(path));
    const job = (async () => {
      const bytes = image instanceof Uint8Array ? image : await encodePng(image);
      await writeNew(path, [bytes]);
    })();
    const watched = job.catch((cause) => {
      failed ??= { cause };
    });
    pending.add(watched);
    void watched.finally(() => pending.delete(watched));
    if (pending.size >= IN_FLIGHT) await Promise.race(pending);
  };

  try {
    for await (const row of rows) {
      if (failed !== null) break;
      await start(row.fileName, row.image);
      if (row.mask !== undefined) {
        masks++;
        await start(row.mask.fileName, row.mask.image);
      }
      for (const name of Object.keys(row.columns)) {
        if (name !== FILE_NAME && !IMAGE_COLUMN.test(name)) columns.add(name);
        else throw rowError(row.fileName, "column-name", `column ${name} would be read as images; call it otherwise`);
      }
      kept.push({ fileName: row.fileName, mask: row.mask?.fileName, columns: row.columns });
    }
  } finally {
    await Promise.all(pending);
  }
  if (failed !== null) throw (failed as { cause: unknown }).cause;
  if (kept.length === 0) throw new GanglionError("dataset", "no image is to be written; ask for one at least");
  for (const role of ["label", "patient", "split", "tone"] as const) {
    const name = description[role];
    if (name === undefined || columns.has(name)) continue;
    throw rowError(METADATA, "missing-column", `no row has the column ${name}, which is to be the ${role}; add it`);
  }
  const maskColumn = maskColumnName(description.mask, masks === kept.length);
  if (masks > 0 && columns.has(maskColumn)) {
    throw rowError(
      METADATA,
      "column-name",
      `column ${maskColumn} is needed for the masks; call the other one otherwise`,
    );
  }
  const order = masks > 0 ? [FILE_NAME, maskColumn, ...[...columns].slice(1)] : [...columns];
  const lines = [formatCsvRow(order)];
  for (const { fileName, mask, columns: cells } of kept) {
    const value = (name: string) =>
      name === FILE_NAME
        ? fileName
        : masks > 0 && name === maskColumn
          ? (mask ?? "")
          : Object.hasOwn(cells, name)
            ? cells[name]!
            : "";
    lines.push(formatCsvRow(order.map(value)));
  }
  const { label } = description;
  const labels = label === undefined ? [] : kept.map((row) => String(row.columns[label] ?? ""));
  const said = {
    ...description,
    ...(masks > 0 ? { mask: maskColumn } : { mask: undefined }),
    // Labels that mean a missing one elsewhere are classes here.
    ...(readAsMissing(labels).length > 0 ? { missing: [] } : {}),
  };
  return { rows: lines, columns: order, masks, description: said };
}

/** Writes a file that does not exist yet, piece by piece, and flushes it. */
async function writeNew(path: string, pieces: Iterable<string | Uint8Array> | AsyncIterable<string>): Promise<void> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, "wx");
    for await (const piece of pieces) await file.writeFile(piece);
  } catch (cause) {
    throw cause instanceof GanglionError ? cause : fileError("write", path, cause);
  } finally {
    await file?.close();
  }
}

async function writeExtra(temporary: string, name: string, content: ExtraFile): Promise<void> {
  const path = joinInside(temporary, name);
  if (path === null)
    throw rowError(name, "path-outside", "the path leads out of the dataset folder; use a relative path");
  if (holdsSplitWord(name) || /(^|\/)metadata\.(csv|jsonl|parquet)$/.test(name)) {
    throw rowError(name, "split-word", "loaders take this file for a split or a second table; use another name");
  }
  const made = await (typeof content === "function" ? content() : content);
  await mkdir(dirname(path), { recursive: true });
  await writeNew(path, typeof made === "string" || made instanceof Uint8Array ? [made] : made);
}
