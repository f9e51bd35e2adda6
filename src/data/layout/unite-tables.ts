import { counted } from "../../core/counted.ts";
import { GanglionError, type Problem } from "../../core/errors.ts";
import { listed, named } from "../../core/quoted.ts";
import type { Drawn } from "../annotations/shapes.ts";
import { type ColumnOptions, type Description, findColumn, resolveColumns } from "../columns.ts";
import { COMMON_NAMES, plainName } from "../table/column-names.ts";
import type { Table } from "../table/table.ts";
import { unpackedName } from "../table/unpack.ts";
import { plainPath } from "./file-index.ts";
import type { ImageTable } from "./find-tables.ts";
import { withoutImageEnding } from "./image-kinds.ts";
import { splitIn } from "./split-names.ts";

/** Rows of one or more tables of the same columns. */
export interface Rows {
  readonly header: readonly string[];
  /** Column that names the images. */
  readonly file: string;
  readonly rows: readonly RowOfTable[];
  readonly notes: readonly string[];
  readonly problems: readonly Problem[];
  /** Regions that annotations draw, by {@link RowOfTable.where}. */
  readonly drawn?: ReadonlyMap<string, Drawn>;
  /** Tables that the rows are of. */
  readonly paths: readonly string[];
  /** Tables whose columns were joined to theirs. Defaults to none. */
  readonly joined?: readonly string[];
}

export interface RowOfTable {
  readonly cells: readonly string[];
  /** `metadata.csv:17`. */
  readonly where: string;
  readonly base: string;
  /** Split that the name of the table or its folder says; undefined where it says none. */
  readonly split: string | undefined;
}

const headerKey = ({ table }: ImageTable): string => [...new Set(table.header.map(plainName))].sort().join("\n");

/** Split that a table is of: by its own name, else by the folder it lies in. */
export function splitOfTable(path: string): string | undefined {
  const parts = path.split("/");
  const name = unpackedName(parts.pop()!).replace(/\.[^.]+$/, "");
  return splitIn(name)?.split ?? parts.map((part) => splitIn(part)?.split).findLast((split) => split !== undefined);
}

/** Tables of equal columns, one below the other. */
function stack(tables: readonly ImageTable[]): Rows {
  const [first] = tables as [ImageTable];
  const { header } = first.table;
  const splits = new Set(tables.map(({ table }) => splitOfTable(table.path)));
  const tellsSplit = tables.length > 1 && splits.size > 1 && !splits.has(undefined);
  const rows = tables.flatMap(({ table, base }) => {
    const place = header.map((name) => table.header.findIndex((other) => plainName(other) === plainName(name)));
    const split = tellsSplit ? splitOfTable(table.path) : undefined;
    return table.rows.map((row, i) => ({
      cells: place.map((at) => row[at] ?? ""),
      where: `${table.path}:${table.lines[i]}`,
      base,
      split,
    }));
  });
  const paths = tables.map(({ table }) => table.path);
  const notes = tables.flatMap(({ table }) => table.notes);
  if (tables.length > 1)
    notes.push(
      `tables ${listed(paths)} have the same columns and are read as one${tellsSplit ? "; their names say the split" : ""}`,
    );
  return { header, file: first.file, rows, notes, problems: tables.flatMap(({ table }) => table.problems), paths };
}

/** Name of an image without folders and ending, by which tables are joined. */
export const joinKey = (cell: string): string => {
  const path = plainPath(cell);
  return withoutImageEnding(path.slice(path.lastIndexOf("/") + 1)).toLowerCase();
};

/** Adds the columns of a table that the main one does not have, by image; several rows of one image are joined by `;`. */
function addColumns(main: Rows, other: Rows): Rows {
  const known = new Set(main.header.map(plainName));
  const added = other.header
    .map((name, i) => ({ name, i }))
    .filter(({ name }) => name !== other.file && !known.has(plainName(name)));
  const at = other.header.indexOf(other.file);
  const byImage = new Map<string, (readonly string[])[]>();
  for (const { cells } of other.rows) {
    const key = joinKey(cells[at]!);
    byImage.set(key, [...(byImage.get(key) ?? []), cells]);
  }
  const file = main.header.indexOf(main.file);
  const rows = main.rows.map((row) => {
    const found = byImage.get(joinKey(row.cells[file]!)) ?? [];
    return {
      ...row,
      cells: [...row.cells, ...added.map(({ i }) => [...new Set(found.map((cells) => cells[i]!))].join(";"))],
    };
  });
  const names = listed(other.paths);
  const notes: string[] = [];
  if (added.length > 0)
    notes.push(`columns of ${names} are joined by the name of the image (${listed(added.map(({ name }) => name))})`);
  const own = imagesOf(main);
  const more = [...byImage.keys()].filter((key) => !own.has(key)).length;
  if (more > 0)
    notes.push(
      `${counted(more, "image", "images")} that ${names} names ${more === 1 ? "is" : "are"} not in ${listed(main.paths)}, whose rows are taken`,
    );
  return {
    ...main,
    header: [...main.header, ...added.map(({ name }) => name)],
    rows,
    notes: [...main.notes, ...other.notes, ...notes],
    problems: [...main.problems, ...other.problems],
    joined: [...(main.joined ?? []), ...other.paths],
  };
}

function hasLabel({ header, file, rows }: Rows, description: Description, options: ColumnOptions): boolean {
  const wanted = options.label ?? description.label;
  if (wanted !== undefined && findColumn(header, wanted) !== undefined) return true;
  const cells = rows.map((row) => row.cells);
  const found = resolveColumns(
    header,
    { ...description, label: undefined },
    { ...options, label: undefined },
    { rows: cells, file },
  );
  if (wanted !== undefined) return found.oneHot !== null && !header.includes(wanted);
  return found.columns.label !== undefined || found.oneHot !== null;
}

/** Images of some rows, by the names by which tables are joined. */
const imagesOf = ({ header, file, rows }: Rows): ReadonlySet<string> =>
  new Set(rows.map(({ cells }) => joinKey(cells[header.indexOf(file)]!)));

/** The same by the whole paths of a table in which many images have one name, as `000000.dcm` in folders of their series. */
function placesOf(rows: Rows): ReadonlySet<string> {
  const at = rows.header.indexOf(rows.file);
  const paths = new Set(rows.rows.map(({ cells }) => plainPath(cells[at]!).toLowerCase()));
  const names = imagesOf(rows);
  return names.size < paths.size ? paths : names;
}

/** Label of each image of some rows by one column; null where several columns, or none, hold it. */
function labelsOf(rows: Rows, description: Description, options: ColumnOptions): ReadonlyMap<string, string> | null {
  const { columns } = resolveColumns(rows.header, description, options, {
    rows: rows.rows.map(({ cells }) => cells),
    file: rows.file,
  });
  if (columns.label === undefined) return null;
  const [file, label] = [rows.header.indexOf(rows.file), rows.header.indexOf(columns.label)];
  return new Map(
    rows.rows.map(({ cells }) => [joinKey(cells[file]!), `${plainName(columns.label!)}=${cells[label]!.trim()}`]),
  );
}

/** The table with most columns of several that say the same label of the same images; null where they do not. */
function alikeOf(tables: readonly Rows[], description: Description, options: ColumnOptions): Rows | null {
  const labels = tables.map((rows) => labelsOf(rows, description, options));
  const [first] = labels;
  const same = labels.every(
    (own) =>
      own != null &&
      first != null &&
      own.size === first.size &&
      [...own].every(([name, label]) => first.get(name) === label),
  );
  return same ? tables.reduce((a, b) => (b.header.length > a.header.length ? b : a)) : null;
}

/** The table that speaks of all images, where each of the others speaks of less than half of them, as one of boxes does. */
function wholeOf(tables: readonly Rows[]): Rows | null {
  const sets = tables.map(imagesOf);
  const most = sets.reduce((a, b, i) => (b.size > sets[a]!.size ? i : a), 0);
  const all = sets[most]!;
  const parts = sets.every(
    (own, i) => i === most || (2 * own.size <= all.size && [...own].every((name) => all.has(name))),
  );
  return parts ? tables[most]! : null;
}

/** Tables of different images that say the same label of them, one below the other with the columns of all; null for others. */
function joinedOf(tables: readonly Rows[], description: Description, options: ColumnOptions): Rows | null {
  const labels = tables.map((rows) => labelsOf(rows, description, options));
  const columns = new Set(labels.map((own) => [...(own?.values() ?? [])][0]?.split("=")[0]));
  const sets = tables.map(placesOf);
  const apart = sets.reduce((sum, own) => sum + own.size, 0) === new Set(sets.flatMap((own) => [...own])).size;
  if (columns.size > 1 || columns.has(undefined) || !apart) return null;
  const header: string[] = [];
  for (const rows of tables)
    for (const name of rows.header) if (!header.some((one) => plainName(one) === plainName(name))) header.push(name);
  const rows = tables.flatMap((own) => {
    const place = header.map((name) => own.header.findIndex((one) => plainName(one) === plainName(name)));
    return own.rows.map((row) => ({ ...row, cells: place.map((at) => row.cells[at] ?? "") }));
  });
  const files = new Set(tables.map(({ file }) => plainName(file)));
  if (files.size > 1) return null;
  const paths = tables.flatMap((own) => own.paths);
  return {
    header,
    file: header.find((name) => files.has(plainName(name)))!,
    rows,
    notes: [
      ...tables.flatMap((own) => own.notes),
      `tables ${listed(paths)} speak of different images and have the same column of classes; they are read as one`,
    ],
    problems: tables.flatMap((own) => own.problems),
    paths,
  };
}

/** Plain names of what several images may have in common, the narrowest first. */
const SHARED: readonly (readonly string[])[] = [
  ["studyid", "studyinstanceuid", "studyuid", "accessionnumber", "accession", "examid"],
  COMMON_NAMES.patient,
];

/**
 * Adds the columns of a table that names no images but their studies or patients, a row each; null where it does not fit: no
 * such column in both, several rows of one, or less than half of the images named.
 */
export function joinShared(main: Rows, other: Table): Rows | null {
  for (const names of SHARED) {
    const column = (header: readonly string[]) =>
      names.flatMap((known) => header.filter((name) => plainName(name) === known))[0];
    const [mine, theirs] = [column(main.header), column(other.header)];
    if (mine === undefined || theirs === undefined) continue;
    const [own, at] = [main.header.indexOf(mine), other.header.indexOf(theirs)];
    const byId = new Map<string, readonly string[]>();
    const repeated = other.rows.some((cells) => {
      const known = byId.get(cells[at]!.trim());
      byId.set(cells[at]!.trim(), cells);
      return known?.some((cell, i) => cell !== cells[i]) === true;
    });
    const known = new Set(main.header.map(plainName));
    const added = other.header
      .map((name, i) => ({ name, i }))
      .filter(({ name, i }) => i !== at && !known.has(plainName(name)));
    const found = main.rows.map(({ cells }) => byId.get(cells[own]!.trim()));
    if (repeated || added.length === 0 || 2 * found.filter((cells) => cells !== undefined).length < main.rows.length)
      continue;
    return {
      ...main,
      header: [...main.header, ...added.map(({ name }) => name)],
      rows: main.rows.map((row, k) => ({
        ...row,
        cells: [...row.cells, ...added.map(({ i }) => found[k]?.[i] ?? "")],
      })),
      notes: [
        ...main.notes,
        ...other.notes,
        `columns of ${named(other.path)} are joined by ${named(theirs)} (${listed(added.map(({ name }) => name))})`,
      ],
      problems: [...main.problems, ...other.problems],
      joined: [...(main.joined ?? []), other.path],
    };
  }
  return null;
}

/**
 * Makes one list of rows of the tables of a folder: tables of equal columns are stacked; of others the one with the classes is
 * the main one, and the rest add their columns by image.
 * @returns null where there is no table
 * @throws GanglionError `dataset` where two tables could give the classes
 */
export function uniteTables(
  root: string,
  tables: readonly ImageTable[],
  description: Description,
  options: ColumnOptions,
): Rows | null {
  const groups = new Map<string, ImageTable[]>();
  for (const table of tables) groups.set(headerKey(table), [...(groups.get(headerKey(table)) ?? []), table]);
  const stacked = [...groups.values()].map(stack);
  const [only] = stacked;
  if (only === undefined || stacked.length === 1) return only ?? null;
  const labelled = stacked.filter((rows) => hasLabel(rows, description, options));
  const alike = labelled.length > 1 ? alikeOf(labelled, description, options) : null;
  if (alike !== null) return stacked.filter((rows) => rows !== alike).reduce(addColumns, alike);
  const whole = labelled.length > 1 ? wholeOf(labelled) : null;
  if (whole !== null) {
    const rest = labelled.filter((rows) => rows !== whole);
    const note = `the classes are those of ${listed(whole.paths)}, which names all images that ${listed(rest.flatMap(({ paths }) => paths))} names and more; say otherwise with --table`;
    const main = { ...whole, notes: [...whole.notes, note] };
    return stacked.filter((rows) => rows !== whole).reduce(addColumns, main);
  }
  const joint = labelled.length > 1 ? joinedOf(labelled, description, options) : null;
  if (joint !== null) return stacked.filter((rows) => !labelled.includes(rows)).reduce(addColumns, joint);
  if (labelled.length > 1) {
    const lines = labelled.map(({ paths, header }) => `  --table ${named(paths[0]!)}: columns ${listed(header)}`);
    throw new GanglionError(
      "dataset",
      [
        `${root}: ${labelled.length} tables could give the classes of the images, and none is chosen by itself; say which:`,
        ...lines,
      ].join("\n"),
      {
        problems: [
          {
            code: "several-tables",
            path: root,
            message: `say --table with one of ${listed(labelled.map(({ paths }) => paths[0]!))}`,
          },
        ],
      },
    );
  }
  const main = labelled[0] ?? stacked.reduce((a, b) => (b.rows.length > a.rows.length ? b : a));
  return stacked.filter((rows) => rows !== main).reduce(addColumns, main);
}
