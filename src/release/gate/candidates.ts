import { join } from "node:path";
import { GanglionError } from "../../core/errors.ts";
import { orMissing, readInside } from "../../core/inside-folder.ts";
import type { Dataset, Sample } from "../../data/types.ts";
import {
  type MapRecord,
  PROVENANCE,
  type ProvenanceRecord,
  readMapProvenance,
  readProvenance,
} from "../../sample/index.ts";
import type { Reasons } from "./reasons.ts";

/** An image that asks to be released. */
export interface Candidate {
  /** Index in the dataset. */
  readonly index: number;
  readonly sample: Sample;
  /** Its line of provenance; null where there is none. */
  readonly record: ProvenanceRecord | null;
  /** The same where the image was drawn from a map. */
  readonly mapRecord: MapRecord | null;
}

/** Whether the file is one of filled maps: those records name a region. */
async function isOfMaps(folder: string): Promise<boolean | null> {
  const text = (await orMissing(readInside(folder, PROVENANCE)))?.toString("utf8");
  if (text === undefined) return null;
  return /"region"\s*:/.test(text.slice(0, text.indexOf("\n") + 1 || undefined));
}

/** The images of a dataset with their provenance. A set without one, or with a damaged one, is a reason to refuse. */
export async function readCandidates(dataset: Dataset, reasons: Reasons): Promise<Candidate[]> {
  const none = () => dataset.samples.map((sample, index) => ({ index, sample, record: null, mapRecord: null }));
  if (!dataset.reader.ownLayout) {
    reasons.add("kind", dataset.reader.name, "only a folder that `ganglion generate` wrote is released; generate one");
    return none();
  }
  const path = join(dataset.root, PROVENANCE);
  const maps = await isOfMaps(dataset.root);
  if (maps === null) {
    reasons.add(
      "no-provenance",
      PROVENANCE,
      "the file is missing, so nothing documents that a generator drew the images; release a folder that `ganglion generate` wrote",
    );
    return none();
  }
  let records: readonly (ProvenanceRecord | MapRecord)[];
  try {
    records = maps ? await readMapProvenance(path) : await readProvenance(path);
  } catch (cause) {
    if (!(cause instanceof GanglionError) || cause.code !== "dataset") throw cause;
    const [first] = cause.problems;
    reasons.add(
      "provenance",
      PROVENANCE,
      `${cause.problems.length} lines are no record, the first: ${first?.message ?? cause.message}`,
    );
    return none();
  }
  const byName = new Map<string, ProvenanceRecord | MapRecord>();
  const twice: string[] = [];
  for (const record of records) {
    if (byName.has(record.file_name)) twice.push(record.file_name);
    byName.set(record.file_name, record);
  }
  reasons.each("provenance-twice", PROVENANCE, twice, "two lines name one image; keep the true one");
  const candidates = dataset.samples.map((sample, index) => {
    const record = byName.get(sample.fileName) ?? null;
    return { index, sample, record, mapRecord: maps && record !== null && "region" in record ? record : null };
  });
  const unknown = candidates.filter(({ record }) => record === null).map(({ sample }) => sample.fileName);
  reasons.each(
    "no-provenance",
    PROVENANCE,
    unknown,
    "no line says which generator drew them; remove the rows, or generate the images",
  );
  return candidates;
}
