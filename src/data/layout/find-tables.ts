import { GanglionError } from "../../core/errors.ts";
import { foreignMessage, standIn } from "../../core/foreign-bytes.ts";
import { type Links, readInside, readStartInside } from "../../core/inside-folder.ts";
import { listed, named, quoted } from "../../core/quoted.ts";
import { findColumn } from "../columns.ts";
import { COMMON_NAMES, plainName } from "../table/column-names.ts";
import { parseTable, type Table, withoutHeader } from "../table/table.ts";
import { unpackStart, unpackWhole } from "../table/unpack.ts";
import type { FileIndex } from "./file-index.ts";
import { imageKind } from "./image-kinds.ts";

const MAX_TABLE_BYTES = 256 * 2 ** 20;
/** Bytes at the beginning of a table by which it is told whether it speaks of the images. */
const PEEK_BYTES = 256 * 2 ** 10;
/** Tables that are looked at; a folder with more holds something else, as one csv of coordinates an image. */
const MOST_TABLES = 40;
/** Rows looked at. */
const ROWS = 300;

/** A table that names images, and the column in which it does. */
export interface ImageTable {
  readonly table: Table;
  readonly file: string;
  /** Folder of the table, empty for the root. */
  readonly base: string;
}

/** Reads and parses a whole table. @throws GanglionError `dataset` or `files` */
export async function readTable(root: string, path: string, links: Links): Promise<Table> {
  const bytes = await readInside(root, path, links);
  if (bytes.length > MAX_TABLE_BYTES) {
    throw new GanglionError(
      "dataset",
      `${root}/${path}: the file is longer than 256 MiB, the most that is read; split the set`,
    );
  }
  const unpacked = await unpackWhole(bytes, path, MAX_TABLE_BYTES);
  const foreign = standIn(unpacked);
  if (foreign !== null && foreign.code !== "empty-file") {
    const problem = { code: foreign.code, path, message: foreignMessage(foreign) };
    throw new GanglionError("dataset", `${root}/${path}: ${problem.message}`, { problems: [problem] });
  }
  return parseTable(unpacked, path);
}

export const folderOf = (path: string): string => path.split("/").slice(0, -1).join("/");

/** Rows spread evenly over a table, at most {@link ROWS}. */
function someRows({ rows }: Table): (readonly string[])[] {
  const step = Math.max(1, Math.floor(rows.length / ROWS));
  return rows.filter((_, i) => i % step === 0).slice(0, ROWS);
}

interface Share {
  readonly name: string;
  /** Place among the known names, negative for others. */
  readonly rank: number;
  /** Share of the cells that name a file. */
  readonly share: number;
  /** Share of the cells that name one file alone. */
  readonly clear: number;
  readonly distinct: number;
}

/** How far each column of a table names files. */
function sharesOf(table: Table, base: string, index: FileIndex): Share[] {
  const rows = someRows(table);
  return table.header.map((name, i) => {
    const cells = rows.map((row) => row[i]!).filter((cell) => cell.trim() !== "");
    // A way out of the folder names none of its files.
    const fits = cells.map((cell) => (/^\.\.[\\/]/.test(cell) ? 0 : index.find(cell, base).paths.length));
    const part = (n: number) => (cells.length === 0 ? 0 : n / cells.length);
    return {
      name,
      rank: COMMON_NAMES.file.indexOf(plainName(name)),
      share: part(fits.filter((n) => n > 0).length),
      clear: part(fits.filter((n) => n === 1).length),
      distinct: new Set(cells).size / Math.max(1, cells.length),
    };
  });
}

/** Columns besides `file` that name other images, as the photograph beside the dermoscopy of a case. */
function otherFileColumns(table: Table, file: string, base: string, index: FileIndex): string[] {
  const rows = someRows(table);
  const at = table.header.indexOf(file);
  const first = (cell: string) => index.find(cell, base).paths[0];
  return sharesOf(table, base, index)
    .filter(({ name, share, distinct }) => name !== file && share > 0.8 && distinct > 0.1)
    .filter(({ name }) => {
      const own = table.header.indexOf(name);
      return (
        rows.filter((row) => row[own]!.trim() !== "" && first(row[own]!) !== first(row[at]!)).length > rows.length / 2
      );
    })
    .map(({ name }) => name);
}

/**
 * The column that names the images: of those with known names the one whose cells are files most often, else one in which
 * nearly every cell is a file; null where none is.
 */
export function fileColumn(table: Table, base: string, index: FileIndex): string | null {
  const shares = sharesOf(table, base, index);
  const known = shares.filter(({ rank, share }) => rank >= 0 && share > 0);
  // Names that fit one file each come before names that fit several alike.
  const better = (a: Share, b: Share) => [b.share - a.share, b.clear - a.clear].find((by) => Math.abs(by) > 0.05);
  known.sort((a, b) => better(a, b) ?? a.rank - b.rank);
  const others = shares.filter(({ rank, share, distinct }) => rank < 0 && share > 0.8 && distinct > 0.1);
  others.sort((a, b) => better(a, b) ?? 0);
  const [best] = known;
  if (best !== undefined && (best.share > 0.5 || others.length === 0)) return best.name;
  return others[0]?.name ?? best?.name ?? null;
}

/** Ids that are no mere number, which names of files could fit by chance. */
const isTelling = (cell: string): boolean => cell.length >= 4 && /\d/.test(cell) && /[^\d.,\s]/.test(cell);

/**
 * The table without its header where that names an image itself, with its ending or as an id. Of two columns the one that names
 * no images is the label where some value comes again.
 */
export function headed(table: Table, index: FileIndex): Table {
  const names = (cell: string) => (imageKind(cell) !== null || isTelling(cell)) && index.knows(cell);
  const first = table.header.findIndex(names);
  if (first < 0) return table;
  const own = withoutHeader(table);
  if (own.header.length !== 2) return own;
  const labels = own.rows.map((row) => row[1 - first]!.trim());
  if (labels.some((cell) => cell !== "" && index.knows(cell))) return own;
  const header = own.header.map((name, i) => (i === first ? name : "label"));
  return new Set(labels).size < Math.max(3, labels.length) ? { ...own, header } : own;
}

/** Made-up labels that competitions hand out to show a form. */
const SAMPLE_SUBMISSION = /sample[-_ ]?submission|submission[-_ ]?(sample|format)/i;

/**
 * The tables of a folder that name its images, those that name none, and what is to be said of them.
 * @param paths Tables of the folder.
 * @param stated Column of the files that somebody named.
 */
export async function findTables(
  root: string,
  paths: readonly string[],
  index: FileIndex,
  stated: string | undefined,
  links: Links,
): Promise<{ tables: ImageTable[]; unrelated: string[]; notes: string[] }> {
  const tables: ImageTable[] = [];
  const unrelated: string[] = [];
  const notes: string[] = [];
  // The outermost come first: they speak of the whole set.
  const ordered = [...paths].sort((a, b) => a.split("/").length - b.split("/").length);
  if (ordered.length > MOST_TABLES)
    notes.push(`of ${ordered.length} tables only ${MOST_TABLES} are looked at; name one with --table FILE`);
  for (const path of ordered.slice(0, MOST_TABLES)) {
    if (SAMPLE_SUBMISSION.test(path)) {
      notes.push(
        `table ${named(path)} is a sample of a submission by its name and is left out; use it with --table ${quoted(path)}`,
      );
      continue;
    }
    const base = folderOf(path);
    const start = await unpackStart(await readStartInside(root, path, PEEK_BYTES, links), path, PEEK_BYTES);
    const whole = start.length < PEEK_BYTES ? start : start.subarray(0, start.lastIndexOf(10) + 1);
    const peeked = await peek(whole, path, index);
    if (
      peeked === null ||
      (stated === undefined ? fileColumn(peeked, base, index) : findColumn(peeked.header, stated)) === null
    ) {
      unrelated.push(path);
      continue;
    }
    const table = headed(await readTable(root, path, links), index);
    const file = stated === undefined ? fileColumn(table, base, index) : findColumn(table.header, stated);
    if (file === null || file === undefined) unrelated.push(path);
    else {
      tables.push({ table, file, base });
      const others = stated === undefined ? otherFileColumns(table, file, base, index) : [];
      if (others.length > 0)
        notes.push(
          `${path}: columns ${listed([file, ...others])} name images, and those of ${named(file)} are taken; --file ${quoted(others[0]!)} takes others`,
        );
    }
  }
  return { tables, unrelated, notes };
}

/** A table by its beginning; null where that is no text. */
async function peek(bytes: Uint8Array, path: string, index: FileIndex): Promise<Table | null> {
  try {
    return headed(parseTable(bytes, path), index);
  } catch (cause) {
    if (cause instanceof GanglionError && cause.code === "dataset") return null;
    throw cause;
  }
}
