import { counted } from "../../core/counted.ts";
import { listed, named, quoted } from "../../core/quoted.ts";
import type { Drawn } from "../annotations/shapes.ts";
import { DERIVED_LABEL, FILE_NAME, listColumns, type ResolvedColumns } from "../columns.ts";
import { normaliseSplit } from "../names.ts";
import { mapLimited } from "../parallel.ts";
import { isMissingLabel } from "../table/missing-labels.ts";
import type { Columns, Sample } from "../types.ts";
import { type Folders, foldersOf, levelNamed, splitAt } from "./folders.ts";
import { columnLabels, type ImageLabels, oneHotLabels } from "./image-labels.ts";
import type { ImageRow } from "./join-rows.ts";
import { isPersonFolder, type Level, levelText } from "./levels.ts";
import { DAMAGED, Locator } from "./locate.ts";
import type { Reading } from "./reading.ts";
import { CORNERS, cornersOf } from "./sized-boxes.ts";
import type { Rows } from "./unite-tables.ts";
import { leftOutNote } from "./walk.ts";

/** What a role is taken from where no column of the table has it. */
interface Sources {
  label: Level | null;
  split: Level | null;
  patient: Level | null;
}

/** The parts that the steps of {@link samplesOf} share. */
interface Assembly {
  readonly reading: Reading;
  readonly table: Rows;
  readonly images: readonly ImageRow[];
  readonly found: ResolvedColumns;
  /** Columns by role, filled with those that are not of the table. */
  readonly columns: { -readonly [K in keyof Columns]: Columns[K] };
  readonly folders: Folders;
  readonly sources: Sources;
  /** Place of a column of the table, -1 where there is none. */
  readonly at: (name: string | undefined) => number;
}

/** The images of a table with their labels, masks and other roles; problems go to the reading. */
export async function samplesOf(
  reading: Reading,
  table: Rows,
  images: readonly ImageRow[],
  found: ResolvedColumns,
): Promise<{ samples: Sample[]; columns: Columns; unlabelled: string | undefined }> {
  const { notes } = reading;
  const { header } = table;
  const folders = foldersOf(images.map(({ fileName }) => fileName));
  const at = (name: string | undefined) => (name === undefined ? -1 : header.indexOf(name));
  const columns = { ...found.columns };
  const sources: Sources = { label: null, split: null, patient: null };
  const assembly: Assembly = { reading, table, images, found, columns, folders, sources, at };
  notes.push(...found.notes);
  for (const role of ["label", "split", "patient"] as const) sources[role] = askedLevel(assembly, role);
  const labels = labelsOf(assembly);
  findSplit(assembly);
  findPatient(assembly);
  const masks = await masksOfRows(reading, images, at(columns.mask));
  const drawn = table.drawn !== undefined && table.drawn.size > 0 && reading.options.mask !== "";
  if (columns.mask === undefined && (drawn || masks.some((own) => own.length > 0))) {
    columns.mask = freeName("mask_file_name", header);
  }
  if (found.sizedBox) {
    columns.box = CORNERS.map((name) => freeName(name, header)) as unknown as NonNullable<Columns["box"]>;
    const sized = listed(found.columns.box!);
    notes.push(`columns ${sized} are a corner and a size; boxes are kept by corners (${listed(columns.box)})`);
  }
  const samples = images.flatMap((_, i) => sampleAt(assembly, i, labels, masks[i]!));
  notes.push(...(labels?.notes ?? []));
  const alone = columns.patient === undefined ? 0 : samples.filter(({ patient }) => patient === undefined).length;
  if (alone > 0)
    notes.push(`${counted(alone, "row has", "rows have")} no ${columns.patient}; each counts as a patient alone`);
  await sayUnlisted(reading, table, images);
  return { samples, columns, unlabelled: labels?.unlabelled };
}

/** The level of folders that a role was said to be; null where it is a column or nothing was said. */
function askedLevel({ reading, table, found, columns, folders }: Assembly, role: keyof Sources): Level | null {
  const name = found.columns[role];
  const { header, paths } = table;
  if (name === undefined || header.includes(name)) return null;
  const level = levelNamed(folders, name) ?? (name === role ? folders.roles[role] : null);
  if (level !== null) return level;
  const there = listColumns([...header, ...folders.levels.map((one) => one.name)]);
  const message = `there is no column ${quoted(name)} for the ${role} (${reading.options.origin ?? `--${role}`}); ${there}`;
  reading.problems.push({ code: "missing-column", path: paths.join(", "), message });
  delete columns[role];
  return null;
}

/** Labels of a column or of columns of 0 and 1; null where folders say the class, or nothing does. */
function labelsOf({ reading, table, images, found, columns, folders, sources, at }: Assembly): ImageLabels | null {
  const { options, description, notes } = reading;
  const { header } = table;
  const rules = {
    multiLabel: options.multiLabel ?? description.multiLabel,
    missing: options.missing ?? description.missing,
    uncertain: options.uncertain ?? description.uncertain,
  };
  const label = at(columns.label);
  if (label >= 0) {
    const cells = images.map(({ rows }) => rows.map((row) => row[label]!));
    return columnLabels(cells, columns.label!, rules);
  }
  const { oneHot } = found;
  if (oneHot !== null) {
    const places = oneHot.columns.map(at);
    const cells = images.map(({ rows }) => rows.map((row) => places.map((i) => row[i]!)));
    columns.label = freeName(options.label ?? description.label ?? DERIVED_LABEL, header);
    return oneHotLabels(cells, oneHot, rules);
  }
  if (sources.label !== null || columns.label !== undefined || options.label === "") return null;
  // A file_name that names files as they are speaks of a plain set: its folders are not guessed to be classes.
  const own = table.file === FILE_NAME || folders.roles.readings.length > 0 ? null : folders.roles.label;
  // The one folder of all images that a table lists is called after the set.
  if (own !== null && (own.folders.length > 1 || table.drawn !== undefined)) {
    sources.label = own;
    columns.label = freeName(DERIVED_LABEL, header);
    notes.push(`no column looks like a label: the folders are the classes, ${levelText(own)}`, ...folders.roles.notes);
    return null;
  }
  notes.push(
    `no column looks like a label; all images are of one class without a name (say otherwise with --label COL; ${listColumns(header)})`,
  );
  // One folder of all images is no class.
  for (const level of folders.levels.filter((found) => found.role === "class" && found.folders.length > 1)) {
    notes.push(`the folders ${levelText(level)} may be the classes: --label ${level.name}`);
  }
  return null;
}

/** Where no column says the split: the names of tables, else folders that are splits. */
function findSplit({ reading, table, images, columns, folders, sources }: Assembly): void {
  if (columns.split !== undefined || reading.options.split === "") return;
  const { split } = folders.roles;
  const ofTables = images.some((image) => image.split !== undefined);
  if (!ofTables && (split === null || new Set(split.splits?.values()).size < 2)) return;
  columns.split = freeName("split", table.header);
  if (ofTables) return;
  sources.split = split;
  reading.notes.push(`the folders ${levelText(split!)} are the split`);
}

/** Where no column says the patient: folders that are called after people, as those of CheXpert and MURA. */
function findPatient({ reading, table, columns, folders, sources }: Assembly): void {
  const { patient } = folders.roles;
  if (columns.patient !== undefined || reading.options.patient === "" || table.file === FILE_NAME) return;
  if (patient === null || patient === sources.label || !patient.folders.every(isPersonFolder)) return;
  columns.patient = freeName("patient", table.header);
  sources.patient = patient;
  const note = `guessed that folders ${levelText(patient)} are the patient; say otherwise with --patient COL`;
  if (!reading.notes.includes(note)) reading.notes.push(note);
}

/** The regions that annotations draw in an image, with the file of the first; null for none. */
function drawnIn({ drawn }: Rows, { places }: ImageRow): { path: string; drawn: Drawn } | null {
  const found = places.flatMap((place) => {
    const own = drawn?.get(place);
    return own === undefined ? [] : [{ place, own }];
  });
  const [first] = found;
  if (first === undefined) return null;
  const shapes = found.flatMap(({ own }) => own.shapes);
  return { path: first.place.replace(/:\d+$/, ""), drawn: { ...first.own, shapes } };
}

/** Image `i` as a sample; none where it has no label. */
function sampleAt(
  { reading, table, images, found, columns, sources, at }: Assembly,
  i: number,
  labels: ImageLabels | null,
  masks: readonly string[],
): Sample[] {
  const { fileName, cells, split: ofTable } = images[i]!;
  const label = labels === null ? (sources.label?.values[i] ?? "") : labels.labels[i]!;
  if (label === null) return [];
  const cell = (name: string | undefined) => (at(name) < 0 ? undefined : cells[at(name)]!.trim() || undefined);
  const patient = sources.patient?.values[i] || cell(columns.patient);
  const stated = cell(columns.split);
  const ofFolder = sources.split === null ? undefined : splitAt(sources.split, i);
  const split = stated === undefined ? (ofTable ?? ofFolder) : normaliseSplit(stated);
  const drawn = masks.length > 0 || reading.options.mask === "" ? null : drawnIn(table, images[i]!);
  const [mask, ...moreMasks] = drawn === null ? masks : [drawn.path];
  const roles: readonly (string | undefined)[] = [
    ...[FILE_NAME, columns.label, columns.patient, columns.split, columns.mask],
    ...(found.oneHot?.kind === "exclusive" ? found.oneHot.columns : []),
  ];
  const attributes = table.header.flatMap((name, k) => (roles.includes(name) ? [] : [[name, cells[k]!] as const]));
  const sized = found.sizedBox ? found.columns.box!.map((name) => cells[at(name)]!) : null;
  const corners = sized === null ? [] : cornersOf(sized).map((text, k) => [columns.box![k]!, text] as const);
  const all = labels?.all == null ? [] : [["all_labels", labels.all[i]!] as const];
  return [
    {
      fileName,
      label,
      ...(patient === undefined ? {} : { patient }),
      ...(split === undefined ? {} : { split }),
      ...(mask === undefined ? {} : { mask }),
      ...(moreMasks.length === 0 ? {} : { moreMasks }),
      ...(drawn === null ? {} : { drawn: drawn.drawn }),
      attributes: Object.fromEntries([...attributes, ...corners, ...all]),
    },
  ];
}

/** A column name that the table does not have yet. */
function freeName(name: string, header: readonly string[]): string {
  return header.includes(name) ? freeName(`${name}_2`, header) : name;
}

const isEmptyCell = (cell: string): boolean => isMissingLabel(cell.trim());

/** Masks of each image: those of the mask column, else those that belong to it by their names. */
async function masksOfRows(
  { root, look, looked, problems, options, notes }: Reading,
  images: readonly ImageRow[],
  at: number,
): Promise<(readonly string[])[]> {
  if (at < 0) {
    // A folder that was not listed has a table that speaks for itself.
    const masksOf = options.mask === "" ? undefined : (await looked())?.masksOf;
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
    notes.push(
      `${counted(missing.length, "mask is not there or empty; its image is", "masks are not there or empty; their images are")} kept without (${listed(missing)})`,
    );
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
    notes.push(
      `${counted(unlisted.length, "image", "images")} that ${listed(paths)} does not name ${unlisted.length === 1 ? "is" : "are"} left out (${named(unlisted[0]!)})`,
    );
  notes.push(...maskNotes);
  const left = leftOutNote(tree.others);
  if (left !== null) notes.push(left);
}
