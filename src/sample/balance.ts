import { GanglionError, type Problem, throwIfProblems } from "../core/errors.ts";
import { silent } from "../core/progress.ts";
import { named } from "../core/quoted.ts";
import { datasetName } from "../data/dataset.ts";
import { withChannels } from "../data/image.ts";
import { readImageMap, regionOfMap } from "../data/maps/image-map.ts";
import type { MapKind } from "../data/maps/semantic-map.ts";
import { mapLimited } from "../data/parallel.ts";
import { readImage } from "../data/pixels.ts";
import { resizeSquare } from "../data/square.ts";
import { realFilter, SYNTHETIC, syntheticMarks } from "../data/synthetic-column.ts";
import type { Dataset, RawImage, Sample } from "../data/types.ts";
import { type OutputRow, refuseNonEmpty, writeDataset } from "../data/writer.ts";
import { addedImages, type BalanceOptions, MASKS, mapKindOf } from "./added-images.ts";
import { type GeneratedDataset, provenanceLines } from "./generate.ts";
import { ImageNames } from "./image-names.ts";
import type { MapRecord } from "./maps/map-provenance.ts";
import { regionImage } from "./maps/map-request.ts";
import type { MapRun } from "./maps/map-run.ts";
import { PROVENANCE, type ProvenanceRecord } from "./provenance.ts";
import type { Run } from "./run-folder.ts";
import { samplerNote, samplerText } from "./sampler.ts";

/** Folder of the real images. */
const REAL = "real";
/** Column of the masks of a balanced dataset. */
const MASK_COLUMN = "mask_file_name";
/** Former name of a real image, empty for synthetic ones. */
const SOURCE = "source";

/** @throws GanglionError `dataset` for a set that has no classes, or holds synthetic images already */
export function checkBalanceable(dataset: Dataset): void {
  if (dataset.classes.length === 1 && dataset.classes[0] === "") {
    throw new GanglionError("dataset", `${dataset.root} has no classes; name the column that holds them with --label`);
  }
  const marks = syntheticMarks(dataset);
  const known = dataset.samples.filter((_, i) => marks[i] === true);
  if (known.length === 0) return;
  throw new GanglionError(
    "dataset",
    `${dataset.root}: ${known.length} images are synthetic already (column ${SYNTHETIC}, first ${named(known[0]!.fileName)}); balance the real images: --where ${realFilter(dataset)}`,
  );
}

/** Names of the columns of the result by role. */
function rolesOf(dataset: Dataset) {
  const { label, patient, split } = dataset.columns;
  const some = (role: "patient" | "split") => dataset.samples.some((sample) => sample[role] !== undefined);
  return {
    label: label ?? "label",
    ...(some("patient") ? { patient: patient ?? "patient" } : {}),
    ...(some("split") ? { split: split ?? "split" } : {}),
  };
}

function cellsOf(sample: Sample, roles: ReturnType<typeof rolesOf>, dropped: ReadonlySet<string>) {
  const cells: Record<string, string> = { [roles.label]: sample.label };
  if (roles.patient !== undefined) cells[roles.patient] = sample.patient ?? "";
  if (roles.split !== undefined) cells[roles.split] = sample.split ?? "";
  cells[SYNTHETIC] = "0";
  cells[SOURCE] = sample.fileName;
  for (const [name, value] of Object.entries(sample.attributes)) {
    if (dropped.has(name) || name === SYNTHETIC) continue;
    const kept = name === SOURCE ? `${SOURCE}_before` : name;
    if (!Object.hasOwn(cells, kept)) cells[kept] = value;
  }
  return cells;
}

/** What is left out of the result or changed, to be said aloud. */
export function balanceNotes(dataset: Dataset, run: Run | MapRun): string[] {
  const { resolution, channels } = run.generator.description;
  const notes = [
    `real images are cropped to their centre square and resized (Lanczos) to ${resolution} x ${resolution} pixels${channels === 1 ? ", in grey" : ""}, as the generator's are`,
  ];
  const boxes = dataset.columns.box !== undefined;
  if (mapKindOf(run) !== null) {
    notes.push("masks are the lesions of the maps: asked for of synthetic images, cropped and resized of real ones");
    if (boxes) notes.push("columns of boxes are left out: masks show what lies in them");
    return notes;
  }
  const masks = dataset.samples.some(({ mask }) => mask !== undefined);
  const left = [masks ? "masks" : "", boxes ? "boxes" : ""].filter(Boolean);
  if (left.length > 0) notes.push(`${left.join(" and ")} are left out: the synthetic images have none`);
  return notes;
}

/**
 * Writes the real images of a dataset and the synthetic ones of a plan as one dataset: `real/CLASS/000001.png` and
 * `synthetic/CLASS/000001.png`, the dataset's own columns, `synthetic` (0 or 1), `source` (former name of a real image),
 * and `provenance.jsonl` for the synthetic ones; of a map-to-image run `masks/...` of both too. There is a whole dataset or none.
 * @throws GanglionError that lists every real image which cannot be decoded
 */
export async function balanceDataset(
  dataset: Dataset,
  run: Run | MapRun,
  out: string,
  options: BalanceOptions,
): Promise<GeneratedDataset & { readonly real: number; readonly notes: readonly string[] }> {
  await refuseNonEmpty(out);
  checkBalanceable(dataset);
  const { plan, sampler, seed } = options;
  const roles = rolesOf(dataset);
  const records: (ProvenanceRecord | MapRecord)[] = [];
  const added = await addedImages(dataset, run, options);
  async function* rows(): AsyncGenerator<OutputRow> {
    yield* realRows(dataset, run, options, roles);
    for await (const { record, image, mask } of added.images) {
      records.push(record);
      const columns: Record<string, string | number> = { [roles.label]: record.class, [SYNTHETIC]: 1 };
      if (roles.split !== undefined) columns[roles.split] = "train";
      yield { fileName: record.file_name, image, columns, ...(mask === undefined ? {} : { mask }) };
    }
  }
  const notes = [
    `Real images of ${datasetName(dataset)} (${SYNTHETIC} 0) and synthetic ones (${SYNTHETIC} 1) made by Ganglion with --sampler ${samplerText(sampler)} --seed ${seed}.${samplerNote(sampler)}`,
    ...balanceNotes(dataset, run),
    ...added.notes,
    ...plan.notes,
  ];
  const written = await writeDataset(out, {
    rows: rows(),
    description: {
      ...roles,
      ...(mapKindOf(run) === null ? {} : { mask: MASK_COLUMN }),
      ...(dataset.license === undefined ? {} : { license: dataset.license }),
      notes,
    },
    extraFiles: { [PROVENANCE]: () => provenanceLines(records) },
  });
  return {
    folder: written.folder,
    images: written.images,
    real: dataset.samples.length,
    classes: added.tallies,
    notes: added.notes,
  };
}

/** Real images, decoded a few ahead of the writer, in order; damaged ones are collected and thrown after the last. */
async function* realRows(
  dataset: Dataset,
  run: Run | MapRun,
  { onProgress = silent, signal }: BalanceOptions,
  roles: ReturnType<typeof rolesOf>,
): AsyncGenerator<OutputRow> {
  const { resolution, channels } = run.generator.description;
  const dropped = new Set<string>([...(dataset.columns.box ?? [])]);
  const kind = mapKindOf(run);
  if (kind !== null) dropped.add(MASK_COLUMN);
  const names = new ImageNames(REAL, dataset.classes);
  const problems: Problem[] = [];
  const total = dataset.samples.length;
  const step = 8;
  for (let at = 0; at < total; at += step) {
    if (signal?.aborted) throw new GanglionError("run", "stopped; nothing was written");
    const some = dataset.samples.slice(at, at + step);
    const decoded = await mapLimited(some, 4, async (sample, i) => {
      try {
        const read = await readImage(dataset, at + i);
        const region = kind === null ? null : await readRegion(dataset, at + i, read, kind, resolution);
        return { image: withChannels(await resizeSquare(read, resolution), channels), region };
      } catch (cause) {
        if (!(cause instanceof GanglionError) || cause.code === "internal") throw cause;
        const problem = { code: "unreadable-image", path: sample.fileName, message: cause.message };
        problems.push(cause.problems[0] ?? problem);
        return null;
      }
    });
    for (const [i, found] of decoded.entries()) {
      if (found === null || problems.length > 0) continue;
      const { image, region } = found;
      const fileName = names.next(dataset.classes.indexOf(some[i]!.label));
      const mask = region === null ? {} : { mask: { fileName: `${MASKS}/${fileName}`, image: region } };
      yield { fileName, image, columns: cellsOf(some[i]!, roles, dropped), ...mask };
    }
    onProgress({ stage: "copy real images", done: Math.min(total, at + step), total, unit: "images" });
  }
  throwIfProblems("dataset", `${dataset.root}: images cannot be decoded`, problems);
}

/** The lesion of a real image; null of one without mask and boxes. */
async function readRegion(dataset: Dataset, index: number, image: RawImage, kind: MapKind, size: number) {
  const map = await readImageMap(dataset, index, image);
  if (map.mask === null && map.boxes.length === 0) return null;
  return regionImage(regionOfMap(map, kind, size), size);
}
