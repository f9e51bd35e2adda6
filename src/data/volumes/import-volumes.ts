import { basename, resolve } from "node:path";
import { counted } from "../../core/counted.ts";
import { GanglionError, type Problem, throwIfProblems } from "../../core/errors.ts";
import { type ProgressListener, silent } from "../../core/progress.ts";
import { listed } from "../../core/quoted.ts";
import { FILE_NAME } from "../columns.ts";
import { asProblem } from "../image-problems.ts";
import type { ImportPlan } from "../import.ts";
import { sortClasses } from "../names.ts";
import { resizeSquare, resizeSquareNearest } from "../square.ts";
import type { GreyWindow, RawImage } from "../types.ts";
import { maskColumnName, type OutputRow, refuseNonEmpty, writeDataset } from "../writer.ts";
import type { FoundVolume, FoundVolumes } from "./find-volumes.ts";
import { readVolume, type Volume } from "./nifti.ts";
import { type Cut, cutOf, cutSizes, type Plane, sliceOf, valueRange } from "./slices.ts";
import { type LabelledVolume, labelledVolumes, type VolumeFolders } from "./understand-volumes.ts";

/** How {@link importVolumes} cuts volumes. */
export interface VolumeImportOptions extends VolumeFolders {
  /** Defaults to axial. */
  readonly plane?: Plane | undefined;
  /** Width and height in pixels after the centre crop. Defaults to the size of each slice. */
  readonly size?: number | undefined;
  /** Values that become 0..255. Defaults to all values of each volume. */
  readonly window?: GreyWindow | undefined;
  /** Leaves out volumes that cannot be read, instead of writing nothing. Defaults to false. */
  readonly skipDamaged?: boolean;
  /** Only says what would be written. Defaults to false. */
  readonly dryRun?: boolean;
  /** Told after each volume. Defaults to nobody. */
  readonly onProgress?: ProgressListener | undefined;
}

/** What an import of volumes writes, or would. */
export interface VolumeImportPlan extends ImportPlan {
  readonly volumes: number;
  /** Volumes that were left out. */
  readonly damaged: readonly Problem[];
  readonly notes: readonly string[];
}

const COLUMNS = ["patient", "volume", "slice", "plane", "orientation"] as const;
const SPACING = ["column_spacing_mm", "row_spacing_mm", "slice_spacing_mm"] as const;

/** A volume to cut, and what is said of all of its slices. */
interface Opened {
  readonly found: FoundVolume;
  readonly volume: Volume;
  readonly masks: readonly Volume[];
  readonly cut: Cut;
}

async function openVolume(root: string, found: FoundVolume, plane: Plane): Promise<Opened> {
  const volume = await readVolume(root, found.path);
  const masks: Volume[] = [];
  for (const path of found.masks) {
    const mask = await readVolume(root, path);
    if (mask.dims.some((n, i) => n !== volume.dims[i])) {
      const message = `the mask has ${mask.dims.join(" x ")} voxels, its volume ${volume.dims.join(" x ")}; bring them to one grid`;
      throw new GanglionError("image", `${path}: ${message}`, { problems: [{ code: "mask-size", path, message }] });
    }
    masks.push(mask);
  }
  return { found, volume, masks, cut: cutOf(volume, plane) };
}

/** Values of a mask as they are; above 255, where bytes end, they are 255. */
function maskSlice({ masks, cut }: Opened, index: number): RawImage | null {
  const slices = masks.map((mask) => sliceOf(mask, cut, index, Math.round));
  const [first, ...others] = slices;
  if (first === undefined) return null;
  for (const { data } of others)
    for (let i = 0; i < data.length; i++) first.data[i] = Math.max(first.data[i]!, data[i]!);
  return first;
}

/** What the import finds of the volumes while it reads them. */
interface Findings {
  readonly damaged: Problem[];
  readonly orientations: Set<string>;
  flat: number;
  overTime: number;
  masks: number;
  readonly labels: string[];
}

/**
 * Writes the slices of volumes as an image folder of 8-bit PNG: one row a slice, masks beside them with their values, spacing,
 * plane and orientation in columns, a patient for each examination. Slices of one single value are left out.
 * @throws GanglionError that lists every volume which cannot be read (unless they are skipped); nothing is written then
 */
export async function importVolumes(
  source: FoundVolumes,
  out: string,
  options: VolumeImportOptions = {},
): Promise<VolumeImportPlan> {
  const { plane = "axial", skipDamaged = false, dryRun = false } = options;
  await refuseNonEmpty(out);
  const understood = await labelledVolumes(source, options);
  const { volumes } = understood;
  const labelled = understood.label.level !== null || options.labels !== undefined;
  const divided = volumes.some(({ split }) => split !== undefined);
  const findings: Findings = { damaged: [], orientations: new Set(), flat: 0, overTime: 0, masks: 0, labels: [] };
  const rows = sliceRows(source.root, volumes, plane, options, findings);
  if (dryRun) {
    for await (const _ of rows);
  } else {
    await writeDataset(out, {
      rows,
      description: {
        ...(labelled ? { label: "label" } : {}),
        patient: "patient",
        ...(divided ? { split: "split" } : {}),
        name: basename(resolve(out)),
        notes: `Slices of volumes (${plane}), imported by Ganglion.`,
      },
    });
  }
  const { damaged, orientations, flat, overTime, masks } = findings;
  const lefts = { axial: "the patient's right", coronal: "the patient's right", sagittal: "the front" };
  const notes = [
    `${plane} slices as radiologists look at them: ${lefts[plane]} is at the left of the picture; the volumes are stored as ${listed([...orientations])}`,
    ...understood.notes,
  ];
  if (orientations.has("unknown"))
    notes.push("volumes that do not say their orientation are taken for RAS; look at some slices");
  if (options.window === undefined)
    notes.push("all values of each volume become 0 to 255; --window C,W sets one range for all (CT: lung, brain ...)");
  if (flat > 0)
    notes.push(`${counted(flat, "slice of one single value is", "slices of one single value are")} left out`);
  if (overTime > 0) notes.push(`${overTime} files hold several volumes over time; the first of each is read`);
  const perClass: Record<string, number> = Object.fromEntries(sortClasses(findings.labels).map((name) => [name, 0]));
  for (const label of findings.labels) perClass[label]!++;
  const images = findings.labels.length;
  const mask = masks > 0 ? [maskColumnName(undefined, masks === images)] : [];
  return {
    images,
    masks,
    size: options.size,
    perClass,
    columns: [
      FILE_NAME,
      ...mask,
      ...(labelled ? ["label"] : []),
      ...(divided ? ["split"] : []),
      ...[...COLUMNS, ...SPACING],
    ],
    volumes: volumes.length - damaged.length,
    damaged: skipDamaged ? damaged : [],
    notes,
  };
}

async function* sliceRows(
  root: string,
  volumes: readonly LabelledVolume[],
  plane: Plane,
  { size, window, skipDamaged = false, onProgress = silent }: VolumeImportOptions,
  findings: Findings,
): AsyncGenerator<OutputRow> {
  const { damaged } = findings;
  for (const [i, found] of volumes.entries()) {
    let opened: Opened | null = null;
    try {
      opened = await openVolume(root, found, plane);
    } catch (cause) {
      if (!(cause instanceof GanglionError) || cause.code === "internal") throw cause;
      damaged.push(asProblem(cause, found.path));
    }
    if (opened !== null && (skipDamaged || damaged.length === 0)) {
      const { volume } = opened;
      findings.orientations.add(volume.orientation ?? "unknown");
      if (volume.times > 1) findings.overTime++;
      for (const row of slicesOf(opened, plane, window)) {
        if (row === null) {
          findings.flat++;
          continue;
        }
        const { image, mask, cells } = row;
        const name = String(findings.labels.length + 1).padStart(6, "0");
        findings.labels.push(found.label);
        if (mask !== null) findings.masks++;
        yield {
          fileName: `images/${name}.png`,
          image: size === undefined ? image : await resizeSquare(image, size),
          ...(mask === null
            ? {}
            : {
                mask: {
                  fileName: `masks/${name}.png`,
                  image: size === undefined ? mask : resizeSquareNearest(mask, size),
                },
              }),
          columns: {
            ...(found.label === "" ? {} : { label: found.label }),
            ...(found.split === undefined ? {} : { split: found.split }),
            ...cells,
          },
        };
      }
    }
    onProgress({ stage: "import", done: i + 1, total: volumes.length, unit: "volumes" });
  }
  if (!skipDamaged || findings.labels.length === 0)
    throwIfProblems("image", `${root}: volumes cannot be imported`, damaged);
}

/** Slices of a volume in their order; null for one of a single value. */
function* slicesOf(opened: Opened, plane: Plane, window: GreyWindow | undefined) {
  const { found, volume, cut } = opened;
  const range = window === undefined ? valueRange(volume) : null;
  const [low, width] =
    window !== undefined
      ? [window.center - window.width / 2, window.width]
      : range === null
        ? [0, 1]
        : [range[0], range[1] - range[0] || 1];
  const { slices, columnSpacing, rowSpacing, sliceSpacing } = cutSizes(volume, cut);
  const mm = (value: number) => String(Math.round(value * 1e4) / 1e4);
  for (let index = 0; index < slices; index++) {
    const image = sliceOf(volume, cut, index, (value) => ((value - low) * 255) / width);
    if (image.data.every((value) => value === image.data[0])) {
      yield null;
      continue;
    }
    const cells: Record<string, string> = {
      patient: found.patient,
      volume: found.path,
      slice: String(index + 1),
      plane,
      orientation: volume.orientation ?? "",
      column_spacing_mm: mm(columnSpacing),
      row_spacing_mm: mm(rowSpacing),
      slice_spacing_mm: mm(sliceSpacing),
    };
    yield { image, mask: maskSlice(opened, index), cells };
  }
}
