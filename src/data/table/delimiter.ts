import { splitRecords } from "../csv.ts";

/** What separates the cells of a table. */
export type Delimiter = "," | ";" | "\t";

export const DELIMITER_NAMES: Readonly<Record<Delimiter, string>> = { ",": "commas", ";": "semicolons", "\t": "tabs" };

/** Text at the beginning that is parsed for the decision, in characters. */
const LOOK = 64 * 2 ** 10;
/** Records compared with the header. */
const RECORDS = 50;

/** `sep=;` in the first line, which Excel writes and obeys. */
const STATED = /^\ufeff?"?sep=([,;\t])"?\r?\n/i;

/** How well a table reads with a delimiter: columns of its header, and the share of rows that have as many cells. */
function fit(text: string, delimiter: Delimiter): { columns: number; even: number } {
  const [header, ...rows] = splitRecords(text, "", [], delimiter).records.slice(0, RECORDS);
  if (header === undefined || header.cells.length < 2) return { columns: 1, even: 0 };
  const columns = header.cells.length;
  // A separator at the end of every row, but not of the header, is one that was written too much.
  const even = rows.filter(
    ({ cells }) => cells.length === columns || (cells.length === columns + 1 && cells.at(-1) === ""),
  );
  return { columns, even: rows.length === 0 ? 1 : even.length / rows.length };
}

/**
 * The delimiter of a table: what its first line states (`sep=;`), else the one of comma, semicolon and tab with which most
 * rows have as many cells as the header; of equals the one with more columns, then the comma.
 * @returns `skip` are the characters of a line that only states the delimiter.
 */
export function findDelimiter(text: string): { delimiter: Delimiter; skip: number } {
  const stated = STATED.exec(text);
  if (stated !== null) return { delimiter: stated[1] as Delimiter, skip: stated[0].length };
  const beginning = text.length <= LOOK ? text : text.slice(0, Math.max(text.lastIndexOf("\n", LOOK) + 1, 1));
  const found = ([",", ";", "\t"] as const).map((delimiter) => ({ delimiter, ...fit(beginning, delimiter) }));
  const several = found.filter(({ columns }) => columns > 1);
  several.sort((a, b) => (Math.abs(b.even - a.even) > 0.05 ? b.even - a.even : b.columns - a.columns));
  return { delimiter: several[0]?.delimiter ?? ",", skip: 0 };
}
