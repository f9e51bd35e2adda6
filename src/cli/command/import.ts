import type { Command } from "commander";
import { z } from "zod";
import { GanglionError, type Problem } from "../../core/errors.ts";
import { refuseOutInside } from "../../core/out-folder.ts";
import { listed, quoted } from "../../core/quoted.ts";
import type { ColumnOptions } from "../../data/columns.ts";
import { readDataset } from "../../data/dataset.ts";
import { isDicomSource, mixedKinds } from "../../data/dicom/find-files.ts";
import { type DicomImportPlan, importDicom } from "../../data/dicom/import-dicom.ts";
import { importDataset, planImport } from "../../data/import.ts";
import { type Mapping, mappingOptions, readMapping } from "../../data/mapping/mapping-file.ts";
import {
  type DicomSettings,
  dicomPlanOf,
  dicomPlanText,
  type ImportSettings,
  planOf,
  planText,
} from "../../data/mapping/plan-text.ts";
import { classNames, renameClasses } from "../../data/mapping/rename-classes.ts";
import type { GreyWindow } from "../../data/types.ts";
import { findVolumes } from "../../data/volumes/find-volumes.ts";
import { PLANES } from "../../data/volumes/slices.ts";
import { addColumnOptions, columnOptions, readColumnOptions, refuseColumnOptions } from "../column-options.ts";
import type { CommandContext, CommandResult } from "../command.ts";
import { runVolumes } from "../import-volumes.ts";
import {
  CT_WINDOWS,
  importNext,
  importResult,
  namedWindow,
  parseDicomWindow,
  parseSize,
  parseWindow,
  warnOfDamaged,
  writtenText,
} from "../import-words.ts";
import { collect, oneOf } from "../options.ts";

const EXAMPLES = `
Examples:
  ganglion import pneumoniamnist_64.npz chest            an .npz in the MedMNIST layout becomes an image folder
  ganglion import photos skin --size 128 --label dx      images cropped to their centre square and resized
  ganglion import ct slices --window 40,400 --dry-run    16-bit grey through a window; only show what would be written
  ganglion import photos skin --leave-out odd.txt        without the images whose names are in odd.txt, one a line
  ganglion import study mr --size 128                    DICOM: one row per frame, ids become pseudonyms
  ganglion import scans ct --window lung --label folder  DICOM, one folder per class, CT window of the lung
  ganglion import scans sites --label BodyPartExamined --salt hospital.salt
  ganglion import Task02_Heart heart --axis coronal      NIfTI: coronal slices, masks from labelsTr
  ganglion import brats mr --plan > mapping.jsonc        how the volumes are understood, to edit and give back
  ganglion import scans ct --labels labels.csv           DICOM, classes from a table that names its files, series or studies

SRC is a folder with metadata.csv, a folder of class sub-folders, an .npz, DICOM files at any depth and under any name, or
NIfTI volumes (.nii, .nii.gz), which become slices with their masks.
OUT must not exist or be empty. docs/images.md describes how images are decoded, cropped and resized, docs/dicom.md which
parts of DICOM are kept. CT windows by name: ${Object.keys(CT_WINDOWS).join(", ")}.`;

export function configure(command: Command): void {
  command
    .argument("<SRC>", "image folder, class folders, .npz, DICOM or NIfTI")
    .argument("[OUT]", "folder to write the dataset to; not with --plan")
    .option("--size <N>", "crop to the centre square and resize to N x N pixels (default: unchanged)")
    .option(
      "--label <COL>",
      "column with the class (default: dataset.json, else guessed); DICOM: keyword of an attribute, or folder for the first folder of the path (default: none); NIfTI: folder_1 (default: found)",
    )
    .option(
      "--patient <COL>",
      "column with the patient (default: dataset.json, else guessed); DICOM: keyword of an attribute (default: PatientID)",
    );
  addColumnOptions(command)
    .option(
      "--window <C,W>",
      "16-bit grey, DICOM and NIfTI: centre and width of the values that become 0..255, or a name (default: as in each DICOM file, the bits that a 16-bit set holds, all values of a volume)",
    )
    .option(
      "--salt <FILE>",
      "DICOM: secret key of the pseudonyms, created if it does not exist (default: OUT.salt next to OUT)",
    )
    .option("--axis <PLANE>", `NIfTI: plane of the slices, ${PLANES.join(", ")} (default: axial)`)
    .option(
      "--labels <FILE>",
      "DICOM and NIfTI: table of labels, joined by instance, file, series, folder, study or patient (--file COL says by which column); --label, --patient and --split are its columns then",
    )
    .option("--keep-ids", "DICOM: keep patient, study and series identifiers and file paths unchanged")
    .option("--where <COL=VALUE>", "only these images (COL!=VALUE: all but these); may be repeated", collect)
    .option("--leave-out <FILE>", "text file that names images to leave out, one a line")
    .option("--skip-damaged", "leave out files that are damaged or missing and name them, instead of writing nothing")
    .option("--plan", "print what was understood as a mapping file, to edit and give back, and write nothing")
    .option("--mapping <FILE>", "read SRC as this file says (docs/data.md); flags beside it come first")
    .option("--dry-run", "show what would be written and write nothing")
    .addHelpText("after", EXAMPLES);
}

/** What {@link configure} declares. */
export const options = z.object({
  size: z.string().optional(),
  ...columnOptions,
  window: z.string().optional(),
  salt: z.string().optional(),
  axis: oneOf(PLANES).optional(),
  labels: z.string().optional(),
  keepIds: z.boolean().optional(),
  where: z.array(z.string()).optional(),
  leaveOut: z.string().optional(),
  skipDamaged: z.boolean().optional(),
  plan: z.boolean().optional(),
  mapping: z.string().optional(),
  dryRun: z.boolean().optional(),
});
type Options = z.infer<typeof options>;

const DICOM_ONLY = [
  ["salt", "--salt"],
  ["labels", "--labels"],
  ["keepIds", "--keep-ids"],
] as const;

function refuseFilters({ where, leaveOut }: Options, source: string, what: string): void {
  const given = where !== undefined ? "--where" : leaveOut !== undefined ? "--leave-out" : null;
  if (given === null) return;
  throw new GanglionError("usage", `${given} is for folders of images, and ${source} is ${what}; leave it out`);
}

function refuseDicomOptions(options: Options, source: string, allowed?: "labels"): void {
  for (const [key, flag] of DICOM_ONLY) {
    if (key === allowed) continue;
    if (options[key] === undefined) continue;
    const instead = key === "labels" ? "; name a table of images with --table FILE" : "; leave it out";
    throw new GanglionError("usage", `${flag} applies to DICOM, and ${source} holds none${instead}`);
  }
}

async function runDicom(
  [source, out]: readonly string[],
  options: Options,
  context: CommandContext,
): Promise<CommandResult> {
  if (options.keepIds === true && options.salt !== undefined) {
    throw new GanglionError("usage", "--salt is for pseudonyms and --keep-ids makes none; leave one of them out");
  }
  const dryRun = options.dryRun === true;
  const mapping = options.mapping === undefined ? null : await readMapping(options.mapping);
  const labels = options.labels ?? mapping?.labels;
  refuseAxis(mapping, options, source!);
  if (mapping !== null) refuseImageKeys(mapping, options.mapping!, labels);
  const columns = readOptions(options, mapping);
  const { label, patient } = columns;
  const window = parseDicomWindow(options.window) ?? namedWindow(mapping);
  const skipDamaged = options.skipDamaged ?? mapping?.skipDamaged ?? false;
  const size = parseSize(options.size) ?? mapping?.size ?? undefined;
  const classes = mapping?.classes;
  const plan = await importDicom(source!, options.plan === true ? null : out!, {
    size,
    label: label || undefined,
    patient: patient || undefined,
    labels: labels === undefined ? undefined : { path: labels, columns },
    window,
    rename: classes === undefined ? undefined : (there) => classNames(classes, there, options.mapping!),
    salt: options.salt,
    keepIds: options.keepIds === true,
    skipDamaged,
    dryRun,
    onProgress: context.progress,
  });
  if (options.plan === true) {
    for (const note of plan.notes) context.note(note);
    const settings: DicomSettings = {
      labels,
      file: columns.file,
      label: label || null,
      patient: patient || null,
      split: columns.split === "" ? null : columns.split,
      boxes: boxesOf(columns.boxes),
      multiLabel: columns.multiLabel,
      missing: columns.missing === undefined ? undefined : [...columns.missing],
      uncertain: columns.uncertain,
      size: size ?? null,
      window: window === undefined ? null : "name" in window ? window.name : window,
      skipDamaged,
    };
    return {
      json: { source, plan: dicomPlanOf(plan, settings), understood: plan.understood, notes: plan.notes },
      text: dicomPlanText(plan, settings, source!),
    };
  }
  return importResult(plan, out!, dryRun, dicomText(plan, out!, !dryRun), context);
}

/** Four columns of a box as a mapping has them; null for none, undefined where nobody said. */
function boxesOf(boxes: ColumnOptions["boxes"]): Mapping["boxes"] {
  if (boxes === undefined) return undefined;
  const names = typeof boxes === "string" ? boxes.split(",").map((name) => name.trim()) : boxes;
  return names.length === 4 ? (names as unknown as Mapping["boxes"]) : null;
}

const IMAGE_KEYS = ["table", "mask", "maskValues", "annotations"] as const;
const TABLE_KEYS = ["file", "split", "boxes", "multiLabel", "missing", "uncertain"] as const;

/** @throws GanglionError `usage` for keys of a mapping of DICOM that speak of images, or of a table where there is none */
function refuseImageKeys(mapping: Mapping, path: string, labels: string | undefined): void {
  const without = labels === undefined ? TABLE_KEYS.filter((key) => mapping[key] != null) : [];
  if (without.length > 0) {
    const message = `${path}: ${listed(without)} speak of a table of labels, and there is none; name it with "labels", or leave them out`;
    throw new GanglionError("usage", message);
  }
  const stated = IMAGE_KEYS.filter((key) => mapping[key] != null);
  if (stated.length === 0) return;
  const instead = stated.includes("table") ? "; a table of labels is labels" : "";
  throw new GanglionError(
    "usage",
    `${path}: ${listed(stated)} ${stated.length === 1 ? "is" : "are"} for folders of images, and SRC is DICOM; leave ${stated.length === 1 ? "it" : "them"} out${instead}`,
  );
}

function dicomText(plan: DicomImportPlan, out: string, written: boolean): string {
  const { patients, studies, series, salt } = plan;
  const lines = [writtenText(plan, out, written), `patients: ${patients}, studies: ${studies}, series: ${series}`];
  if (salt !== undefined) lines.push(`pseudonyms by the salt in ${salt}: keep it secret, and apart from the dataset`);
  return lines.join("\n");
}

/** Options of which one says that the images of a folder are meant, and of which one that its DICOM is. */
const SAY_IMAGES = ["table", "file", "mask", "maskValues"] as const;
const SAY_DICOM = ["labels", "salt", "keepIds"] as const;

/**
 * Whether the images of a folder that holds DICOM too are to be read.
 * @throws GanglionError `usage` where it holds many of both and nobody said which
 */
async function asImages(source: string, options: Options): Promise<boolean> {
  const mixed = await mixedKinds(source);
  if (mixed === null || SAY_DICOM.some((key) => options[key] !== undefined)) return false;
  if (SAY_IMAGES.some((key) => options[key] !== undefined)) return true;
  // A plan of images says what becomes of labels, one of DICOM does where a table is joined to it.
  if (options.mapping !== undefined) {
    const mapping = await readMapping(options.mapping);
    return mapping.labels === undefined && (mapping.table ?? mapping.file ?? mapping.missing) !== undefined;
  }
  const message = `${source} holds ${mixed.dicom} DICOM files and ${mixed.images} images, and either may be the dataset; say which: --table FILE for images that a table names, --labels FILE or --keep-ids for DICOM, or the folder of one of them as SRC`;
  throw new GanglionError("usage", message);
}

/** @throws GanglionError `usage` for a mapping that speaks of planes where there are no volumes */
function refuseAxis(mapping: Mapping | null, options: Options, source: string): void {
  if (mapping?.axis === undefined) return;
  const message = `${options.mapping}: axis is for NIfTI volumes, and ${source} holds none; leave it out`;
  throw new GanglionError("usage", message);
}

/** Options of a mapping below those of the command line. */
function readOptions(options: Options, mapping: Mapping | null): ColumnOptions {
  const given = Object.entries(readColumnOptions(options)).filter(([, value]) => value !== undefined);
  const below = mapping === null ? {} : mappingOptions(mapping, options.mapping!);
  return { ...below, ...Object.fromEntries(given) };
}

/** What is wrong with a mapping, where that is one thing. @param path Its file. */
function inOneLine(cause: unknown, path: string): unknown {
  if (!(cause instanceof GanglionError) || cause.problems.length !== 1) return cause;
  const { problems } = cause;
  return new GanglionError(cause.code, `${path}: ${problems[0]!.message}`, { cause, problems });
}

/** A window of a mapping of images, in numbers. @throws GanglionError `usage` for a name */
function imageWindow(mapping: Mapping | null, path: string | undefined): GreyWindow | undefined {
  const window = mapping?.window ?? undefined;
  if (typeof window !== "string") return window;
  throw new GanglionError(
    "usage",
    `${path}: window ${quoted(window)} is a name, which windows of DICOM have; write centre and width, {"center": 2048, "width": 4096}`,
  );
}

function settingsOf(options: Options, mapping: Mapping | null): ImportSettings {
  return {
    size: parseSize(options.size) ?? mapping?.size ?? null,
    window: parseWindow(options.window) ?? imageWindow(mapping, options.mapping) ?? null,
    skipDamaged: options.skipDamaged ?? mapping?.skipDamaged ?? false,
  };
}

/** Reads SRC and writes it to OUT as an image folder of PNG files, or prints how it is understood. @throws GanglionError */
export async function run(args: readonly string[], options: Options, context: CommandContext): Promise<CommandResult> {
  const [source, out] = args;
  const { plan: onlyPlan = false } = options;
  if (out === undefined && !onlyPlan)
    throw new GanglionError("usage", "name the folder to write the dataset to: ganglion import SRC OUT");
  if (out !== undefined) await refuseOutInside(out, { SOURCE: source });
  if ((await isDicomSource(source!)) && !(await asImages(source!, options))) {
    refuseFilters(options, source!, "DICOM");
    const { file, split, multiLabel, missing, uncertain, ...others } = options;
    const { boxes, ...joined } = others;
    const withTable = options.labels !== undefined || options.mapping !== undefined;
    refuseColumnOptions(withTable ? joined : options, source!, "DICOM");
    return runDicom(args, options, context);
  }
  const volumes = await findVolumes(source!);
  refuseDicomOptions(options, source!, volumes === null ? undefined : "labels");
  if (volumes !== null) {
    const { split, file, ...others } = options;
    const path = options.mapping;
    const mapping = path === undefined ? null : { read: await readMapping(path), path };
    const labels = options.labels ?? mapping?.read.labels;
    // Beside a table of labels the other flags of tables are of it.
    const { multiLabel, missing, uncertain, ...alone } = others;
    refuseColumnOptions(labels === undefined ? { ...others, file } : alone, source!, "NIfTI");
    refuseFilters(options, source!, "NIfTI");
    return runVolumes(volumes, args, options, mapping, context, readOptions(options, mapping?.read ?? null));
  }
  if (options.axis !== undefined) {
    throw new GanglionError("usage", `--axis applies to NIfTI volumes, and ${source} holds none; leave it out`);
  }
  const mapping = options.mapping === undefined ? null : await readMapping(options.mapping);
  refuseAxis(mapping, options, source!);
  const settings = settingsOf(options, mapping);
  const { skipDamaged } = settings;
  const { where, leaveOut } = options;
  const filters = { where, leaveOut, skipDamaged };
  const read = await readDataset(source!, { ...readOptions(options, mapping), ...filters }).catch((cause) => {
    throw mapping === null ? cause : inOneLine(cause, options.mapping!);
  });
  const dataset = renameClasses(read, mapping?.classes, options.mapping ?? "");
  for (const note of dataset.notes) context.note(note);
  if (onlyPlan) {
    return {
      json: { source, plan: planOf(dataset, settings), notes: dataset.notes },
      text: planText(dataset, settings, source!),
    };
  }
  const damaged: Problem[] = [];
  const importOptions = {
    size: settings.size ?? undefined,
    window: settings.window ?? undefined,
    skipDamaged,
    onProgress: context.progress,
    onDamaged: (problem: Problem) => damaged.push(problem),
  };
  const dryRun = options.dryRun === true;
  const plan = dryRun
    ? await planImport(dataset, out!, importOptions)
    : await importDataset(dataset, out!, importOptions);
  warnOfDamaged(damaged, context);
  return {
    json: { out, written: !dryRun, ...plan, damaged, notes: dataset.notes },
    text: writtenText(plan, out!, !dryRun),
    next: importNext(out!, dryRun, context),
  };
}
