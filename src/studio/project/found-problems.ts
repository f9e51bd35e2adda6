import { GanglionError, type Problem } from "../../core/errors.ts";
import { readInside } from "../../core/inside-folder.ts";
import { type NamedCell, rowsAt } from "../../data/table/rows-at.ts";
import { unpackWhole } from "../../data/table/unpack.ts";
import type { Dataset } from "../../data/types.ts";
import type { FoundProblem } from "../project-api.ts";
import { STUDIO_LINKS } from "../server/inside.ts";
import { namesAPerson } from "../server/shown-columns.ts";

/** Cells of a row that are shown, characters of each, and bytes of an unpacked table. */
const MOST = { cells: 8, characters: 80, bytes: 256 * 2 ** 20 } as const;

/** Problems that carry the name of an image which can be decoded itself. */
const OF_WHOLE_IMAGES: ReadonlySet<string> = new Set([
  "box-count",
  "box-extent",
  "box-number",
  "box-outside",
  "mask-size",
  "tone",
  "window",
]);

/** Problems with the number of the image that each is about: by its name, that of its mask, or that of its row. */
export function problemsBeside(problems: readonly Problem[], dataset: Dataset | null): FoundProblem[] {
  const places = new Map<string, number>();
  for (const [index, { fileName, mask, moreMasks = [] }] of (dataset?.samples ?? []).entries()) {
    for (const name of [fileName, mask, ...moreMasks])
      if (name !== undefined && !places.has(name)) places.set(name, index);
  }
  return problems.map(({ code, path, message }) => {
    const name = /^row of (.+)$/s.exec(path)?.[1] ?? path;
    const index = places.get(name) ?? null;
    const decodes = index !== null && (dataset!.samples[index]!.fileName !== path || OF_WHOLE_IMAGES.has(code));
    return { code, path, message, index, decodes, row: null };
  });
}

/**
 * The same with the rows of tables that they are about, whose paths end in the number of a line. A table that cannot be read any
 * more has none.
 * @param folder Of the tables.
 */
export async function withRows(problems: readonly FoundProblem[], folder: string): Promise<FoundProblem[]> {
  const lines = new Map<string, Set<number>>();
  const placeOf = ({ path }: FoundProblem) => {
    const [, table, line] = /^(.+\.(?:csv|tsv|tab|jsonl|ndjson)(?:\.gz)?):(\d{1,9})$/is.exec(path) ?? [];
    return table === undefined ? null : { table, line: Number(line) };
  };
  for (const problem of problems) {
    const place = placeOf(problem);
    if (place !== null) lines.set(place.table, (lines.get(place.table) ?? new Set()).add(place.line));
  }
  const rows = new Map<string, ReadonlyMap<number, readonly NamedCell[]>>();
  for (const [table, wanted] of lines) rows.set(table, await rowsOfTable(folder, table, wanted));
  return problems.map((problem) => {
    const place = placeOf(problem);
    const row = place === null ? undefined : rows.get(place.table)?.get(place.line);
    const shown = row
      ?.filter(({ column, cell }) => !namesAPerson(column) && (column !== "" || cell !== ""))
      .slice(0, MOST.cells)
      .map(({ column, cell }) => ({ column, cell: cell.slice(0, MOST.characters) }));
    return { ...problem, row: shown ?? null };
  });
}

/** Rows of a table; none where it is not there any more, or is no text by now. */
async function rowsOfTable(folder: string, table: string, wanted: ReadonlySet<number>) {
  try {
    const bytes = await readInside(folder, table, STUDIO_LINKS);
    return rowsAt(await unpackWhole(bytes, table, MOST.bytes), table, wanted);
  } catch (cause) {
    if (cause instanceof GanglionError && cause.code !== "internal") return new Map<number, readonly NamedCell[]>();
    throw cause;
  }
}
