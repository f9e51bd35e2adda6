import { z } from "zod";
import { GanglionError, type Problem, throwIfProblems } from "../core/errors.ts";
import { readNotLinked } from "../core/inside-folder.ts";
import { listed } from "../core/quoted.ts";
import { schemaProblems } from "../core/schema-problems.ts";
import { encodePng } from "../data/image.ts";
import { DEVICES } from "../graph/index.ts";
import type { Generator } from "../model/generator-file.ts";
import { type Draw, drawBatch, imageOfPlanes } from "./draw.ts";
import { parseSampler, psiOf } from "./sampler.ts";

/** File of a synthetic set that says how each image was made, one JSON object a line. */
export const PROVENANCE = "provenance.jsonl";

const recordSchema = z.object({
  /** Path of the image within the dataset. */
  file_name: z.string().min(1),
  /** SHA-256 of `generator.onnx`, lower-case hex. */
  generator: z.string().regex(/^[0-9a-f]{64}$/),
  /** Seed of the image: its latent is drawn from it alone. */
  seed: z.int().nonnegative(),
  /** Class name. */
  class: z.string(),
  /** Class that the generator was given, with `relabel` only: the class is that which a classifier of the training images gave. */
  drawn_as: z.string().optional(),
  /** Full text of the sampler, e.g. `truncation:0.7`. */
  sampler: z.string(),
  /** Device that drew it, where that was not the CPU: another draws pixels that differ by a level. */
  device: z.enum(DEVICES).optional(),
  /** Logit of the discriminator given the class; with `reject`, `best` and `worst` only. */
  score: z.number().optional(),
  /** Of the class, by that classifier; with `relabel` only. */
  probability: z.number().min(0).max(1).optional(),
  /** Candidates of the class that the image was picked from; with `best`, `worst` and `diverse` only. */
  pool: z.int().positive().optional(),
});

/** How an image was made: one line of {@link PROVENANCE}. */
export type ProvenanceRecord = z.infer<typeof recordSchema>;

/**
 * Reads a `provenance.jsonl`.
 * @throws GanglionError `dataset` that lists every line which is not a record, `files` when it cannot be read
 */
export const readProvenance = (path: string): Promise<ProvenanceRecord[]> => jsonLines(path, recordSchema);

/** Reads records of a schema, one JSON object a line. @throws GanglionError as {@link readProvenance} */
export async function jsonLines<T>(path: string, schema: z.ZodType<T>): Promise<T[]> {
  const records: T[] = [];
  const problems: Problem[] = [];
  const lines = (await readNotLinked(path)).toString("utf8").split("\n");
  for (const [i, line] of lines.entries()) {
    if (line.trim() === "") continue;
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      value = undefined;
    }
    const parsed = schema.safeParse(value);
    if (parsed.success) {
      records.push(parsed.data);
      continue;
    }
    const [first] = schemaProblems(schema, parsed.error, value, "provenance", "the line");
    const rule = value === undefined ? "this is no JSON" : `${first!.path}: ${first!.message}`;
    problems.push({
      code: "provenance",
      path: `${path}:${i + 1}`,
      message: `${rule}; restore the line as it was written`,
    });
  }
  if (records.length === 0 && problems.length === 0) {
    const message = "there is no line; give the file that `ganglion generate` wrote";
    problems.push({ code: "provenance", path, message });
  }
  throwIfProblems("dataset", `${path} cannot be read as provenance`, problems);
  return records;
}

/** Draws and psi of records after checking that this generator made them. @throws GanglionError `run` */
export function drawOf(generator: Generator, record: ProvenanceRecord): Draw & { readonly psi: number } {
  const { file_name: name } = record;
  if (record.generator !== generator.hash) {
    throw new GanglionError(
      "run",
      `${name} was made by the generator ${record.generator.slice(0, 12)}…, this run's is ${generator.hash.slice(0, 12)}…; give the run that made it`,
    );
  }
  const device = record.device ?? "cpu";
  if (device !== generator.device) {
    throw new GanglionError(
      "run",
      `${name} was drawn on ${device}, and ${generator.device} would draw other pixels; use --device ${device}`,
    );
  }
  const drawnAs = record.drawn_as ?? record.class;
  const classIndex = generator.description.classes.indexOf(drawnAs);
  if (classIndex < 0) {
    const known = listed(generator.description.classes);
    throw new GanglionError("run", `${name}: the generator has no class ${drawnAs}; its classes are ${known}`);
  }
  return { seed: record.seed, classIndex, psi: psiOf(parseSampler(record.sampler)) };
}

/**
 * Makes one image again from its record: the same PNG bytes as when it was written, whatever batch it was drawn in and
 * however many threads drew it (with the same versions of ONNX Runtime and sharp on a like processor).
 * @throws GanglionError `run` when another generator made the image
 */
export async function regenerate(
  { generator }: { readonly generator: Generator },
  record: ProvenanceRecord,
): Promise<Uint8Array> {
  const { psi, ...draw } = drawOf(generator, record);
  const { resolution, channels } = generator.description;
  return encodePng(imageOfPlanes(await drawBatch(generator, [draw], psi), resolution, channels));
}
