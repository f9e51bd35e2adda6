import { GanglionError } from "../core/errors.ts";
import { listed } from "../core/quoted.ts";
import type { Mapping } from "../data/mapping/mapping-file.ts";
import { type VolumeSettings, volumesPlanOf, volumesPlanText } from "../data/mapping/plan-volumes.ts";
import { classNames } from "../data/mapping/rename-classes.ts";
import type { FoundVolumes } from "../data/volumes/find-volumes.ts";
import { importVolumes } from "../data/volumes/import-volumes.ts";
import type { Plane } from "../data/volumes/slices.ts";
import { understandVolumes, type VolumeFolders } from "../data/volumes/understand-volumes.ts";
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
}

/** Keys of a mapping that speak of volumes. */
const KEYS = ["$schema", "version", "axis", "label", "patient", "split", "classes", "size", "window", "skipDamaged"];

/** @throws GanglionError `usage` for keys of a mapping that speak of tables, masks or DICOM */
function refuseOtherKeys(mapping: Mapping, path: string): void {
  const others = Object.entries(mapping).flatMap(([key, value]) => (value == null || KEYS.includes(key) ? [] : [key]));
  if (others.length === 0) return;
  const is = others.length === 1 ? "is" : "are";
  const message = `${path}: ${listed(others)} ${is} for images with a table or for DICOM, and SRC is NIfTI; leave ${others.length === 1 ? "it" : "them"} out`;
  throw new GanglionError("usage", message);
}

/** @throws GanglionError `usage` for what is no level of folders, which is all that volumes have */
function refuseColumns(options: VolumeOptions): void {
  for (const role of ["label", "patient", "split"] as const) {
    const name = options[role];
    if (name === undefined || name === "" || /^folder_\d+$/.test(name)) continue;
    const message = `--${role} ${name} names a column, and volumes have none: give a level of folders, e.g. --${role} folder_1 (--plan lists them), or leave it out`;
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
): Promise<CommandResult> {
  refuseColumns(options);
  if (mapping !== null) refuseOtherKeys(mapping.read, mapping.path);
  const below = mapping?.read;
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
    rename: classes === undefined ? undefined : (there) => classNames(classes, there, mapping!.path),
  };
  const size = parseSize(options.size) ?? below?.size ?? undefined;
  const axis = options.axis ?? below?.axis ?? "axial";
  const skipDamaged = options.skipDamaged ?? below?.skipDamaged ?? false;
  if (options.plan === true) {
    const found = understandVolumes(volumes, folders);
    const orNull = (name: string | undefined) => (name === "" ? null : name);
    const settings: VolumeSettings = {
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
