import { GanglionError } from "../core/errors.ts";
import { type ProgressListener, silent } from "../core/progress.ts";
import { type OutputRow, refuseNonEmpty, type WriteOptions, writeDataset } from "../data/writer.ts";
import { CONTACT_SHEET, ContactSheet } from "./contact-sheet.ts";
import { drawBatch, imageOfPlanes } from "./draw.ts";
import type { MapRecord } from "./maps/map-provenance.ts";
import { drawOf, PROVENANCE, type ProvenanceRecord } from "./provenance.ts";
import type { Run } from "./run-folder.ts";
import { samplerNote, samplerText } from "./sampler.ts";
import type { ClassTally, SynthesisOptions } from "./synthesis.ts";
import { synthesise } from "./synthesise.ts";

/** What {@link generateDataset} wrote. */
export interface GeneratedDataset {
  /** Absolute path. */
  readonly folder: string;
  readonly images: number;
  readonly classes: readonly ClassTally[];
}

/** Lines of a provenance file, made one at a time. */
export function* provenanceLines(records: Iterable<ProvenanceRecord | MapRecord>): Generator<string> {
  for (const record of records) yield `${JSON.stringify(record)}\n`;
}

/**
 * Draws images of a run and writes them as a dataset: `images/CLASS/000001.png`, `metadata.csv` with the columns label
 * (not where the images of the run have no labels) and synthetic (always 1), `dataset.json`, `provenance.jsonl` and `contact-sheet.html`. There is a whole dataset or none.
 * @throws GanglionError
 */
export async function generateDataset(run: Run, out: string, options: SynthesisOptions): Promise<GeneratedDataset> {
  await refuseNonEmpty(out);
  const { images, tallies } = synthesise(run, options);
  const records: ProvenanceRecord[] = [];
  const sheet = new ContactSheet();
  async function* rows(): AsyncGenerator<OutputRow> {
    for await (const { record, image } of images) {
      records.push(record);
      sheet.add(record.class, image);
      yield syntheticRow(record, image);
    }
  }
  const notes = `Every image is synthetic; made by Ganglion with --sampler ${samplerText(options.sampler)} --seed ${options.seed}.${samplerNote(options.sampler)} ${PROVENANCE} says how to make each again.`;
  const written = await writeDataset(out, describeSynthetic(run, rows(), records, sheet, notes));
  return { folder: written.folder, images: written.images, classes: tallies };
}

function syntheticRow(record: ProvenanceRecord, image: OutputRow["image"]): OutputRow {
  // Images without labels are one class without a name; cells without one would be missing labels.
  const label = record.class === "" ? {} : { label: record.class };
  return { fileName: record.file_name, image, columns: { ...label, synthetic: 1 } };
}

function describeSynthetic(
  { generator }: Run,
  rows: AsyncIterable<OutputRow>,
  records: readonly ProvenanceRecord[],
  sheet: ContactSheet,
  notes: string,
): WriteOptions {
  const { license, classes } = generator.description;
  const label = classes.every((name) => name === "") ? {} : { label: "label" };
  return {
    rows,
    description: { ...label, ...(license === "" ? {} : { license }), notes },
    extraFiles: { [PROVENANCE]: () => provenanceLines(records), [CONTACT_SHEET]: () => sheet.page(notes) },
  };
}

/**
 * Makes images again from their records, as a dataset with the names they had.
 * @throws GanglionError `run` when another generator made one of them
 */
export async function regenerateDataset(
  run: Run,
  out: string,
  records: readonly ProvenanceRecord[],
  onProgress: ProgressListener = silent,
  signal?: AbortSignal,
): Promise<GeneratedDataset> {
  await refuseNonEmpty(out);
  const { generator } = run;
  const { resolution, channels } = generator.description;
  const draws = records.map((record) => drawOf(generator, record));
  const named = new Set(records.map((record) => record.file_name));
  if (named.size < records.length) {
    throw new GanglionError("dataset", "two lines of the provenance name one file; remove one of them");
  }
  const sheet = new ContactSheet();
  async function* rows(): AsyncGenerator<OutputRow> {
    for (const [i, { psi, ...draw }] of draws.entries()) {
      if (signal?.aborted) throw new GanglionError("run", "stopped; nothing was written");
      const planes = await drawBatch(generator, [draw], psi);
      const image = imageOfPlanes(planes, resolution, channels);
      sheet.add(records[i]!.class, image);
      yield syntheticRow(records[i]!, image);
      onProgress({ stage: "regenerate", done: i + 1, total: records.length, unit: "images" });
    }
  }
  const notes = `Every image is synthetic; made again by Ganglion from ${PROVENANCE}.`;
  const written = await writeDataset(out, describeSynthetic(run, rows(), records, sheet, notes));
  const names = [...new Set(records.map((record) => record.class))];
  const classes = names.map((name) => ({
    name,
    images: records.filter((record) => record.class === name).length,
    candidates: 0,
    acceptance: null,
  }));
  return { folder: written.folder, images: written.images, classes };
}
