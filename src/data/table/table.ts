import type { Problem } from "../../core/errors.ts";
import { listed, named, quoted } from "../../core/quoted.ts";
import { splitRecords } from "../csv.ts";
import { DELIMITER_NAMES, type Delimiter, findDelimiter } from "./delimiter.ts";
import { parseJsonLines } from "./json-lines.ts";
import { decodeText } from "./text-encoding.ts";

/** A table as it was understood; every row has as many cells as the header. */
export interface Table {
  /** Path from the dataset folder, for messages. */
  readonly path: string;
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Line of the file at which each row starts, counted from 1. */
  readonly lines: readonly number[];
  /** What was found of its form and is no rule: encoding, separator, columns that were dropped. */
  readonly notes: readonly string[];
  readonly problems: readonly Problem[];
}

/** Files that may be tables of images, by their endings, `.tab` as of Dataverse among them; gzip around one is unpacked. */
export const TABLE_NAME = /\.(csv|tsv|tab|jsonl|ndjson)(\.gz)?$|(^|[-_ /])metadata$/i;
/** Whether a table is one JSON object a line, by its ending. */
export const isJsonLines = (path: string): boolean => /\.(jsonl|ndjson)(\.gz)?$/i.test(path);

const isInteger = (cell: string): boolean => /^\d+(\.0+)?$/.test(cell.trim());

/** Rows 0, 1, 2 ... or 1, 2, 3 ...: the index that `DataFrame.to_csv` writes first, under no name. */
function isIndex(cells: readonly string[]): boolean {
  return cells.every((cell) => isInteger(cell)) && new Set(cells.map(Number)).size === cells.length;
}

interface Grid {
  header: string[];
  rows: string[][];
  lines: number[];
}

const withoutColumns = ({ header, rows, lines }: Grid, drop: ReadonlySet<number>): Grid => ({
  header: header.filter((_, i) => !drop.has(i)),
  rows: rows.map((row) => row.filter((_, i) => !drop.has(i))),
  lines,
});

/** Drops columns without a name: an index of rows, and empty ones; the others get a name. Equal columns of one name are one. */
function nameColumns(grid: Grid, path: string, notes: string[], problems: Problem[]): Grid {
  const drop = new Set<number>();
  let empty = 0;
  const header = grid.header.map((name, i) => {
    if (name !== "") return name;
    const cells = grid.rows.map((row) => row[i]!);
    if (cells.every((cell) => cell.trim() === "")) {
      empty++;
      drop.add(i);
    } else if (i === 0 && isIndex(cells)) {
      notes.push(`${path}: the first column has no name and numbers the rows; it is left out`);
      drop.add(i);
    } else {
      notes.push(`${path}: column ${i + 1} has no name and is called unnamed_${i + 1}`);
      return `unnamed_${i + 1}`;
    }
    return name;
  });
  if (empty > 0) notes.push(`${path}: ${empty} empty columns without a name (trailing separators) are left out`);
  header.forEach((name, i) => {
    const first = header.indexOf(name);
    if (drop.has(i) || first === i) return;
    if (grid.rows.every((row) => row[first] === row[i])) {
      drop.add(i);
      notes.push(`${path}: column ${named(name)} is there twice with the same cells; one is kept`);
    } else {
      const message = `two columns are called ${quoted(name)}; rename one of them`;
      problems.push({ code: "csv-header", path: `${path}:1`, message });
    }
  });
  return withoutColumns({ ...grid, header }, drop);
}

const DECIMAL_COMMA = /^\s*[-+]?\d+,\d+\s*$/;
const NUMBER = /^\s*[-+]?\d+(,\d+)?\s*$/;

/** Numbers with a decimal comma, where commas do not separate cells, get a point. */
function pointDecimals(grid: Grid, path: string, notes: string[]): void {
  const changed = grid.header.filter((_, i) => {
    const cells = grid.rows.map((row) => row[i]!).filter((cell) => cell.trim() !== "");
    if (!cells.some((cell) => DECIMAL_COMMA.test(cell)) || !cells.every((cell) => NUMBER.test(cell))) return false;
    for (const row of grid.rows) row[i] = row[i]!.replace(",", ".");
    return true;
  });
  if (changed.length > 0) notes.push(`${path}: decimal commas in ${listed(changed)} are read as points`);
}

function parseDelimited(text: string, path: string, notes: string[], problems: Problem[]): Grid {
  const { delimiter, skip } = findDelimiter(text);
  const { records } = splitRecords(text.slice(skip), path, problems, delimiter, skip > 0 ? 2 : 1);
  const [first, ...rest] = records;
  if (first === undefined) {
    const message = "the file has no header line; the first line must name the columns, file_name first";
    if (problems.length === 0) problems.push({ code: "csv-empty", path, message });
    return { header: [], rows: [], lines: [] };
  }
  if (delimiter !== ",") notes.push(`${path}: cells are separated by ${DELIMITER_NAMES[delimiter]}`);
  const header = first.cells.map((name) => name.trim());
  const rows: string[][] = [];
  const lines: number[] = [];
  let trailing = 0;
  for (const { line, cells } of rest) {
    let own = cells;
    // Separators at the end of a row that the header does not have.
    while (own.length > header.length && own.at(-1)!.trim() === "") own = own.slice(0, -1);
    if (own.length !== cells.length) trailing++;
    if (own.length === header.length) {
      rows.push(own);
      lines.push(line);
    } else problems.push(ragged(own.length, header.length, `${path}:${line}`, delimiter));
  }
  if (trailing > 0)
    notes.push(`${path}: ${trailing} rows end with separators that the header does not have; they are left out`);
  const grid = nameColumns({ header, rows, lines }, path, notes, problems);
  if (delimiter !== ",") pointDecimals(grid, path, notes);
  return grid;
}

function ragged(cells: number, columns: number, path: string, delimiter: Delimiter): Problem {
  const message = `the row has ${cells} cells where the header has ${columns} columns; add or remove ${DELIMITER_NAMES[delimiter]}, and quote cells that contain one`;
  return { code: "csv-ragged", path, message };
}

/**
 * Reads a table: csv with commas, semicolons or tabs, or one JSON object a line. Encoding and separator are found and said;
 * rows that do not fit the header are problems.
 * @param path Path from the dataset folder; its ending says whether it is JSON lines.
 * @throws GanglionError `dataset` for bytes that are no text
 */
export function parseTable(bytes: Uint8Array, path: string): Table {
  const { text, detected } = decodeText(bytes, path);
  const notes =
    detected === null ? [] : [`${path}: the text was read as ${detected}; save it as UTF-8 if accents look wrong`];
  const problems: Problem[] = [];
  if (isJsonLines(path)) {
    const { problems: own, ...grid } = parseJsonLines(text, path);
    return { path, ...grid, notes, problems: own };
  }
  const grid = parseDelimited(text, path, notes, problems);
  return { path, ...grid, notes, problems };
}

/** A table whose first line is no header but a row: its columns are called `column_1`, `column_2` ... */
export function withoutHeader({ path, header, rows, lines, notes, problems }: Table): Table {
  return {
    path,
    header: header.map((_, i) => `column_${i + 1}`),
    rows: [header, ...rows],
    lines: [1, ...lines],
    notes: [
      ...notes,
      `${path}: the first line names an image, so there is no header; the columns are column_1 to column_${header.length}`,
    ],
    problems,
  };
}
