import { GanglionError, type Problem, throwIfProblems } from "../../core/errors.ts";
import { listed, named, quoted } from "../../core/quoted.ts";
import {
  DERIVED_LABEL,
  type Description,
  FILE_NAME,
  findColumn,
  listColumns,
  METADATA,
  type ResolvedColumns,
  resolveColumns,
} from "../columns.ts";
import { checkClasses, normaliseSplit, sortClasses } from "../names.ts";
import { mapLimited } from "../parallel.ts";
import type { ReaderOptions } from "../readers/reader.ts";
import { isMissingLabel, spellingNotes } from "../table/missing-labels.ts";
import type { Columns, Dataset, Sample, SampleReader } from "../types.ts";
import { readDescription } from "./description.ts";
import { FileIndex, plainPath } from "./file-index.ts";
import { fileColumn, findTables, folderOf, headed, readTable } from "./find-tables.ts";
import { type FolderRoles, folderRoles } from "./folder-roles.ts";
import { READ_KINDS, remedyOf, withoutImageEnding } from "./image-kinds.ts";
import { columnLabels, type ImageLabels, oneHotLabels } from "./image-labels.ts";
import { type ImageRow, joinRows } from "./join-rows.ts";
import { type FolderLevels, type Level, levelText, readLevels } from "./levels.ts";
import { DAMAGED, Locator } from "./locate.ts";
import { type PairedMasks, pairMasks } from "./mask-pairs.ts";
import { CORNERS, cornersOf } from "./sized-boxes.ts";
import { type Rows, uniteTables } from "./unite-tables.ts";
import { type FolderTree, leftOutNote, walkFolder } from "./walk.ts";

/** Readers of the samples of a layout. */
export interface LayoutReaders {
  /** Images that a table lists. @param plain As Ganglion writes it: the table is read as it stands. */
  readonly table: (plain: boolean) => SampleReader;
  /** Images whose folders say what they are. */
  readonly folders: SampleReader;
}

interface Looked extends PairedMasks {
  readonly tree: FolderTree;
}

/** The parts of a reading that its steps share. */
interface Reading {
  readonly root: string;
  readonly options: ReaderOptions;
  readonly description: Description;
  readonly headline: string;
  /** Lists the folder, once. */
  readonly look: () => Promise<Looked>;
  /** What was listed; null where nobody had to look. */
  readonly looked: () => Promise<Looked | null>;
  readonly notes: string[];
  readonly problems: Problem[];
}

/**
 * Reads a folder of images in any layout: a table beside or above the images, or folders that are their splits, classes and
 * patients, with masks beside them. What was understood, left out and guessed is said in the notes.
 * @param table Table that is read for certain; its `file_name` names files as they are called, so that a folder is listed
 *   only where one is not found. Defaults to the tables that name the images, if there are any.
 * @throws GanglionError `dataset` with every problem, or with the readings between which somebody has to choose
 */
export async function readLayout(
  root: string,
  options: ReaderOptions,
  readers: LayoutReaders,
  table?: string,
): Promise<Dataset> {
  const links = options.links ?? "follow";
  let looked: Promise<Looked> | null = null;
  const look = () => {
    looked ??= walkFolder(root, links).then((tree) => ({ tree, ...pairMasks(tree.images) }));
    return looked;
  };
  const reading: Reading = {
    root,
    options,
    description: await readDescription(root, links),
    headline: `${root} cannot be read as a dataset`,
    look,
    looked: async () => looked,
    notes: [],
    problems: [],
  };
  const rows = await rowsOf(reading, table);
  const read = rows === null ? await readFolders(reading, readers) : await readRows(reading, rows, readers);
  const { license } = reading.description;
  const notes = [...reading.notes, ...spellingNotes(read.classes)];
  return { root, ...read, ...(license === undefined ? {} : { license }), notes };
}

type Read = Pick<Dataset, "reader" | "columns" | "classes" | "samples">;

/** The rows of the table that was named, of `table`, or of the tables that name the images; null where there is none. */
async function rowsOf(reading: Reading, table: string | undefined): Promise<Rows | null> {
  const { root, options, description, look, headline } = reading;
  const links = options.links ?? "follow";
  const stated = options.file ?? description.file;
  const chosen = options.table ?? description.table;
  const wanted = chosen ?? table;
  if (wanted === undefined) {
    const { tree, images } = await look();
    if (tree.tables.length === 0) return null;
    const { tables, notes } = await findTables(root, tree.tables, new FileIndex(images), stated, links);
    const rows = uniteTables(root, tables, description, options);
    reading.notes.push(...notes);
    if (rows !== null)
      reading.notes.push(`the table ${listed(rows.paths)} names the images (column ${named(rows.file)})`);
    return rows;
  }
  const path = chosen === undefined ? wanted : plainPath(wanted);
  if (chosen !== undefined && !(await look()).tree.tables.includes(path)) {
    const { tables } = (await look()).tree;
    const there = tables.length === 0 ? "there are no tables" : `the tables are ${listed(tables)}`;
    throw new GanglionError("dataset", `${root}: there is no table ${quoted(wanted)} (--table); ${there}`);
  }
  const base = folderOf(path);
  const found = await readTable(root, path, links);
  if (stated === undefined && found.header.includes(FILE_NAME)) return rowsOfTable(found, FILE_NAME, base);
  if (found.header.length === 0) return rowsOfTable(found, FILE_NAME, base);
  const index = new FileIndex((await look()).images);
  const own = headed(found, index);
  const file = stated === undefined ? fileColumn(own, base, index) : findColumn(own.header, stated);
  if (file === null || file === undefined) {
    const what =
      stated === undefined
        ? `no column names the images that are there (as ${FILE_NAME} does); name it with --file COL, or "file" in dataset.json`
        : `there is no column ${quoted(stated)} for the file (named by ${options.file === undefined ? "dataset.json" : "--file"})`;
    const message = `${what}; ${listColumns(own.header)}${await otherImages(reading)}`;
    throwIfProblems("dataset", headline, [...own.problems, { code: "missing-column", path, message }]);
  }
  if (stated === undefined)
    reading.notes.push(
      `guessed that column ${named(file!)} names the images; say otherwise with --file COL or dataset.json`,
    );
  return rowsOfTable(own, file!, base);
}

function rowsOfTable(table: Awaited<ReturnType<typeof readTable>>, file: string, base: string): Rows {
  const rows = table.rows.map((cells, i) => ({
    cells,
    where: `${table.path}:${table.lines[i]}`,
    base,
    split: undefined,
  }));
  return { header: table.header, file, rows, notes: table.notes, problems: table.problems, paths: [table.path] };
}

/** Says which images of other kinds a folder holds, as the end of a message. */
async function otherImages({ look }: Reading): Promise<string> {
  const found = [...(await look()).tree.others].flatMap(([kind, n]) => {
    const remedy = remedyOf(kind.replace(/ images$/, ""));
    return remedy === null ? [] : [`${n} ${kind}, which are not read: ${remedy}`];
  });
  return found.length === 0 ? "" : `; it holds ${found.join("; ")}`;
}

/** Levels by which images are told apart, with the place of each image. */
interface Folders extends FolderLevels {
  readonly roles: FolderRoles;
  readonly at: (path: string) => number;
}

function foldersOf(paths: readonly string[]): Folders {
  const read = readLevels(paths);
  const place = new Map(paths.map((path, i) => [path, i]));
  return { ...read, roles: folderRoles(read), at: (path) => place.get(path)! };
}

/** A level that an option names; null where the option is of something else. */
const levelNamed = ({ levels }: FolderLevels, name: string | undefined): Level | null =>
  levels.find((level) => level.name === name) ?? null;

const splitAt = (level: Level, at: number): string | undefined => {
  const value = level.values[at]!;
  if (value === "") return undefined;
  return level.splits?.get(value) ?? normaliseSplit(value);
};

/** Throws the readings between which nobody has chosen. */
function refuseReadings({ root }: Reading, { readings }: FolderRoles): void {
  if (readings.length === 0) return;
  const lines = readings.map((line) => `  ${line}`);
  const message = `${root}: the folders can be read in ${readings.length === 1 ? "a way that is doubtful" : "several ways"}, and none is chosen by itself; say which (with inspect or import, or "label" in dataset.json):`;
  throw new GanglionError("dataset", [message, ...lines].join("\n"), {
    problems: [{ code: "several-readings", path: root, message: readings.join("; or ") }],
  });
}

/** Reads images whose folders are the splits, classes and patients. */
async function readFolders(reading: Reading, readers: LayoutReaders): Promise<Read> {
  const { root, options, description, look, notes, problems, headline } = reading;
  const { images, tree, masksOf, notes: maskNotes } = await look();
  if (images.length === 0) {
    const message = `no ${READ_KINDS} image was found; give a folder with metadata.csv, a folder with one sub-folder of images for each class, or an .npz file${await otherImages(reading)}`;
    problems.push({ code: "no-images", path: root, message });
  }
  const folders = foldersOf(images);
  const { levels } = folders;
  const taken = [options.label, options.patient, options.split, description.label, description.patient, description.split];
  // What is said of some levels leaves the others to be understood.
  const roles = folderRoles({ ...folders, levels: levels.filter(({ name }) => !taken.includes(name)) });
  const asked: { -readonly [K in "label" | "patient" | "split"]?: Level | null } = {};
  for (const role of ["label", "patient", "split", "file", "mask", "boxes"] as const) {
    const wanted = role === "boxes" ? options.boxes : (options[role] ?? description[role]);
    if (wanted === undefined) continue;
    const level = levelNamed(folders, wanted);
    if (role !== "file" && role !== "mask" && role !== "boxes" && (level !== null || wanted === role)) {
      asked[role] = level ?? roles[role];
      continue;
    }
    const message = `there is no column ${quoted(wanted)} (--${role}): the folder has no ${METADATA}, its sub-folders are the classes; ${listColumns(["label", "split", ...levels.map(({ name }) => name)])}`;
    problems.push({ code: "missing-column", path: root, message });
  }
  throwIfProblems("dataset", headline, problems);
  const chosen = { ...roles, ...asked };
  if (asked.label == null) refuseReadings(reading, roles);
  // A level has one role; what was asked for comes first.
  const label = chosen.label === asked.patient || chosen.label === asked.split ? (asked.label ?? null) : chosen.label;
  const split = chosen.split === label ? null : chosen.split;
  const patient = chosen.patient === label || chosen.patient === split ? null : chosen.patient;
  const columns: Columns = {
    label: asked.label?.name === options.label && options.label !== undefined ? options.label : DERIVED_LABEL,
    ...(split === null ? {} : { split: "split" }),
    ...(patient === null ? {} : { patient: "patient" }),
    ...(masksOf.size === 0 ? {} : { mask: "mask_file_name" }),
  };
  const others = levels.filter((level) => level !== label && level !== split && level !== patient);
  const without: string[] = [];
  const samples: Sample[] = [];
  for (const fileName of images) {
    const at = folders.at(fileName);
    const value = label === null ? "" : label.values[at]!;
    if (label !== null && value === "") {
      without.push(fileName);
      continue;
    }
    const ofSplit = split === null ? undefined : splitAt(split, at);
    const ofPatient = patient?.values[at] || undefined;
    const [mask, ...moreMasks] = masksOf.get(fileName) ?? [];
    samples.push({
      fileName,
      label: value,
      ...(ofPatient === undefined ? {} : { patient: ofPatient }),
      ...(ofSplit === undefined ? {} : { split: ofSplit }),
      ...(mask === undefined ? {} : { mask }),
      ...(moreMasks.length === 0 ? {} : { moreMasks }),
      attributes: Object.fromEntries(others.map((level) => [level.name, level.values[at]!])),
    });
  }
  checkWithoutClass(reading, without, samples, split, folders);
  const checked = await checkFiles(reading, samples);
  const classes = sortClasses(checked.map((sample) => sample.label));
  problems.push(...checkClasses(classes, root));
  throwIfProblems("dataset", headline, problems);
  if (label === null)
    notes.push(`no ${METADATA} and no folders of classes: all images are of one class without a name`);
  else notes.push(`no ${METADATA}: the sub-folders are the classes${split === null ? "" : ", within the splits"}`);
  if (levels.length > 1 && label !== null) notes.push(understood(label, split, patient));
  if (classes.length === 1 && label !== null) notes.push(`there is only one class, ${named(classes[0]!)}`);
  notes.push(...(asked.label == null ? roles.notes : []), ...maskNotes);
  const left = leftOutNote(tree.others);
  if (left !== null) notes.push(left);
  return { reader: readers.folders, columns, classes, samples: checked };
}

function understood(label: Level, split: Level | null, patient: Level | null): string {
  const parts = [`${levelText(label)} is the class`];
  if (split !== null) parts.push(`${levelText(split)} the split`);
  if (patient !== null) parts.push(`${levelText(patient)} the patient`);
  return `of the folders ${parts.join(", ")}`;
}

/** Images that lie beside the folders of classes: left out where they are whole splits without classes, else a problem. */
function checkWithoutClass(
  { root, notes, problems }: Reading,
  without: readonly string[],
  samples: readonly Sample[],
  split: Level | null,
  folders: Folders,
): void {
  if (without.length === 0) return;
  const splits = new Set(without.map((path) => (split === null ? undefined : splitAt(split, folders.at(path)))));
  if (!splits.has(undefined) && samples.length > 0 && !samples.some((sample) => splits.has(sample.split))) {
    notes.push(
      `${without.length} images of ${listed([...splits] as string[])} have no class (no folder of one) and are left out`,
    );
    return;
  }
  const message = `${without.length} images are next to the class folders, without a class (${named(without[0]!)}); move them into one, or write a ${METADATA}`;
  problems.push({ code: "no-label", path: root, message });
}

/** Looks at each image: one that is empty is a problem, or left out where that is asked for. */
async function checkFiles(
  { root, options, look, notes, problems }: Reading,
  samples: readonly Sample[],
): Promise<Sample[]> {
  const locator = new Locator(root, async () => (await look()).images);
  const found = await mapLimited(samples, 32, ({ fileName }) => locator.locate(fileName, "", "image"));
  const bad = found.flatMap((located, i) => ("path" in located ? [] : [{ ...located, path: samples[i]!.fileName }]));
  if (options.skipDamaged !== true) {
    problems.push(
      ...bad.map(({ code, path }): Problem => {
        const message = code === "empty-file" ? "the file is empty (0 bytes)" : "this is not a file that can be read";
        return { code: "empty-file", path, message: `${message}; restore or remove it` };
      }),
    );
    return [...samples];
  }
  if (bad.length > 0)
    notes.push(
      `${bad.length} files are empty or cannot be read and are left out (${listed(bad.map(({ path }) => path))})`,
    );
  return samples.filter((_, i) => "path" in found[i]!);
}

/** Reads images that a table lists. */
async function readRows(reading: Reading, table: Rows, readers: LayoutReaders): Promise<Read> {
  const { options, description, notes, problems, headline } = reading;
  const { header, rows, file } = table;
  const path = table.paths.join(", ");
  problems.push(...table.problems);
  notes.push(...table.notes);
  const named_ = [
    options.label ?? description.label,
    options.patient ?? description.patient,
    options.split ?? description.split,
  ];
  const beside = new Set(
    named_.filter(
      (name) => name !== undefined && /^folder_\d+$|^split$|^patient$|^label$/.test(name) && !header.includes(name),
    ) as string[],
  );
  const resolved = resolveColumns(header, description, options, {
    path,
    rows: rows.map(({ cells }) => cells),
    file,
    beside,
  });
  problems.push(...resolved.problems);
  if (problems.some(({ code }) => code === "missing-column" || code === "csv-header"))
    throwIfProblems("dataset", headline, problems);
  if (rows.length === 0) {
    if (problems.length === 0)
      problems.push({ code: "no-images", path, message: "the table has no rows; add one row for each image" });
    throwIfProblems("dataset", headline, problems);
  }
  const { files, plain } = await locateRows(reading, table);
  const at = (name: string | undefined) => (name === undefined ? -1 : header.indexOf(name));
  const joined = joinRows(rows, files, header, {
    patient: at(resolved.columns.patient),
    split: at(resolved.columns.split),
    box: resolved.columns.box?.map(at) ?? [],
  });
  problems.push(...joined.problems);
  const isPlain =
    plain && path === METADATA && table.notes.length === 0 && joined.notes.length === 0 && !resolved.sizedBox;
  const made = await samplesOf(reading, table, joined.images, resolved);
  notes.push(...joined.notes);
  const classes = sortClasses(made.samples.map(({ label }) => label));
  problems.push(...checkClasses(classes, path));
  problems.sort((a, b) => lineNumber(a) - lineNumber(b));
  if (made.samples.length === 0 && problems.length === 0) {
    problems.push({ code: "no-images", path, message: `no image is left; ${notes.at(-1) ?? "add rows"}` });
  }
  throwIfProblems("dataset", headline, problems);
  return { reader: readers.table(isPlain), columns: made.columns, classes, samples: made.samples };
}

/** Line that a problem is about, 0 for one of the whole table. */
function lineNumber({ path }: Problem): number {
  return Number(/:(\d+)$/.exec(path)?.[1] ?? 0);
}

/** The image of each row, null where it is left out. */
async function locateRows(
  reading: Reading,
  { header, rows, file }: Rows,
): Promise<{ files: (string | null)[]; plain: boolean }> {
  const { root, options, look, notes, problems } = reading;
  const at = header.indexOf(file);
  const locator = new Locator(root, async () => (await look()).images);
  const found = await mapLimited(rows, 32, async ({ cells, base }) =>
    cells[at]!.trim() === "" ? null : locator.locate(cells[at]!, base, "image"),
  );
  const spelling = new Map<string, string>();
  const skipped: string[] = [];
  let other = 0;
  let example = "";
  const files = found.map((located, i) => {
    const { where, cells } = rows[i]!;
    const cell = cells[at]!.trim();
    if (located === null) {
      problems.push({
        code: "no-file-name",
        path: where,
        message: `${named(file)} is empty; name the image of the row`,
      });
      return null;
    }
    if (!("path" in located)) {
      if (options.skipDamaged === true && DAMAGED.has(located.code)) skipped.push(cell);
      else problems.push({ code: located.code, path: where, message: located.message });
      return null;
    }
    const id = withoutImageEnding(plainPath(cell)).toLowerCase();
    const earlier = spelling.get(located.path) ?? id;
    spelling.set(located.path, earlier);
    // Two names of which each is the end of the other, or one in two folders of tables, may be one file; others are not.
    if (earlier !== id && !earlier.endsWith(`/${id}`) && !id.endsWith(`/${earlier}`)) {
      const message = `${quoted(cell)} and ${quoted(earlier)} both fit only the file ${quoted(located.path)}; write the paths from the dataset folder`;
      problems.push({ code: "ambiguous-file", path: where, message });
      return null;
    }
    if (!located.exact && ++other === 1) example = `${quoted(cell)} is ${quoted(located.path)}`;
    return located.path;
  });
  if (other > 0)
    notes.push(
      `${other} rows name their image in another spelling, without its ending or from another folder (${example})`,
    );
  if (skipped.length > 0)
    notes.push(`${skipped.length} rows whose image is not there or empty are left out (${listed(skipped)})`);
  return { files, plain: other === 0 && file === FILE_NAME };
}

const isEmptyCell = (cell: string): boolean => isMissingLabel(cell.trim());

async function samplesOf(
  reading: Reading,
  table: Rows,
  images: readonly ImageRow[],
  { columns: found, oneHot, sizedBox, notes: guesses }: ResolvedColumns,
): Promise<{ samples: Sample[]; columns: Columns }> {
  const { options, description, notes, problems } = reading;
  const { header } = table;
  const at = (name: string | undefined) => (name === undefined ? -1 : header.indexOf(name));
  const folders = foldersOf(images.map(({ fileName }) => fileName));
  notes.push(...guesses);
  const columns: { -readonly [K in keyof Columns]: Columns[K] } = { ...found };

  const sources = { label: sourceOf("label"), split: sourceOf("split"), patient: sourceOf("patient") };
  function sourceOf(role: "label" | "split" | "patient"): Level | null {
    const name = found[role];
    if (name === undefined || header.includes(name)) return null;
    const level = levelNamed(folders, name) ?? (name === role ? folders.roles[role] : null);
    if (level !== null) return level;
    const message = `there is no column ${quoted(name)} for the ${role} (--${role}); ${listColumns([...header, ...folders.levels.map((one) => one.name)])}`;
    problems.push({ code: "missing-column", path: table.paths.join(", "), message });
    delete columns[role];
    return null;
  }

  const rules = {
    multiLabel: options.multiLabel ?? description.multiLabel,
    missing: options.missing ?? description.missing,
    uncertain: options.uncertain ?? description.uncertain,
  };
  let labels: ImageLabels | null = null;
  const labelAt = at(columns.label);
  if (labelAt >= 0)
    labels = columnLabels(
      images.map(({ rows }) => rows.map((row) => row[labelAt]!)),
      columns.label!,
      rules,
    );
  else if (oneHot !== null) {
    const places = oneHot.columns.map(at);
    labels = oneHotLabels(
      images.map(({ rows }) => rows.map((row) => places.map((i) => row[i]!))),
      oneHot,
      rules,
    );
    columns.label = freeName(options.label ?? description.label ?? DERIVED_LABEL, header);
  } else if (sources.label === null && columns.label === undefined) {
    const own = table.file === FILE_NAME ? null : folders.roles.label;
    if (own !== null && folders.roles.readings.length === 0) {
      sources.label = own;
      columns.label = freeName(DERIVED_LABEL, header);
      notes.push(
        `no column looks like a label: the folders are the classes, ${levelText(own)}`,
        ...folders.roles.notes,
      );
    } else {
      notes.push(`no column looks like a label; all images are of one class without a name (${listColumns(header)})`);
      for (const level of folders.levels.filter(({ role }) => role === "class"))
        notes.push(`the folders ${levelText(level)} may be the classes: --label ${level.name}`);
    }
  }
  if (columns.split === undefined) {
    const bySplit = folders.roles.split;
    if (images.some(({ split }) => split !== undefined)) columns.split = freeName("split", header);
    else if (bySplit !== null && new Set(bySplit.splits?.values()).size > 1) {
      sources.split = bySplit;
      columns.split = freeName("split", header);
      notes.push(`the folders ${levelText(bySplit)} are the split`);
    }
  }
  const masks = await masksOfRows(reading, images, at(columns.mask));
  if (columns.mask === undefined && masks.some((own) => own.length > 0))
    columns.mask = freeName("mask_file_name", header);
  const box = sizedBox ? columns.box! : null;
  if (box !== null) {
    columns.box = CORNERS.map((name) => freeName(name, header)) as unknown as Columns["box"] & {};
    notes.push(
      `columns ${box.join(", ")} are a corner and a size; boxes are kept by corners (${columns.box!.join(", ")})`,
    );
  }

  const roles = new Set([
    FILE_NAME,
    columns.label,
    columns.patient,
    columns.split,
    columns.mask,
    ...(oneHot?.kind === "exclusive" ? oneHot.columns : []),
  ]);
  const others = header.map((name, i) => [name, i] as const).filter(([name]) => !roles.has(name));
  let withoutPatient = 0;
  const samples: Sample[] = [];
  for (const [i, { fileName, cells, split: ofTable }] of images.entries()) {
    const label = labels === null ? (sources.label?.values[i] ?? "") : labels.labels[i]!;
    if (label === null) continue;
    const cell = (name: string | undefined) => (at(name) < 0 ? undefined : cells[at(name)]!.trim() || undefined);
    const patient = sources.patient?.values[i] || cell(columns.patient);
    if (columns.patient !== undefined && patient === undefined) withoutPatient++;
    const splitText = cell(columns.split);
    const split =
      splitText === undefined
        ? (ofTable ?? (sources.split === null ? undefined : splitAt(sources.split, i)))
        : normaliseSplit(splitText);
    const [mask, ...moreMasks] = masks[i]!;
    const corners =
      box === null ? {} : cornersOf(box.map((name) => cells[at(name)]!) as [string, string, string, string]);
    samples.push({
      fileName,
      label,
      ...(patient === undefined ? {} : { patient }),
      ...(split === undefined ? {} : { split }),
      ...(mask === undefined ? {} : { mask }),
      ...(moreMasks.length === 0 ? {} : { moreMasks }),
      attributes: {
        ...Object.fromEntries(others.map(([name, k]) => [name, cells[k]!])),
        ...(box === null
          ? {}
          : Object.fromEntries(
              CORNERS.map((name, k) => [columns.box![k]!, (corners as Record<string, string>)[name]!]),
            )),
        ...(labels?.all == null ? {} : { all_labels: labels.all[i]! }),
      },
    });
  }
  notes.push(...(labels?.notes ?? []));
  if (withoutPatient > 0)
    notes.push(`${withoutPatient} rows have no ${columns.patient}; each counts as a patient alone`);
  await sayUnlisted(reading, table, images);
  return { samples, columns };
}

/** A column name that the table does not have yet. */
function freeName(name: string, header: readonly string[]): string {
  return header.includes(name) ? freeName(`${name}_2`, header) : name;
}

/** Masks of each image: those of the mask column, else those that belong to it by their names. */
async function masksOfRows(
  { root, look, looked, problems, options, notes }: Reading,
  images: readonly ImageRow[],
  at: number,
): Promise<(readonly string[])[]> {
  if (at < 0) {
    // A folder that was not listed has a table that speaks for itself.
    const masksOf = (await looked())?.masksOf;
    return images.map(({ fileName }) => masksOf?.get(fileName) ?? []);
  }
  const locator = new Locator(root, async () => (await look()).tree.images);
  const missing: string[] = [];
  const found = await mapLimited(images, 32, async ({ rows, where, base }) => {
    const cells = [...new Set(rows.map((row) => row[at]!.trim()))].filter((cell) => !isEmptyCell(cell));
    const masks: string[] = [];
    for (const cell of cells) {
      const located = await locator.locate(cell, base, "mask");
      if ("path" in located) masks.push(located.path);
      else if (options.skipDamaged === true && DAMAGED.has(located.code)) missing.push(cell);
      else problems.push({ code: located.code, path: where, message: located.message });
    }
    return masks;
  });
  if (missing.length > 0)
    notes.push(`${missing.length} masks are not there or empty; their images are kept without (${listed(missing)})`);
  return found;
}

/** Says how many images of a folder no row names. */
async function sayUnlisted({ looked, notes }: Reading, { paths }: Rows, rows: readonly ImageRow[]): Promise<void> {
  const found = await looked();
  if (found === null) return;
  const { images, tree, notes: maskNotes } = found;
  const listedNames = new Set(rows.map(({ fileName }) => fileName));
  const unlisted = images.filter((path) => !listedNames.has(path));
  if (unlisted.length > 0)
    notes.push(`${unlisted.length} images that ${listed(paths)} does not name are left out (${named(unlisted[0]!)})`);
  notes.push(...maskNotes);
  const left = leftOutNote(tree.others);
  if (left !== null) notes.push(left);
}
