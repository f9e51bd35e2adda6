import type { Problem } from "../../core/errors.ts";
import { quoted } from "../../core/quoted.ts";

const isScalar = (value: unknown): boolean => value === null || ["string", "number", "boolean"].includes(typeof value);

/** A value as the cell of a table: text as it is, several texts joined by `|`, what is nested as JSON. */
function cellOf(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "string") return value;
  if (Array.isArray(value) && value.every((part) => typeof part === "string")) return value.join("|");
  return isScalar(value) ? String(value) : JSON.stringify(value);
}

/**
 * Reads a table of one JSON object a line; the columns are all keys in the order in which they are met.
 * @param path Name used in problems.
 */
export function parseJsonLines(text: string, path: string) {
  const header: string[] = [];
  const place = new Map<string, number>();
  const rows: string[][] = [];
  const lines: number[] = [];
  const problems: Problem[] = [];
  for (const [i, line] of text
    .replace(/^\ufeff/, "")
    .split(/\r\n|\n|\r/)
    .entries()) {
    if (line.trim() === "") continue;
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      value = undefined;
    }
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      const message = `the line is not a JSON object (${quoted(line.slice(0, 40))}); write one object a line, e.g. {"file_name": "1.png", "label": "a"}`;
      problems.push({ code: "json-line", path: `${path}:${i + 1}`, message });
      continue;
    }
    const row: string[] = [];
    for (const [key, cell] of Object.entries(value)) {
      let at = place.get(key);
      if (at === undefined) {
        at = header.push(key) - 1;
        place.set(key, at);
      }
      row[at] = cellOf(cell);
    }
    rows.push(row);
    lines.push(i + 1);
  }
  const even = rows.map((row) => Array.from(header, (_, i) => row[i] ?? ""));
  return { header, rows: even, lines, problems };
}
