import { GanglionError } from "../../core/errors.ts";
import { foreignMessage, standIn } from "../../core/foreign-bytes.ts";
import { type Links, readInside, readStartInside } from "../../core/inside-folder.ts";
import { listed, named, quoted } from "../../core/quoted.ts";
import { findColumn } from "../columns.ts";
import { COMMON_NAMES, plainName } from "../table/column-names.ts";
import { parseTable, type Table, withoutHeader } from "../table/table.ts";
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
  const foreign = standIn(bytes);
  if (foreign !== null && foreign.code !== "empty-file") {
    const problem = { code: foreign.code, path, message: foreignMessage(foreign) };
    throw new GanglionError("dataset", `${root}/${path}: ${problem.message}`, { problems: [problem] });
  }
  return parseTable(bytes, path);
}

export const folderOf = (path: string): string => path.split("/").slice(0, -1).join("/");

/** Rows spread evenly over a table, at most {@link ROWS}. */
function someRows({ rows }: Table): (readonly string[])[] {
  const step = Math.max(1, Math.floor(rows.length / ROWS));
  return rows.filter((_, i) => i % step === 0).slice(0, ROWS);
}

/**
 * The column that names the images: of those with known names the one whose cells are files most often, else one in which
 * nearly every cell is a file; null where none is.
 */
export function fileColumn(table: Table, base: string, index: FileIndex): string | null {
  const rows = someRows(table);
  const shares = table.header.map((name, i) => {
    const cells = rows.map((row) => row[i]!).filter((cell) => cell.trim() !== "");
    const found = cells.filter((cell) => index.find(cell, base).paths.length > 0).length;
    const rank = COMMON_NAMES.file.indexOf(plainName(name));
    return {
      name,
      rank,
      share: cells.length === 0 ? 0 : found / cells.length,
      distinct: new Set(cells).size / Math.max(1, cells.length),
    };
  });
  const known = shares.filter(({ rank, share }) => rank >= 0 && share > 0);
  known.sort((a, b) => (Math.abs(b.share - a.share) > 0.05 ? b.share - a.share : a.rank - b.rank));
  const others = shares.filter(({ rank, share, distinct }) => rank < 0 && share > 0.8 && distinct > 0.1);
  others.sort((a, b) => b.share - a.share);
  const [best] = known;
  if (best !== undefined && (best.share > 0.5 || others.length === 0)) return best.name;
  return others[0]?.name ?? best?.name ?? null;
}

/** The table without its header where that names an image itself. */
export function headed(table: Table, index: FileIndex): Table {
  return table.header.some((cell) => imageKind(cell) !== null && index.knows(cell)) ? withoutHeader(table) : table;
}

/** Made-up labels that competitions hand out to show a form. */
const SAMPLE_SUBMISSION = /sample[-_ ]?submission|submission[-_ ]?(sample|format)/i;

/**
 * The tables of a folder that name its images, and why the others are left out.
 * @param paths Tables of the folder.
 * @param stated Column of the files that somebody named.
 */
export async function findTables(
  root: string,
  paths: readonly string[],
  index: FileIndex,
  stated: string | undefined,
  links: Links,
): Promise<{ tables: ImageTable[]; notes: string[] }> {
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
    const start = await readStartInside(root, path, PEEK_BYTES, links);
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
    else tables.push({ table, file, base });
  }
  if (unrelated.length > 0) {
    notes.push(`tables that name none of the images are left out: ${listed(unrelated)}`);
  }
  return { tables, notes };
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
