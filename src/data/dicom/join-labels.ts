import { basename, dirname, resolve } from "node:path";
import { counted } from "../../core/counted.ts";
import { GanglionError, type Problem, throwIfProblems } from "../../core/errors.ts";
import { listed, named, quoted } from "../../core/quoted.ts";
import { type ColumnOptions, findColumn, listColumns, resolveColumns } from "../columns.ts";
import { readTable } from "../layout/find-tables.ts";
import { columnLabels, type ImageLabels, oneHotLabels } from "../layout/image-labels.ts";
import { CORNERS, cornersOf } from "../layout/sized-boxes.ts";
import { normaliseSplit } from "../names.ts";
import type { Table } from "../table/table.ts";
import { chooseKey, type Joinable, type JoinKey, joinKeys, type KeyKind } from "./join-keys.ts";

/** A table of labels that is joined to DICOM files or volumes. */
export interface LabelTable {
  readonly path: string;
  /** Columns and rules that somebody named; `file` is the column that is joined by. */
  readonly columns: ColumnOptions;
}

/** What a table says of a file. */
interface Said {
  readonly label: string;
  readonly split?: string;
  /** x_min, y_min, x_max, y_max in pixels, several with `;`. */
  readonly box?: readonly string[];
}

/** Instances that have a label of the table, and what was found. */
export interface JoinedLabels<T> {
  readonly instances: readonly (T & Said)[];
  readonly notes: readonly string[];
  /** Instances that no row names or whose rows have no label. */
  readonly withoutLabel: number;
}

const NAMES: Readonly<Record<KeyKind, string>> = {
  instance: "the instance (SOP Instance UID)",
  file: "the file",
  series: "the series",
  folder: "the folder",
  study: "the study",
  patient: "the patient",
};
/** Names that are listed of what was not joined. */
const SHOWN = 5;

function some(names: readonly string[]): string {
  return `${listed(names.slice(0, SHOWN))}${names.length > SHOWN ? " ..." : ""}`;
}

/**
 * Joins the rows of a table to the files that they name by instance, file name, series, folder, study or patient, whichever
 * column tells most; it is said, and rows and files that do not meet are counted and named. Files without a row are left out.
 * @param what Of the files, in words. Defaults to DICOM files.
 * @throws GanglionError `dataset` where no column names a file, two name different ones, a row names several files alike or
 *   contradicts itself, or rows give a study several labels and nobody chose between them
 */
export async function joinLabels<T extends Joinable>(
  instances: readonly T[],
  wanted: LabelTable,
  what = "DICOM files",
): Promise<JoinedLabels<T>> {
  const whole = resolve(wanted.path);
  const table = await readTable(dirname(whole), basename(whole), "follow");
  const headline = `${wanted.path} cannot be joined to the ${what}`;
  throwIfProblems("dataset", headline, table.problems);
  const keys = joinKeys(table, instances);
  const key = keyOf(table, keys, wanted, what);
  throwIfProblems("dataset", headline, keyProblems(table, key, keys, instances));

  const rowsOf = instances.map((): number[] => []);
  for (const [row, places] of key.rows.entries()) for (const place of places) rowsOf[place]!.push(row);
  const found = resolveColumns(table.header, {}, wanted.columns, {
    path: table.path,
    rows: table.rows,
    file: key.column,
  });
  throwIfProblems("dataset", headline, found.problems);
  const labels = labelsOf(table, found, rowsOf, wanted);
  throwIfProblems("dataset", headline, severalLabels(table, key, found.columns.label, rowsOf, wanted));

  const at = (name: string | undefined) => (name === undefined ? -1 : table.header.indexOf(name));
  const [patient, split] = [at(found.columns.patient), at(found.columns.split)];
  const cell = (place: number, column: number) =>
    column < 0 ? "" : (rowsOf[place]!.map((row) => table.rows[row]![column]!.trim()).find((text) => text !== "") ?? "");
  const { box } = found.columns;
  // Rows of a series, study or patient do not say in which of its pictures a box lies.
  const boxAt = box !== undefined && OF_ONE_PICTURE.has(key.kind) ? box.map(at) : null;
  const boxOf = (place: number): string[] => {
    const cells = rowsOf[place]!.map((row) => boxAt!.map((column) => table.rows[row]![column]!.trim()));
    const boxes = [...new Map(cells.filter((own) => !own.includes("")).map((own) => [own.join(";"), own])).values()];
    const joint = boxAt!.map((_, k) => boxes.map((own) => own[k]!).join(";"));
    return found.sizedBox ? cornersOf(joint) : joint;
  };
  const joined = instances.flatMap((instance, i): (T & Said)[] => {
    const label = labels.labels[i]!;
    if (rowsOf[i]!.length === 0 || label === null) return [];
    const [who, where] = [cell(i, patient), cell(i, split)];
    return [
      {
        ...instance,
        label,
        ...(who === "" ? {} : { patient: `\0${who}` }),
        ...(where === "" ? {} : { split: normaliseSplit(where) }),
        ...(boxAt === null ? {} : { box: boxOf(i) }),
      },
    ];
  });
  const notes = [...table.notes, ...found.notes, ...labels.notes, ...matchNotes(table, key, instances, rowsOf)];
  if (patient >= 0) notes.push(`patients are those of column ${named(found.columns.patient!)} of ${table.path}`);
  if (box !== undefined)
    notes.push(
      boxAt === null
        ? `boxes (${listed(box)}) are not carried over: the table names ${NAMES[key.kind]}, not the pictures in which they lie`
        : `boxes (${listed(box)}) are kept by their corners (${listed(CORNERS)}), in pixels of each picture`,
    );
  if (joined.length === 0)
    throw new GanglionError("dataset", `${headline}: no file is left with a label; ${notes.at(-1) ?? ""}`);
  return { instances: joined, notes, withoutLabel: instances.length - joined.length };
}

function keyOf(table: Table, keys: readonly JoinKey[], { path, columns }: LabelTable, what: string): JoinKey {
  const stated = columns.file === undefined ? undefined : findColumn(table.header, columns.file);
  if (columns.file !== undefined && stated === undefined) {
    const message = `${path}: there is no column ${quoted(columns.file)} (--file); ${listColumns(table.header)}`;
    throw new GanglionError("dataset", message);
  }
  const chosen = chooseKey(stated === undefined ? keys : keys.filter(({ column }) => column === stated));
  if (!Array.isArray(chosen)) return chosen as JoinKey;
  if (chosen.length === 0) {
    const which = stated === undefined ? "no column names" : `column ${quoted(stated)} (--file) does not name`;
    const message = `${path}: ${which} an instance, file, series, folder, study or patient of the ${what}; name the column with --file COL, ${listColumns(table.header)}`;
    throw new GanglionError("dataset", message, { problems: [{ code: "no-join", path, message }] });
  }
  const ways = (chosen as JoinKey[]).map(({ column, kind }) => `--file ${quoted(column)} (${NAMES[kind]})`);
  const message = `${path}: several columns name files, and they differ; say which: ${ways.join(" or ")}`;
  throw new GanglionError("dataset", message, { problems: [{ code: "ambiguous-join", path, message }] });
}

/** Rows that name several files where one is meant, and rows whose other identifiers are of other files. */
function keyProblems(table: Table, key: JoinKey, keys: readonly JoinKey[], instances: readonly Joinable[]): Problem[] {
  const at = table.header.indexOf(key.column);
  const problems: Problem[] = [];
  const others = keys.filter(
    ({ column, kind }) => column !== key.column && (kind === "instance" || kind === "series" || kind === "study"),
  );
  for (const [row, places] of key.rows.entries()) {
    const where = `${table.path}:${table.lines[row]}`;
    const cell = quoted(table.rows[row]![at]!);
    const distinct = new Set(places.map((place) => instances[place]!.instanceUid || place));
    if (key.kind === "file" && distinct.size > 1) {
      const names = places.map((place) => instances[place]!.path);
      const message = `${cell} fits ${places.length} files alike (${some(names)}); join by another column with --file COL`;
      problems.push({ code: "ambiguous-join", path: where, message });
    }
    const against = others.find(
      ({ rows }) => places.length > 0 && rows[row]!.length > 0 && !rows[row]!.some((place) => places.includes(place)),
    );
    if (against !== undefined) {
      const message = `column ${quoted(key.column)} names other files than ${quoted(against.column)} does in this row; correct the row, or say by which to join with --file COL`;
      problems.push({ code: "ambiguous-join", path: where, message });
    }
  }
  return problems;
}

function labelsOf(
  table: Table,
  { columns, oneHot }: ReturnType<typeof resolveColumns>,
  rowsOf: readonly (readonly number[])[],
  { path, columns: options }: LabelTable,
): ImageLabels {
  const rules = { multiLabel: options.multiLabel, missing: options.missing, uncertain: options.uncertain };
  const at = (name: string) => table.header.indexOf(name);
  // Files without a row are no labels that are missing.
  const withRows = rowsOf.map((rows, i) => ({ rows, i })).filter(({ rows }) => rows.length > 0);
  const spread = (own: ImageLabels): ImageLabels => {
    const labels = new Array<string | null>(rowsOf.length).fill(null);
    withRows.forEach(({ i }, k) => {
      labels[i] = own.labels[k]!;
    });
    return { ...own, labels };
  };
  const { label } = columns;
  if (label !== undefined) {
    const cells = withRows.map(({ rows }) => rows.map((row) => table.rows[row]![at(label)]!));
    return spread(columnLabels(cells, label, rules));
  }
  if (oneHot !== null) {
    const cells = withRows.map(({ rows }) =>
      rows.map((row) => oneHot.columns.map((name) => table.rows[row]![at(name)]!)),
    );
    return spread(oneHotLabels(cells, oneHot, rules));
  }
  const message = `${path}: no column looks like a label; name it with --label COL, ${listColumns(table.header)}`;
  throw new GanglionError("dataset", message, { problems: [{ code: "missing-column", path, message }] });
}

/** Kinds of key of which each row is of one picture, as rows of boxes or readers are. */
const OF_ONE_PICTURE: ReadonlySet<KeyKind> = new Set(["instance", "file"]);

/** Rows that give one series, study or patient several labels: nothing says which file has which. */
function severalLabels(
  table: Table,
  key: JoinKey,
  label: string | undefined,
  rowsOf: readonly (readonly number[])[],
  { columns }: LabelTable,
): Problem[] {
  if (label === undefined || OF_ONE_PICTURE.has(key.kind) || columns.multiLabel !== undefined) return [];
  const at = table.header.indexOf(label);
  const seen = new Set<string>();
  return rowsOf.flatMap((rows): Problem[] => {
    const found = [...new Set(rows.map((row) => table.rows[row]![at]!.trim()))];
    const first = table.rows[rows[0] ?? -1]?.[table.header.indexOf(key.column)] ?? "";
    if (found.length < 2 || seen.has(first)) return [];
    seen.add(first);
    const message = `${rows.length} rows give ${NAMES[key.kind]} ${quoted(first)} the labels ${listed(found)}; join by a column that names single files (--file COL), or choose with --multi-label`;
    return [{ code: "ambiguous-join", path: `${table.path}:${table.lines[rows[0]!]}`, message }];
  });
}

function matchNotes(
  table: Table,
  key: JoinKey,
  instances: readonly Joinable[],
  rowsOf: readonly (readonly number[])[],
): string[] {
  const at = table.header.indexOf(key.column);
  const lost = key.rows.flatMap((places, row) => (places.length === 0 ? [row] : []));
  const alone = instances.filter((_, i) => rowsOf[i]!.length === 0);
  const notes = [
    `${table.path}: column ${named(key.column)} names ${NAMES[key.kind]}; ${key.rows.length - lost.length} of ${key.rows.length} rows match ${instances.length - alone.length} of ${instances.length} files`,
  ];
  if (lost.length > 0)
    notes.push(
      `${counted(lost.length, "row", "rows")} of ${table.path} ${lost.length === 1 ? "matches" : "match"} no file (${some(lost.map((row) => `line ${table.lines[row]}: ${table.rows[row]![at]!.trim()}`))})`,
    );
  if (alone.length > 0)
    notes.push(
      `${counted(alone.length, "file has", "files have")} no row in ${table.path} and ${alone.length === 1 ? "is" : "are"} left out (${some(alone.map(({ path }) => path))})`,
    );
  return notes;
}
