import { splitRecords } from "../csv.ts";
import { findDelimiter } from "./delimiter.ts";
import { parseJsonLines } from "./json-lines.ts";
import { isJsonLines } from "./table.ts";
import { decodeText } from "./text-encoding.ts";

/** A cell under its column; the name is empty where the row has more cells than the header. */
export interface NamedCell {
  readonly column: string;
  readonly cell: string;
}

/**
 * Rows of a table by the line at which they start, counted from 1, also those that do not fit the header; without the header and
 * without lines of JSON that are no object. A row with a quote that never closes is found at the line of that quote.
 * @param path Its ending says whether it is JSON lines.
 * @throws GanglionError `dataset` for bytes that are no text
 */
export function rowsAt(
  bytes: Uint8Array,
  path: string,
  wanted: ReadonlySet<number>,
): Map<number, readonly NamedCell[]> {
  const { text } = decodeText(bytes, path);
  const found = new Map<number, readonly NamedCell[]>();
  const take = (line: number, header: readonly string[], cells: readonly string[]) => {
    if (!wanted.has(line)) return;
    const columns = Math.max(header.length, cells.length);
    const row = Array.from({ length: columns }, (_, i) => ({ column: header[i] ?? "", cell: cells[i] ?? "" }));
    found.set(line, row);
  };
  if (isJsonLines(path)) {
    const { header, rows, lines } = parseJsonLines(text, path);
    for (const [i, row] of rows.entries()) take(lines[i]!, header, row);
    return found;
  }
  const { delimiter, skip } = findDelimiter(text);
  const { records, open } = splitRecords(text.slice(skip), path, [], delimiter, skip > 0 ? 2 : 1);
  const [first, ...rest] = records;
  const header = (first?.cells ?? []).map((name) => name.trim());
  for (const { line, cells } of rest) take(line, header, cells);
  if (open !== null && first !== undefined) take(open.line, header, open.cells);
  return found;
}
