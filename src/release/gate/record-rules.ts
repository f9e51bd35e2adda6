import { GanglionError } from "../../core/errors.ts";
import { needsLabeller, type ProvenanceRecord, parseSampler, SWEEPS, samplerText } from "../../sample/index.ts";
import type { Candidate } from "./candidates.ts";
import type { Reasons } from "./reasons.ts";

function isSampler(text: string): boolean {
  try {
    return samplerText(parseSampler(text)) === text;
  } catch (cause) {
    if (!(cause instanceof GanglionError) || cause.code === "internal") throw cause;
    return false;
  }
}

/** Whether the class that an image was drawn as is one of the set, where its sampler names one. */
const isDrawnAs = ({ sampler, drawn_as }: ProvenanceRecord, classes: ReadonlySet<string>): boolean =>
  needsLabeller(parseSampler(sampler)) ? drawn_as !== undefined && classes.has(drawn_as) : drawn_as === undefined;

/** What a sweep writes into further columns. */
const SWEEP_CELLS: Readonly<Record<string, (value: string | number) => boolean>> = {
  sweep: (value) => SWEEPS.some((name) => name === value),
  row: (value) => Number.isSafeInteger(value) && Number(value) > 0,
  step: (value) => Number.isSafeInteger(value) && Number(value) > 0,
};

/**
 * Records hold words in three places, the sampler, the class that an image was drawn as and the cells of a sweep: they must be words that
 * Ganglion writes. `relabel` draws as classes that it is asked for, and no other sampler names one; its classifier learned from the training
 * images without differential privacy.
 * @param guaranteed Whether the generator was trained with it.
 */
export function checkRecords(candidates: readonly Candidate[], guaranteed: boolean, reasons: Reasons): void {
  const classes = new Set(candidates.map(({ sample }) => sample.label));
  const sampler: string[] = [];
  const drawnAs: string[] = [];
  const cells: string[] = [];
  for (const { sample, record, mapRecord } of candidates) {
    if (record !== null && !isSampler(record.sampler)) sampler.push(sample.fileName);
    else if (record !== null && !isDrawnAs(record, classes)) drawnAs.push(sample.fileName);
    const further = Object.entries(mapRecord?.columns ?? {});
    if (further.some(([name, value]) => !(Object.hasOwn(SWEEP_CELLS, name) && SWEEP_CELLS[name]!(value)))) {
      cells.push(sample.fileName);
    }
  }
  const path = "provenance.jsonl";
  reasons.each(
    "record",
    path,
    sampler,
    "the sampler is none that Ganglion has; restore the lines as they were written",
  );
  reasons.each(
    "record",
    path,
    drawnAs,
    "drawn_as is a class of the set where the sampler is relabel, and is not there for others; restore the lines as they were written",
  );
  const labelled = candidates
    .filter(({ record }) => record?.drawn_as !== undefined)
    .map(({ sample }) => sample.fileName);
  reasons.each(
    "guarantee",
    path,
    guaranteed ? labelled : [],
    "the generator was trained with differential privacy, and the classifier of relabel was not: the guarantee does not cover these classes; draw the set with another sampler",
  );
  reasons.each("record", path, cells, "the additional columns are not those of a sweep; restore the original lines");
}
