import { counted } from "../core/counted.ts";
import type { Problem } from "../core/errors.ts";
import { quoted } from "../core/quoted.ts";

/** A parsed table; every row has as many cells as the header, rows that do not are problems and left out. */
export interface CsvTable {
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Line of the file at which each row starts, counted from 1. */
  readonly lines: readonly number[];
  readonly problems: readonly Problem[];
}

/** One record of a csv file and the line it starts at. */
interface CsvRecord {
  readonly line: number;
  readonly cells: string[];
}

const QUOTE = 34;
const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

/** The records of a text. */
export interface CsvRecords {
  readonly records: CsvRecord[];
  /** What there is of a last record that ends within a quote, at the line of that quote; null where all are whole. */
  readonly open: CsvRecord | null;
}

/**
 * Splits text into records after RFC 4180 (section 2); LF, CRLF and CR end a line, quotes inside a cell double.
 * @param problems Stray quotes are added to it.
 * @param delimiter One character between cells. Defaults to the comma.
 * @param firstLine Number of the first line of the text in its file. Defaults to 1.
 */
export function splitRecords(
  text: string,
  path: string,
  problems: Problem[],
  delimiter = ",",
  firstLine = 1,
): CsvRecords {
  const separator = delimiter.charCodeAt(0);
  const records: CsvRecord[] = [];
  const end = text.length;
  let at = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  let line = firstLine;
  while (at < end) {
    const cells: string[] = [];
    const start = line;
    for (;;) {
      let cell = "";
      if (text.charCodeAt(at) === QUOTE) {
        const opened = line;
        at++;
        for (;;) {
          const close = text.indexOf('"', at);
          const part = text.slice(at, close < 0 ? end : close);
          for (let i = part.indexOf("\n"); i >= 0; i = part.indexOf("\n", i + 1)) line++;
          cell += part;
          if (close < 0) {
            const message = "a quote opens here and never closes; close it, or double a quote that is meant";
            problems.push({ code: "csv-quote", path: `${path}:${opened}`, message });
            return { records, open: { line: opened, cells: [...cells, cell] } };
          }
          at = close + 1;
          if (text.charCodeAt(at) !== QUOTE) break;
          cell += '"';
          at++;
        }
        const next = text.charCodeAt(at);
        if (at < end && next !== separator && next !== LINE_FEED && next !== CARRIAGE_RETURN) {
          const message = `text follows a closing quote (${quoted(text.slice(at, at + 12))}); quote the whole cell and double the quotes inside`;
          problems.push({ code: "csv-quote", path: `${path}:${line}`, message });
          while (at < end && text.charCodeAt(at) !== LINE_FEED && text.charCodeAt(at) !== separator) at++;
        }
      } else {
        const from = at;
        for (; at < end; at++) {
          const c = text.charCodeAt(at);
          if (c === separator || c === LINE_FEED || c === CARRIAGE_RETURN) break;
        }
        cell = text.slice(from, at);
      }
      cells.push(cell);
      if (at >= end || text.charCodeAt(at) !== separator) break;
      at++;
    }
    if (text.charCodeAt(at) === CARRIAGE_RETURN) at++;
    if (text.charCodeAt(at) === LINE_FEED) at++;
    line++;
    if (cells.length > 1 || cells[0] !== "") records.push({ line: start, cells });
  }
  return { records, open: null };
}

/**
 * Parses a comma-separated file with a header line. Empty lines are skipped; a row with more or fewer cells than the
 * header, a doubled or empty column name and a stray quote are collected as problems, not thrown.
 * @param path Name used in problems, e.g. `metadata.csv`.
 */
export function parseCsv(text: string, path: string): CsvTable {
  const problems: Problem[] = [];
  const [first, ...rest] = splitRecords(text, path, problems).records;
  if (first === undefined) {
    const message = "the file has no header line; the first line must name the columns, file_name first";
    if (problems.length === 0) problems.push({ code: "csv-empty", path, message });
    return { header: [], rows: [], lines: [], problems };
  }
  const header = first.cells.map((name) => name.trim());
  header.forEach((name, i) => {
    const where = `${path}:${first.line}`;
    if (name === "") {
      problems.push({ code: "csv-header", path: where, message: `column ${i + 1} has no name; name or remove it` });
    } else if (header.indexOf(name) !== i) {
      const message = `two columns are called ${quoted(name)}; rename one of them`;
      problems.push({ code: "csv-header", path: where, message });
    }
  });
  const rows: string[][] = [];
  const lines: number[] = [];
  for (const { line, cells } of rest) {
    if (cells.length === header.length) {
      rows.push(cells);
      lines.push(line);
    } else {
      const message = `the row has ${counted(cells.length, "cell", "cells")} where the header has ${counted(header.length, "column", "columns")}; add or remove commas, and quote cells that contain one`;
      problems.push({ code: "csv-ragged", path: `${path}:${line}`, message });
    }
  }
  return { header, rows, lines, problems };
}

/**
 * One csv line for people: as {@link formatCsvRow}, with {@link harmless} texts. For tables that nothing reads back, since a
 * cell that is changed is another value.
 */
export const formatSheetRow = (cells: readonly (string | number)[]): string =>
  formatCsvRow(cells.map((cell) => (typeof cell === "string" ? harmless(cell) : cell)));

/** Begins a formula, also behind spaces or in the full-width form of the sign, which spreadsheets take for the same. */
const FORMULA = /^\s*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]|^[\t\r\n]/;

/** Text that a spreadsheet would take for a formula gets a quote before it (OWASP, CSV injection). */
export const harmless = (text: string): string => (FORMULA.test(text) ? `'${text}` : text);

/** One csv line (RFC 4180, ended by LF): a cell is quoted only where it holds a comma, a quote, a line end or outer spaces. */
export function formatCsvRow(cells: readonly (string | number)[]): string {
  const text = cells.map((cell) => {
    const value = String(cell);
    return /[",\r\n]|^\s|\s$/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
  });
  if (text.length === 1 && text[0] === "") return '""\n';
  return `${text.join(",")}\n`;
}
