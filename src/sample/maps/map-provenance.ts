import { dirname } from "node:path";
import { z } from "zod";
import { GanglionError, type Problem, throwIfProblems } from "../../core/errors.ts";
import { sha256 } from "../../core/hash.ts";
import { readInside } from "../../core/inside-folder.ts";
import { listed, quoted } from "../../core/quoted.ts";
import { decodeImage, withChannels } from "../../data/image.ts";
import type { Box, Tone } from "../../data/maps/semantic-map.ts";
import { DEVICES } from "../../graph/index.ts";
import { jsonLines } from "../provenance.ts";
import { parseSampler, psiOf } from "../sampler.ts";
import type { MapRequest } from "./map-request.ts";
import type { MapRun } from "./map-run.ts";

const recordSchema = z.object({
  /** Path of the image within the dataset. */
  file_name: z.string().min(1),
  /** SHA-256 of `generator.onnx`, lower-case hex. */
  generator: z.string().regex(/^[0-9a-f]{64}$/),
  /** Device that drew it, where that was not the CPU. */
  device: z.enum(DEVICES).optional(),
  /** Seed of the image: its latent is drawn from it alone. */
  seed: z.int().nonnegative(),
  /** Class name. */
  class: z.string(),
  /** Full text of the sampler, e.g. `truncation:0.7`. */
  sampler: z.string(),
  /** Tone asked for, 1 to 6. */
  tone: z.int().min(1).max(6),
  /** True where the generator learned tones that were estimated from pixels. */
  tone_estimated: z.boolean(),
  /** Boxes asked for: x_min, y_min, x_max, y_max in pixels, maximum exclusive. */
  boxes: z.array(z.tuple([z.number(), z.number(), z.number(), z.number()])),
  /** PNG of the region asked for, within the dataset. */
  mask: z.string().min(1),
  /** SHA-256 of the region's pixels, 0 or 255 by rows. */
  region: z.string(),
  /** Where the map came from. */
  map: z.string(),
  /** Sweep, row and step, where the image is of one. */
  columns: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
});

/** How a map was filled: one line of `provenance.jsonl`. */
export type MapRecord = z.infer<typeof recordSchema>;

/** Reads the provenance of a set of filled maps. @throws GanglionError `dataset` that lists every line which is no record */
export const readMapProvenance = (path: string): Promise<MapRecord[]> => jsonLines(path, recordSchema);

/** A record with the map it asks for. */
export interface RecordedRequest {
  readonly record: MapRecord;
  readonly request: MapRequest;
  readonly psi: number;
}

/**
 * The maps of records, read from the masks beside the provenance file.
 * @throws GanglionError `run` when another generator or device made one of the images, `dataset` that lists every mask
 *   which is missing or was changed
 */
export async function recordedRequests(
  run: MapRun,
  path: string,
  records: readonly MapRecord[],
): Promise<RecordedRequest[]> {
  const { hash, description } = run.generator;
  const problems: Problem[] = [];
  const found: RecordedRequest[] = [];
  for (const record of records) {
    const { file_name: name, device = "cpu" } = record;
    if (record.generator !== hash) {
      const message = `${name} was made by the generator ${record.generator.slice(0, 12)}…, this run's is ${hash.slice(0, 12)}…; give the run that made it`;
      throw new GanglionError("run", message);
    }
    if (device !== run.device) {
      const message = `${name} was drawn on ${device}, and ${run.device} would draw other pixels; use --device ${device}`;
      throw new GanglionError("run", message);
    }
    const region = await readMask(path, record, description.resolution, problems);
    const condition = description.classes.indexOf(record.class);
    if (condition < 0) {
      const message = `the generator has no class ${quoted(record.class)}; it has ${listed(description.classes)}`;
      problems.push({ code: "unknown-class", path: name, message });
    }
    if (region === null || condition < 0) continue;
    const boxes = record.boxes.map((corners): Box => {
      const [xMin, yMin, xMax, yMax] = corners.map((value) => value / description.resolution);
      return { xMin: xMin!, yMin: yMin!, xMax: xMax!, yMax: yMax! };
    });
    const { seed, map: source, columns } = record;
    const request = { condition, tone: record.tone as Tone, boxes, region, seed, source, ...(columns && { columns }) };
    found.push({ record, request, psi: psiOf(parseSampler(record.sampler)) });
  }
  throwIfProblems("dataset", `${path}: images cannot be made again`, problems);
  return found;
}

async function readMask(
  path: string,
  record: MapRecord,
  size: number,
  problems: Problem[],
): Promise<Uint8Array | null> {
  const say = (message: string) => {
    problems.push({ code: "mask", path: record.file_name, message });
    return null;
  };
  try {
    const { data } = withChannels(
      await decodeImage(await readInside(dirname(path), record.mask), { name: record.mask }),
      1,
    );
    if (data.length === size * size && sha256(data) === record.region) return data;
    return say(`the mask ${record.mask} is not the one that was filled; restore it as it was written`);
  } catch (cause) {
    if (!(cause instanceof GanglionError) || cause.code === "internal") throw cause;
    return say(`${cause.message}; the masks of the set must be next to its provenance file`);
  }
}
