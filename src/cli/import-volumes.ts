import { GanglionError } from "../core/errors.ts";
import { listed } from "../core/quoted.ts";
import type { ColumnOptions } from "../data/columns.ts";
import type { Mapping } from "../data/mapping/mapping-file.ts";
import { type VolumeSettings, volumesPlanOf, volumesPlanText } from "../data/mapping/plan-volumes.ts";
import { classNames } from "../data/mapping/rename-classes.ts";
import type { FoundVolumes } from "../data/volumes/find-volumes.ts";
import { importVolumes } from "../data/volumes/import-volumes.ts";
import type { Plane } from "../data/volumes/slices.ts";
import { labelledVolumes, type VolumeFolders } from "../data/volumes/understand-volumes.ts";
import type { CommandContext, CommandResult } from "./command.ts";
import { CT_WINDOWS, importResult, namedWindow, parseDicomWindow, parseSize, writtenText } from "./import-words.ts";

/** What `ganglion import` was asked of volumes. */
interface VolumeOptions {
  readonly size?: string | undefined;
  readonly label?: string | undefined;
  readonly patient?: string | undefined;
  readonly split?: string | undefined;
  readonly window?: string | undefined;
  readonly axis?: Plane | undefined;
  readonly skipDamaged?: boolean | undefined;
  readonly plan?: boolean | undefined;
  readonly dryRun?: boolean | undefined;
  readonly labels?: string | undefined;
}

/** Keys of a mapping that speak of volumes. */
const KEYS = [
  "$schema",
  "version",
  "axis",
  "labels",
  "label",
  "patient",
  "split",
  "classes",
  "size",
  "window",
  "skipDamaged",
];

/** Keys that speak of a table of labels, beside one. */
const TABLE_KEYS = ["file", "multiLabel", "missing", "uncertain"];

/** @throws GanglionError `usage` for keys of a mapping that speak of tables, masks or DICOM */
function refuseOtherKeys(mapping: Mapping, path: string, labels: string | undefined): void {
  const known = labels === undefined ? KEYS : [...KEYS, ...TABLE_KEYS];
  const others = Object.entries(mapping).flatMap(([key, value]) => (value == null || known.includes(key) ? [] : [key]));
  if (others.length === 0) return;
  const is = others.length === 1 ? "is" : "are";
  const message = `${path}: ${listed(others)} ${is} for images with a table or for DICOM, and SRC is NIfTI; leave ${others.length === 1 ? "it" : "them"} out`;
  throw new GanglionError("usage", message);
}

/** @throws GanglionError `usage` for what is no level of folders, which is all that volumes have */
function refuseColumns(options: VolumeOptions, labels: string | undefined): void {
  if (labels !== undefined) return;
  for (const role of ["label", "patient", "split"] as const) {
    const name = options[role];
    if (name === undefined || name === "" || /^folder_\d+$/.test(name)) continue;
    const message = `--${role} ${name} names a column, and volumes have none: give a level of folders, e.g. --${role} folder_1 (--plan lists them), a table with --labels FILE, or leave it out`;
    throw new GanglionError("usage", message);
  }
}

/** Writes the slices of volumes, or prints how they are understood. @param mapping With its file. @throws GanglionError */
export async function runVolumes(
  volumes: FoundVolumes,
  [source, out]: readonly string[],
  options: VolumeOptions,
  mapping: { readonly read: Mapping; readonly path: string } | null,
  context: CommandContext,
  columns: ColumnOptions,
): Promise<CommandResult> {
  const below = mapping?.read;
  const labels = options.labels ?? below?.labels;
  refuseColumns(options, labels);
  if (mapping !== null) refuseOtherKeys(mapping.read, mapping.path, labels);
  const window = parseDicomWindow(options.window) ?? namedWindow(below ?? null);
  if (window !== undefined && "name" in window) {
    const message = `--window ${window.name}: volumes have no windows of their own; give centre and width, or one of ${Object.keys(CT_WINDOWS).join(", ")}`;
    throw new GanglionError("usage", message);
  }
  const said = (role: "label" | "patient" | "split") => options[role] ?? (below?.[role] === null ? "" : below?.[role]);
  const classes = below?.classes;
  const folders: VolumeFolders = {
    label: said("label"),
    patient: said("patient"),
    split: said("split"),
    labels: labels === undefined ? undefined : { path: labels, columns },
    rename: classes === undefined ? undefined : (there) => classNames(classes, there, mapping!.path),
  };
  const size = parseSize(options.size) ?? below?.size ?? undefined;
  const axis = options.axis ?? below?.axis ?? "axial";
  const skipDamaged = options.skipDamaged ?? below?.skipDamaged ?? false;
  if (options.plan === true) {
    const found = await labelledVolumes(volumes, folders);
    const orNull = (name: string | undefined) => (name === "" ? null : name);
    const { file, multiLabel, missing, uncertain } = columns;
    const settings: VolumeSettings = {
      ...{ labels, file, multiLabel, missing: missing === undefined ? undefined : [...missing], uncertain },
      axis,
      label: orNull(folders.label),
      patient: orNull(folders.patient),
      split: orNull(folders.split),
      size: size ?? null,
      window: window ?? null,
      skipDamaged,
    };
    for (const note of found.notes) context.note(note);
    return {
      json: { source, plan: volumesPlanOf(found, settings), notes: found.notes },
      text: volumesPlanText(found, settings, source!),
    };
  }
  const dryRun = options.dryRun === true;
  const { progress: onProgress } = context;
  const plan = await importVolumes(volumes, out!, {
    ...folders,
    plane: axis,
    size,
    window,
    skipDamaged,
    dryRun,
    onProgress,
  });
  return importResult(plan, out!, dryRun, `${writtenText(plan, out!, !dryRun)}\nvolumes: ${plan.volumes}`, context);
}
