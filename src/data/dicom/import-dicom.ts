import { rm } from "node:fs/promises";
import { basename, resolve, sep } from "node:path";
import { counted } from "../../core/counted.ts";
import { GanglionError, type Problem, throwIfProblems } from "../../core/errors.ts";
import { type ProgressListener, silent } from "../../core/progress.ts";
import { listed } from "../../core/quoted.ts";
import { type GreyOptions, type ImageReader, openImages, type ValueRange } from "../../dicom/read/open-images.ts";
import type { DicomFile } from "../../dicom/read/parse.ts";
import { FILE_NAME } from "../columns.ts";
import { asProblem } from "../image-problems.ts";
import type { ImportPlan } from "../import.ts";
import { foldersOf } from "../layout/folders.ts";
import { levelText } from "../layout/levels.ts";
import { CORNERS, movedCorners } from "../layout/sized-boxes.ts";
import { sortClasses } from "../names.ts";
import { resizeSquare } from "../square.ts";
import { type OutputRow, refuseNonEmpty, writeDataset } from "../writer.ts";
import { checkLabel, findAttribute, KEPT_ATTRIBUTES, type NamedAttribute } from "./attributes.ts";
import { cautionNotes } from "./cautions.ts";
import { folderLabel } from "./import-hint.ts";
import { type Instance, readDicomFile } from "./instance.ts";
import { type JoinedLabels, joinLabels, type LabelTable } from "./join-labels.ts";
import { type FrameRef, orderFrames } from "./order.ts";
import { newSalt, pseudonym, readSalt, writeSalt } from "./pseudonyms.ts";
import { type Scan, scanDicom } from "./scan.ts";

/** How {@link importDicom} brings pictures over. */
export interface DicomImportOptions {
  /** Width and height in pixels after the centre crop. Defaults to the size of each picture. */
  readonly size?: number | undefined;
  /**
   * Keyword of the attribute that is the class, `folder` for the first folder of a path or `folder_2` for a level of folders;
   * with {@link DicomImportOptions.labels} a column of the table. Defaults to none.
   */
  readonly label?: string | undefined;
  /** Keyword of the attribute that tells patients apart. Defaults to `PatientID`. */
  readonly patient?: string | undefined;
  /** Table of labels. Defaults to none. */
  readonly labels?: LabelTable | undefined;
  /** Window for grey in units of the modality, or the name of one in the files. Defaults to what each file says. */
  readonly window?: GreyOptions["window"];
  /** File of the salt of the pseudonyms; made where it does not exist. Defaults to OUT with `.salt` behind it. */
  readonly salt?: string | undefined;
  /** Keeps patient, study and series identifiers and paths as they are. Defaults to false. */
  readonly keepIds?: boolean;
  /** Leaves damaged files out and says so, instead of failing. Defaults to false. */
  readonly skipDamaged?: boolean;
  /** New name of each class, null for one whose pictures are left out; told the classes there are. Defaults to the names as they are. */
  readonly rename?: ((there: readonly string[]) => (label: string) => string | null) | undefined;
  /** Only says what would be written. Defaults to false. */
  readonly dryRun?: boolean;
  /** Told after each file. Defaults to nobody. */
  readonly onProgress?: ProgressListener | undefined;
}

/** What an import of DICOM writes, or would. */
export interface DicomImportPlan extends ImportPlan {
  readonly patients: number;
  readonly studies: number;
  readonly series: number;
  /** Files without a picture, by reason. */
  readonly skipped: Readonly<Record<string, number>>;
  /** What was understood of the series and of how grey is shown, one line each. */
  readonly understood: readonly string[];
  /** Damaged files that were left out. */
  readonly damaged: readonly Problem[];
  /** File of the salt; not set where identifiers are kept. */
  readonly salt?: string;
  /** What to know before the pictures are used or shared. */
  readonly notes: readonly string[];
}

const COLUMNS = {
  label: "label",
  split: "split",
  patient: "patient_id",
  study: "study_id",
  series: "series_id",
  slice: "slice",
};
const SOURCE = "source";
/** Known here, since the dictionary takes a while to load. */
const PATIENT_ID: NamedAttribute = { keyword: "PatientID", tag: 0x00100020, vr: "LO" };

/**
 * Writes the pictures of a DICOM file or folder as an image folder of 8-bit PNG files, one row a frame, in the order of
 * patients, series and slices; identifiers become pseudonyms, and of the attributes those of `docs/dicom.md` are kept.
 * @param out Folder to write to; null only says what would be written, to no place in particular.
 * @throws GanglionError that lists every file which cannot be read (unless they are skipped); nothing is written then.
 */
export async function importDicom(
  source: string,
  out: string | null,
  options: DicomImportOptions = {},
): Promise<DicomImportPlan> {
  const { keepIds = false, skipDamaged = false, onProgress = silent } = options;
  const dryRun = options.dryRun === true || out === null;
  if (out !== null) await refuseNonEmpty(out);
  const table = options.labels;
  const own = options.patient === undefined || table?.columns.patient !== undefined;
  const patient = own ? PATIENT_ID : await findAttribute(options.patient!, "patient");
  const byLevel = table === undefined && /^folder_\d+$/.test(options.label ?? "") ? options.label! : null;
  const label =
    options.label === undefined || options.label === "folder" || byLevel !== null || table !== undefined
      ? options.label
      : await findAttribute(options.label, "label");
  if (typeof label === "object") checkLabel(label, keepIds);
  const saltPath = keepIds || out === null ? undefined : saltFile(out, options.salt);
  const known = saltPath === undefined ? null : await readSalt(saltPath);
  const salt = known ?? newSalt();

  // What was named for the patient is taken as it stands.
  const labelledBy =
    table !== undefined
      ? (instances: readonly Instance[]) => joinLabels(instances, table)
      : byLevel !== null
        ? async (instances: readonly Instance[]) => labelsOfLevel(instances, byLevel)
        : undefined;
  const { rename } = options;
  const relabel =
    rename === undefined
      ? labelledBy
      : async (instances: readonly Instance[]) => {
          const own = { instances, notes: [], withoutLabel: 0 };
          return renamed((await labelledBy?.(instances)) ?? own, rename);
        };
  const scan = await scanDicom(
    source,
    {
      label: typeof label === "object" || (label === "folder" && table === undefined) ? label : undefined,
      patient,
      settlePatients: options.patient === undefined,
      relabel,
    },
    onProgress,
  );
  if (scan.instances.length === 0) throwNothing(source, scan);
  checkWindowName(scan, options.window);
  const frames = orderFrames(scan.instances, (instance) => identify(instance, keepIds ? null : salt));
  const kept = Object.keys(KEPT_ATTRIBUTES).filter((c) =>
    scan.instances.some(({ attributes }) => attributes[c] !== ""),
  );
  const labelled = label !== undefined || table !== undefined;
  const withSplit = scan.instances.some(({ split }) => split !== undefined);
  const withBoxes = scan.instances.some(({ box }) => box !== undefined);
  const columns = [
    ...(labelled ? [COLUMNS.label] : []),
    ...(withSplit ? [COLUMNS.split] : []),
    ...(withBoxes ? CORNERS : []),
    COLUMNS.patient,
    COLUMNS.study,
    COLUMNS.series,
    COLUMNS.slice,
    ...kept,
    ...(keepIds ? [SOURCE] : []),
  ];
  const damaged = [...scan.problems];
  const notes = cautionNotes(scan, { windowed: options.window !== undefined, keepIds });
  if (!labelled) notes.unshift(...folderNote(scan));
  const written: FrameRef[] = dryRun ? frames : [];
  const rows = dicomRows({ scan, frames, columns, damaged, written, options });
  if (dryRun) {
    if (!skipDamaged) throwIfProblems("image", `${source}: files cannot be imported`, damaged);
  } else {
    const made = saltPath !== undefined && known === null ? saltPath : null;
    if (made !== null) await writeSalt(made, salt);
    try {
      await writeDataset(out!, {
        rows,
        description: {
          ...(labelled ? { label: COLUMNS.label } : {}),
          ...(withSplit ? { split: COLUMNS.split } : {}),
          patient: COLUMNS.patient,
          ...(withBoxes ? { box: [...CORNERS] } : {}),
          name: basename(resolve(out!)),
          notes: ["Imported from DICOM by Ganglion.", ...notes],
        },
      });
    } catch (cause) {
      // A salt that stands for nothing is not left behind.
      if (made !== null) await rm(made, { force: true }).catch(() => undefined);
      throw cause;
    }
  }
  const perClass: Record<string, number> = {};
  for (const name of sortClasses(written.map(({ instance }) => instance.label))) perClass[name] = 0;
  for (const { instance } of written) perClass[instance.label]!++;
  const count = (key: "patient" | "study" | "series") => new Set(written.map((frame) => frame[key])).size;
  return {
    images: written.length,
    masks: 0,
    size: options.size,
    perClass,
    columns: [FILE_NAME, ...columns],
    patients: count("patient"),
    studies: count("study"),
    series: count("series"),
    skipped: scan.skipped,
    understood: understoodOf(scan, options),
    damaged,
    ...(saltPath === undefined ? {} : { salt: saltPath }),
    notes,
  };
}

/** Instances with the new names of their classes, without those that are left out. */
function renamed(
  { instances, notes, withoutLabel }: JoinedLabels<Instance>,
  rename: NonNullable<DicomImportOptions["rename"]>,
): JoinedLabels<Instance> {
  const nameOf = rename(sortClasses(instances.map(({ label }) => label)));
  const kept = instances.flatMap((instance) => {
    const label = nameOf(instance.label);
    return label === null ? [] : [{ ...instance, label }];
  });
  const left = instances.length - kept.length;
  const said = left === 0 ? [] : [`${left} files are left out by the mapping of their classes`];
  return { instances: kept, notes: [...notes, ...said], withoutLabel: withoutLabel + left };
}

/** Which series there are, and how grey is shown without a window of the person's own. */
function understoodOf({ instances }: Scan, { window }: DicomImportOptions): string[] {
  const kinds = new Map<string, Set<string>>();
  for (const { attributes, series } of instances) {
    const kind = attributes.modality || "no modality";
    kinds.set(kind, (kinds.get(kind) ?? new Set()).add(series));
  }
  const lines = [
    `series: ${[...kinds]
      .sort()
      .map(([kind, own]) => `${own.size} of ${kind}`)
      .join(", ")}`,
  ];
  const grey = instances.filter(({ colour }) => !colour);
  if (window !== undefined || grey.length === 0) return lines;
  const own = grey.filter(({ needsRange }) => !needsRange).length;
  const names = [...new Set(grey.flatMap(({ windows }) => windows.filter((name) => name !== "")))].sort();
  const called = names.length === 0 ? "" : ` (called ${listed(names)})`;
  return [
    ...lines,
    `window: ${counted(own, "file is shown as it says", "files are shown as they say")}${called}, ${grey.length - own} by the range of values of their series`,
  ];
}

/** Labels of a level of folders. @throws GanglionError `usage` for one that is not there */
function labelsOfLevel(instances: readonly Instance[], name: string): JoinedLabels<Instance> {
  const { levels } = foldersOf(instances.map(({ path }) => path));
  const level = levels.find((each) => each.name === name);
  if (level === undefined) {
    const there = levels.map((each) => each.name);
    const found = there.length === 0 ? "no folders tell the files apart" : `the levels are ${listed(there)}`;
    throw new GanglionError("usage", `--label ${name}: there is no such level of folders; ${found}`);
  }
  const labelled = instances.flatMap((instance, i) => {
    const label = level.values[i]!;
    return label === "" ? [] : [{ ...instance, label }];
  });
  return { instances: labelled, notes: [], withoutLabel: instances.length - labelled.length };
}

/** Says which folders may be the classes of files that are imported without one. */
function folderNote({ instances }: Scan): string[] {
  const paths = instances.map(({ path }) => path);
  const found = folderLabel(foldersOf(paths), paths);
  return found === null ? [] : [`the folders ${levelText(found.level)} may be the classes: --label ${found.name}`];
}

/** Where the salt lies: never in the dataset, with which it would be shared. @throws GanglionError `usage` */
function saltFile(out: string, wanted: string | undefined): string {
  const folder = resolve(out);
  const path = resolve(wanted ?? `${folder}.salt`);
  if (path !== folder && !path.startsWith(folder + sep)) return path;
  const message = `--salt ${wanted}: the salt must not be in the dataset, because anyone who has both can test guesses of identifiers; name a file elsewhere`;
  throw new GanglionError("usage", message);
}

function identify(instance: Instance, salt: Uint8Array | null) {
  const { patient, study, series } = instance;
  if (salt === null) return { patient: patient.split("\0").at(-1) ?? "", study, series };
  return {
    patient: pseudonym(salt, "patient", patient),
    study: pseudonym(salt, "study", study),
    series: pseudonym(salt, "series", series),
  };
}

/** A name that no file gives to a window is a slip of the hand. @throws GanglionError `usage` */
function checkWindowName({ instances }: Scan, window: DicomImportOptions["window"]): void {
  if (window === undefined || "center" in window) return;
  const names = [...new Set(instances.flatMap(({ windows }) => windows).filter((name) => name !== ""))];
  if (names.some((name) => name.toLowerCase() === window.name.toLowerCase())) return;
  const found = names.length === 0 ? "the files name none" : `the files name ${listed(names)}`;
  const message = `--window ${window.name}: there is no window of this name, ${found}; give centre and width, e.g. --window 40,400`;
  throw new GanglionError("usage", message);
}

function throwNothing(source: string, { problems, skipped }: Scan): never {
  throwIfProblems("image", `${source}: files cannot be imported`, problems);
  const counts = Object.entries(skipped).map(([reason, n]) => `${n} ${reason}`);
  const found = counts.length === 0 ? "there are no files" : `the files are: ${counts.join(", ")}`;
  throw new GanglionError("dataset", `${source}: no DICOM file with pixels was found; ${found}`);
}

interface RowsInput {
  readonly scan: Scan;
  readonly frames: readonly FrameRef[];
  readonly columns: readonly string[];
  /** Grows by the files that turn out to be damaged when they are decoded. */
  readonly damaged: Problem[];
  /** Grows by the frames that were written. */
  readonly written: FrameRef[];
  readonly options: DicomImportOptions;
}

/** Rows decoded one by one, in order; damaged files are collected and thrown after the last, or left out. */
async function* dicomRows({ scan, frames, columns, damaged, written, options }: RowsInput): AsyncGenerator<OutputRow> {
  const { size, window, skipDamaged = false, onProgress = silent } = options;
  const files = new LastFile(scan.root);
  const ranges = window === undefined ? await seriesRanges(files, frames) : new Map<string, ValueRange>();
  const digits = Math.max(6, String(frames.length).length);
  const lost = new Set<string>();
  for (const [i, ref] of frames.entries()) {
    const { instance, frame, slice, ...ids } = ref;
    if (!lost.has(instance.path)) {
      try {
        const images = await files.open(instance.path);
        const picture = await images.render(frame, { window, range: ranges.get(ids.series) });
        const cells: Record<string, string> = {
          ...instance.attributes,
          [COLUMNS.label]: instance.label,
          [COLUMNS.split]: instance.split ?? "",
          [COLUMNS.patient]: ids.patient,
          [COLUMNS.study]: ids.study,
          [COLUMNS.series]: ids.series,
          [COLUMNS.slice]: String(slice),
          [SOURCE]: instance.path,
        };
        const { box } = instance;
        const corners = box === undefined || size === undefined ? box : movedCorners(box, picture, size);
        for (const [k, text] of (corners ?? []).entries()) cells[CORNERS[k]!] = text;
        const image = size === undefined ? picture : await resizeSquare(picture, size);
        const row: OutputRow = {
          fileName: `images/${String(written.length + 1).padStart(digits, "0")}.png`,
          image,
          columns: Object.fromEntries(columns.map((column) => [column, cells[column]!])),
        };
        if (skipDamaged || damaged.length === 0) {
          written.push(ref);
          yield row;
        }
      } catch (cause) {
        if (!(cause instanceof GanglionError) || cause.code === "internal") throw cause;
        lost.add(instance.path);
        damaged.push(asProblem(cause, instance.path));
      }
    }
    onProgress({ stage: "import", done: i + 1, total: frames.length, unit: "images" });
  }
  if (!skipDamaged) throwIfProblems("image", `${scan.root}: files cannot be imported`, damaged);
}

/** The file that was read last, since the frames of one follow each other. */
class LastFile {
  readonly #root: string;
  #path = "";
  #images: ImageReader | null = null;

  constructor(root: string) {
    this.#root = root;
  }

  async open(path: string): Promise<ImageReader> {
    if (this.#images !== null && this.#path === path) return this.#images;
    const file: DicomFile = await readDicomFile(this.#root, path);
    this.#images = openImages(file);
    this.#path = path;
    return this.#images;
  }
}

/** Range of the values of each series of which a file says nothing of how it is to be shown. */
async function seriesRanges(files: LastFile, frames: readonly FrameRef[]): Promise<Map<string, ValueRange>> {
  const ranges = new Map<string, ValueRange>();
  for (const { instance, frame, series } of frames) {
    if (!instance.needsRange) continue;
    // A damaged frame is reported when it is rendered.
    const found = await files
      .open(instance.path)
      .then((images) => images.valueRange(frame))
      .catch(() => null);
    if (found === null) continue;
    const [low, high] = ranges.get(series) ?? found;
    ranges.set(series, [Math.min(low, found[0]), Math.max(high, found[1])]);
  }
  return ranges;
}
