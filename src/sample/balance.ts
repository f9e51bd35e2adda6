import { GanglionError, type Problem, throwIfProblems } from "../core/errors.ts";
import { type ProgressListener, silent } from "../core/progress.ts";
import { named } from "../core/quoted.ts";
import { datasetName } from "../data/dataset.ts";
import { withChannels } from "../data/image.ts";
import { mapLimited } from "../data/parallel.ts";
import { readImage } from "../data/pixels.ts";
import { resizeSquare } from "../data/square.ts";
import { realFilter, SYNTHETIC, syntheticMarks } from "../data/synthetic-column.ts";
import type { Dataset, Sample } from "../data/types.ts";
import { type OutputRow, refuseNonEmpty, writeDataset } from "../data/writer.ts";
import type { BalancePlan } from "./balance-plan.ts";
import { type GeneratedDataset, provenanceLines } from "./generate.ts";
import { ImageNames } from "./image-names.ts";
import { PROVENANCE, type ProvenanceRecord } from "./provenance.ts";
import type { Run } from "./run-folder.ts";
import { type Sampler, samplerText } from "./sampler.ts";
import { synthesise } from "./synthesise.ts";

export interface BalanceOptions {
  readonly plan: BalancePlan;
  readonly sampler: Sampler;
  /** Seed of the synthetic images. */
  readonly seed: number;
  /** Told after each batch. Defaults to nobody. */
  readonly onProgress?: ProgressListener | undefined;
  /** Ends the work between two batches. Defaults to never. */
  readonly signal?: AbortSignal | undefined;
}

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
export function balanceNotes(dataset: Dataset, run: Run): string[] {
  const { resolution, channels } = run.generator.description;
  const notes = [
    `real images are cropped to their centre square and resized (Lanczos) to ${resolution} x ${resolution} pixels${channels === 1 ? ", in grey" : ""}, as the generator's are`,
  ];
  const left = [
    dataset.samples.some(({ mask }) => mask !== undefined) ? "masks" : "",
    dataset.columns.box === undefined ? "" : "boxes",
  ].filter(Boolean);
  if (left.length > 0) notes.push(`${left.join(" and ")} are left out: the synthetic images have none`);
  return notes;
}

/**
 * Writes the real images of a dataset and the synthetic ones of a plan as one dataset: `real/CLASS/000001.png` and
 * `synthetic/CLASS/000001.png`, the dataset's own columns, `synthetic` (0 or 1), `source` (former name of a real image),
 * and `provenance.jsonl` for the synthetic ones. There is a whole dataset or none.
 * @throws GanglionError that lists every real image which cannot be decoded
 */
export async function balanceDataset(
  dataset: Dataset,
  run: Run,
  out: string,
  options: BalanceOptions,
): Promise<GeneratedDataset & { readonly real: number }> {
  await refuseNonEmpty(out);
  checkBalanceable(dataset);
  const { plan, sampler, seed, onProgress, signal } = options;
  const roles = rolesOf(dataset);
  const records: ProvenanceRecord[] = [];
  const { images, tallies } = synthesise(run, {
    counts: plan.classes.map(({ name, synthetic }) => ({ name, count: synthetic })),
    sampler,
    seed,
    folder: "synthetic",
    onProgress,
    signal,
  });
  async function* rows(): AsyncGenerator<OutputRow> {
    yield* realRows(dataset, run, options, roles);
    for await (const { record, image } of images) {
      records.push(record);
      const columns: Record<string, string | number> = { [roles.label]: record.class, [SYNTHETIC]: 1 };
      if (roles.split !== undefined) columns[roles.split] = "train";
      yield { fileName: record.file_name, image, columns };
    }
  }
  const notes = [
    `Real images of ${datasetName(dataset)} (${SYNTHETIC} 0) and synthetic ones (${SYNTHETIC} 1) made by Ganglion with --sampler ${samplerText(sampler)} --seed ${seed}.`,
    ...balanceNotes(dataset, run),
    ...plan.notes,
  ];
  const written = await writeDataset(out, {
    rows: rows(),
    description: { ...roles, ...(dataset.license === undefined ? {} : { license: dataset.license }), notes },
    extraFiles: { [PROVENANCE]: () => provenanceLines(records) },
  });
  return {
    folder: written.folder,
    images: written.images,
    real: dataset.samples.length,
    classes: tallies,
  };
}

/** Real images, decoded a few ahead of the writer, in order; damaged ones are collected and thrown after the last. */
async function* realRows(
  dataset: Dataset,
  run: Run,
  { onProgress = silent, signal }: BalanceOptions,
  roles: ReturnType<typeof rolesOf>,
): AsyncGenerator<OutputRow> {
  const { resolution, channels } = run.generator.description;
  const dropped = new Set<string>([...(dataset.columns.box ?? [])]);
  const names = new ImageNames("real", dataset.classes);
  const problems: Problem[] = [];
  const total = dataset.samples.length;
  const step = 8;
  for (let at = 0; at < total; at += step) {
    if (signal?.aborted) throw new GanglionError("run", "stopped; nothing was written");
    const some = dataset.samples.slice(at, at + step);
    const decoded = await mapLimited(some, 4, async (sample, i) => {
      try {
        return withChannels(await resizeSquare(await readImage(dataset, at + i), resolution), channels);
      } catch (cause) {
        if (!(cause instanceof GanglionError) || cause.code === "internal") throw cause;
        const problem = { code: "unreadable-image", path: sample.fileName, message: cause.message };
        problems.push(cause.problems[0] ?? problem);
        return null;
      }
    });
    for (const [i, image] of decoded.entries()) {
      if (image === null || problems.length > 0) continue;
      const fileName = names.next(dataset.classes.indexOf(some[i]!.label));
      yield { fileName, image, columns: cellsOf(some[i]!, roles, dropped) };
    }
    onProgress({ stage: "copy real images", done: Math.min(total, at + step), total, unit: "images" });
  }
  throwIfProblems("dataset", `${dataset.root}: images cannot be decoded`, problems);
}
