import { join } from "node:path";
import { GanglionError } from "../../core/errors.ts";
import { orMissing, readInside, readJsonInside, writeInside, writeJsonInside } from "../../core/inside-folder.ts";
import { quoted } from "../../core/quoted.ts";
import { type ColumnOptions, DESCRIPTION, FILE_NAME, METADATA } from "../columns.ts";
import { formatCsvRow, parseCsv } from "../csv.ts";
import { columnNames } from "../dataset.ts";
import type { Dataset } from "../types.ts";
import type { DrawnSplit } from "./draw-split.ts";
import { readSplitTable, type SplitTable, splitFilePlace, writeSplitTable } from "./split-file.ts";

export interface WriteSplitOptions {
  /** Column to write. Defaults to `split`. */
  readonly column?: string | undefined;
  /** Replaces a column of this name, or the split that there is. Defaults to false. */
  readonly overwrite?: boolean | undefined;
  /** How the dataset was read: what was said of its columns is kept in `dataset.json`. Defaults to nothing. */
  readonly read?: ColumnOptions | undefined;
}

/** Where a split goes. */
export interface SplitPlace {
  /** File that holds it. */
  readonly file: string;
  readonly column: string;
  /** Column of the folds; null without folds. */
  readonly foldColumn: string | null;
}

interface Target extends SplitPlace {
  readonly kind: "column" | "table";
  readonly folder: string;
  readonly name: string;
  readonly earlier: SplitTable | null;
}

/** Column of the folds of a cross-validation beside a column of the split. */
const foldName = (column: string): string => (column === "split" ? "fold" : `${column}_fold`);

/** @throws GanglionError `usage` where a column would be overwritten */
async function targetOf(
  dataset: Dataset,
  drawn: Pick<DrawnSplit, "folds">,
  { column: asked, overwrite = false }: WriteSplitOptions,
): Promise<Target> {
  const { root, samples, columns } = dataset;
  const place = await splitFilePlace(root);
  const earlier = await readSplitTable(place.folder, place.name);
  const kind = earlier === null && dataset.reader.ownLayout ? "column" : "table";
  const own = samples.some(({ split }) => split) ? columns.split : undefined;
  const column = asked ?? (overwrite && own !== undefined ? own : "split");
  const foldColumn = drawn.folds === null ? null : foldName(column);
  if (column === FILE_NAME || column.trim() !== column || column === "") {
    throw new GanglionError("usage", `--column ${quoted(column)}: choose another name for the column`);
  }
  if (!overwrite) {
    const names = new Set([...columnNames(dataset), ...(earlier?.columns ?? [])]);
    const taken = [column, ...(foldColumn === null ? [] : [foldColumn])].find((name) => names.has(name));
    if (own !== undefined && asked === undefined) {
      throw new GanglionError(
        "usage",
        `${root} has a split already (column ${quoted(own)}); --column NAME writes another one beside it, which is used from then on, and --overwrite replaces it`,
      );
    }
    if (taken !== undefined) {
      throw new GanglionError(
        "usage",
        `--column ${quoted(column)}: ${root} has a column ${quoted(taken)} already; choose another name, or add --overwrite to replace it`,
      );
    }
  }
  const file = kind === "column" ? join(root, METADATA) : join(place.folder, place.name);
  return { kind, file, column, foldColumn, ...place, earlier };
}

/** Where {@link writeSplit} would write. @throws GanglionError `usage` where a column would be overwritten */
export async function planSplitPlace(
  dataset: Dataset,
  drawn: Pick<DrawnSplit, "folds">,
  options: WriteSplitOptions = {},
): Promise<SplitPlace> {
  const { file, column, foldColumn } = await targetOf(dataset, drawn, options);
  return { file, column, foldColumn };
}

/** The cells of the columns that are written, by file name. */
function cellsOf({ samples }: Dataset, { parts, folds }: DrawnSplit): Map<string, string[]> {
  return new Map(
    samples.map(({ fileName }, i) => [fileName, [parts[i]!, ...(folds === null ? [] : [String(folds[i] || "")])]]),
  );
}

/** Puts columns into `metadata.csv`: in place of those of their names, else at the end. Other cells stay. */
async function writeColumns(root: string, names: readonly string[], cells: ReadonlyMap<string, string[]>) {
  const text = (await readInside(root, METADATA, "follow")).toString("utf8").replace(/^\ufeff/, "");
  const { header, rows } = parseCsv(text, METADATA);
  const file = header.indexOf(FILE_NAME);
  const kept = [...header, ...names.filter((name) => !header.includes(name))];
  const lines = rows.map((row) => {
    const own = cells.get(row[file]!.trim());
    return kept.map((name, i) => {
      const place = names.indexOf(name);
      return place < 0 ? row[i]! : (own?.[place] ?? "");
    });
  });
  await writeInside(root, METADATA, [kept, ...lines].map(formatCsvRow).join(""));
}

/** Columns of an earlier table that are kept beside the new ones. */
function joined(target: Target, names: readonly [string, ...string[]], cells: ReadonlyMap<string, string[]>) {
  const kept = (target.earlier?.columns ?? []).filter((name) => !names.includes(name));
  const rows = new Map(
    [...cells].map(([name, own]) => {
      const before = target.earlier?.rows.get(name);
      return [name, [...own, ...kept.map((column) => before?.[target.earlier!.columns.indexOf(column)] ?? "")]];
    }),
  );
  return { columns: [...names, ...kept] as const satisfies readonly string[], rows };
}

/** What is to be kept of how a dataset was read, as `dataset.json` says it. */
function saidOf({
  boxes,
  skipDamaged: _,
  origin: __,
  annotations: ___,
  ...said
}: ColumnOptions): Record<string, unknown> {
  return {
    ...said,
    ...(boxes === undefined
      ? {}
      : { box: typeof boxes === "string" ? boxes.split(",").map((part) => part.trim()) : boxes }),
  };
}

/**
 * Writes a split that {@link drawSplit} drew: as a column of `metadata.csv` where that is the table of the dataset, else into a
 * table of its own, in the folder or beside the file. Images and other columns stay as they are.
 * @throws GanglionError `usage` where a column would be overwritten, `files` when it cannot be written
 */
export async function writeSplit(
  dataset: Dataset,
  drawn: DrawnSplit,
  options: WriteSplitOptions = {},
): Promise<SplitPlace> {
  const target = await targetOf(dataset, drawn, options);
  const { root } = dataset;
  const { kind, file, column, foldColumn } = target;
  const names: [string, ...string[]] = [column, ...(foldColumn === null ? [] : [foldColumn])];
  const cells = cellsOf(dataset, drawn);
  if (kind === "column") await writeColumns(root, names, cells);
  else {
    const { columns, rows } = joined(target, names, cells);
    await writeSplitTable(target.folder, target.name, { columns: columns as readonly [string, ...string[]], rows });
  }
  const said = {
    ...saidOf(options.read ?? {}),
    ...(kind === "column" ? { split: column } : {}),
  };
  const kept = Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined));
  if (Object.keys(kept).length > 0 && dataset.reader.imageFiles) {
    const before = await orMissing(readJsonInside(root, DESCRIPTION, "follow"));
    await writeJsonInside(root, DESCRIPTION, { ...(before as object | null), ...kept });
  }
  return { file, column, foldColumn };
}
