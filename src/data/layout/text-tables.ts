import { type Links, readInside } from "../../core/inside-folder.ts";
import type { Table } from "../table/table.ts";
import type { FileIndex } from "./file-index.ts";
import { folderOf, type ImageTable } from "./find-tables.ts";
import { splitOfTable } from "./unite-tables.ts";

/** Longest text that is looked at, bytes, and how many texts are; a folder with more holds one for each image. */
const MAX_BYTES = 32 * 2 ** 20;
const MOST_TEXTS = 40;
/** Share of the lines that must name an image. */
const MOST = 0.5;

/** What separates the cells of a text, the most telling first. */
const SEPARATORS: readonly (readonly [name: string, separator: RegExp])[] = [
  ['"||"', /\s*\|\|\s*/],
  ["tabs", /\t+/],
  ["commas or semicolons", /\s*[,;]\s*/],
  ["spaces", / +/],
];

interface Line {
  readonly number: number;
  readonly cells: readonly string[];
}

const isText = (path: string): boolean => /\.(txt|lst)$/i.test(path);

/** Cells that may name an image: ids and names, no mere numbers. */
const isName = (cell: string): boolean => /[^\d.\s-]/.test(cell);

/** The lines of a text as a table, where most of them name an image and say something of it; null for another text. */
function parseText(text: string, path: string, index: FileIndex): Table | null {
  // One line may be of any text, unless its name says that it is the list of a split.
  const least = splitOfTable(path) === undefined ? 2 : 1;
  const all = text.split(/\r\n|\n|\r/);
  for (const [name, separator] of SEPARATORS) {
    const lines = all.flatMap((line, i): Line[] => {
      const cells = line
        .trim()
        .split(separator)
        .map((cell) => cell.trim());
      // A separator at both ends, as in a drawn table.
      const own = cells.slice(cells[0] === "" ? 1 : 0, cells.at(-1) === "" && cells.length > 1 ? -1 : undefined);
      return own.length === 0 || line.trim() === "" ? [] : [{ number: i + 1, cells: own }];
    });
    const width = Math.max(0, ...lines.slice(0, 1000).map(({ cells }) => cells.length));
    for (let at = 0; at < Math.min(width, 4); at++) {
      const found = lines.filter(({ cells }) => isName(cells[at] ?? "") && index.knows(cells[at]!));
      const told = found.filter(({ cells }) => cells.length > 1);
      if (found.length < least || found.length < MOST * lines.length || told.length < found.length) continue;
      return tableOf(path, name, lines, found);
    }
  }
  return null;
}

function tableOf(path: string, separator: string, lines: readonly Line[], found: readonly Line[]): Table {
  const width = found.reduce((most, { cells }) => Math.max(most, cells.length), 0);
  const before = lines.filter(({ number }) => number < found[0]!.number).at(-1);
  const header = before?.cells.length === width && new Set(before.cells).size === width ? before.cells : null;
  return {
    path,
    header: header ?? Array.from({ length: width }, (_, i) => `column_${i + 1}`),
    rows: found.map(({ cells }) => Array.from({ length: width }, (_, i) => cells[i] ?? "")),
    lines: found.map(({ number }) => number),
    notes: [
      `${path}: the text is read as a table, cells separated by ${separator}${header === null ? `; it has no header, the columns are column_1 to column_${width}` : ""}`,
    ],
    problems: [],
  };
}

/** Of two columns without a name the one that does not name the images is the label, where some value comes again. */
function withLabel(table: Table, { file }: Pick<ImageTable, "file">): Table {
  const { header, rows } = table;
  const other = header.findIndex((name) => name !== file);
  if (header[0] !== "column_1" || header.length !== 2) return table;
  const distinct = new Set(rows.map((row) => row[other]!)).size;
  if (rows.length > 2 && distinct === rows.length) return table;
  return { ...table, header: header.map((name, i) => (i === other ? "label" : name)) };
}

/**
 * Texts that are tables of the images: lists of file and class (DDR, COVIDx), of ids and findings (MIAS). One for each split, or
 * one alone; where several speak of one split, as the lists of classes of PASCAL VOC, none is taken.
 * @param paths Files of a folder, of which texts are read.
 */
export async function findTextTables(
  root: string,
  paths: readonly string[],
  index: FileIndex,
  links: Links,
): Promise<ImageTable[]> {
  const texts = paths.filter(isText);
  if (texts.length > MOST_TEXTS) return [];
  const bySplit = new Map<string | undefined, Table[]>();
  for (const path of texts) {
    const table = await readText(root, path, index, links);
    if (table === null) continue;
    const split = splitOfTable(path);
    bySplit.set(split, [...(bySplit.get(split) ?? []), table]);
  }
  const ofSplits = [...bySplit].filter(([split]) => split !== undefined).map(([, tables]) => tables);
  const chosen = ofSplits.length > 1 ? ofSplits : [bySplit.get(undefined) ?? ofSplits[0] ?? []];
  if (chosen.some((tables) => tables.length !== 1)) return [];
  return chosen.map(([table]) => asImageTable(table!, index));
}

/** A text that is a table of the images; null where it is none, or cannot be read. */
export async function readText(root: string, path: string, index: FileIndex, links: Links): Promise<Table | null> {
  const bytes = isText(path) ? await readInside(root, path, links).catch(() => null) : null;
  if (bytes === null || bytes.length > MAX_BYTES) return null;
  return parseText(bytes.toString("utf8").replace(/^\ufeff/, ""), path, index);
}

/** The column of a text in which its images are. */
export function asImageTable(table: Table, index: FileIndex): ImageTable {
  const at = table.header.findIndex((_, i) => table.rows.every((row) => isName(row[i]!) && index.knows(row[i]!)));
  const file = table.header[at]!;
  return { table: withLabel(table, { file }), file, base: folderOf(table.path) };
}
