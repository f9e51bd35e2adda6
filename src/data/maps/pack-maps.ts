import { createHash } from "node:crypto";
import { availableParallelism } from "node:os";
import { counted } from "../../core/counted.ts";
import { GanglionError, type Problem, throwIfProblems } from "../../core/errors.ts";
import { type ProgressListener, silent } from "../../core/progress.ts";
import { asProblem } from "../image-problems.ts";
import { mapLimited } from "../parallel.ts";
import { readImage } from "../pixels.ts";
import type { Dataset } from "../types.ts";
import { ASSUMED_TONE, hasRegions, readImageMap, regionOfMap, type ToneSource, toneColumn } from "./image-map.ts";
import type { PackedMaps } from "./packed-maps.ts";
import { type Box, type MapKind, TONE_NAMES } from "./semantic-map.ts";

/** How {@link packMaps} packs. */
export interface PackMapsOptions {
  /** What fills the lesion in a map. */
  readonly kind: MapKind;
  /** Width and height of the maps in pixels. */
  readonly resolution: number;
  /** Samples to pack, in this order. Defaults to all. */
  readonly indices?: readonly number[];
  /** Told after each image. Defaults to nobody. */
  readonly onProgress?: ProgressListener | undefined;
  /** Ends the packing with an error once aborted. Defaults to a signal that never is. */
  readonly signal?: AbortSignal | undefined;
}

/** Images of each tone, I to VI. */
export function toneHistogram(tones: ArrayLike<number>): number[] {
  const counts = TONE_NAMES.map(() => 0);
  for (let i = 0; i < tones.length; i++) counts[tones[i]! - 1]!++;
  return counts;
}

/** What is to be said of tones by where they came from; empty where all are stated. */
export function toneNotes(sources: readonly ToneSource[]): string[] {
  const count = (source: ToneSource) => sources.filter((other) => other === source).length;
  const [marked, skin, border, assumed] = [count("marked"), count("skin"), count("border"), count("assumed")];
  const notes: string[] = [];
  if (marked > 0) notes.push(`${marked} of ${sources.length} tones are estimates by their column tone_estimated`);
  if (skin + border > 0) {
    const of = skin + border === sources.length ? "all" : `${skin + border} of ${sources.length}`;
    notes.push(
      `skin tones of ${of} images are estimated by ITA outside the lesion; an estimate, not a Fitzpatrick type`,
    );
  }
  if (border > 0) {
    notes.push(
      `in ${counted(border, "image the lesion leaves too little skin: its", "images the lesion leaves too little skin: their")} tone is estimated at the image's border`,
    );
  }
  if (assumed > 0) {
    const tone = TONE_NAMES[ASSUMED_TONE - 1];
    notes.push(
      `${assumed} of ${sources.length} images are grey or black and state no tone: they get tone ${tone}, which carries no information`,
    );
  }
  return notes;
}

/**
 * Makes the maps of a dataset's images, once, as plain data. Deterministic; the rules are in `docs/maps.md`.
 * @returns Maps in the order of `indices`, and what was estimated or left out, to be said aloud.
 * @throws GanglionError `dataset` when there is nothing to make regions from, or with every image whose cells, mask or
 *   pixels cannot be used
 */
export async function packMaps(
  dataset: Dataset,
  options: PackMapsOptions,
): Promise<{ readonly maps: PackedMaps; readonly notes: string[] }> {
  const { kind, resolution, onProgress = silent, signal } = options;
  const indices = options.indices ?? dataset.samples.map((_, i) => i);
  refuseWithoutRegions(dataset, kind);
  const pixels = resolution * resolution;
  const regions = new Uint8Array(indices.length * pixels);
  const tones = new Uint8Array(indices.length);
  const boxes = new Array<readonly Box[]>(indices.length).fill([]);
  const sources = new Array<ToneSource>(indices.length).fill("assumed");
  const found = new Map<number, readonly Problem[]>();
  let done = 0;
  await mapLimited(indices, Math.min(4, availableParallelism()), async (index, place) => {
    if (signal?.aborted) throw new GanglionError("files", "the making of maps was stopped; run again to finish it");
    try {
      const map = await readImageMap(dataset, index, await readImage(dataset, index));
      boxes[place] = map.boxes;
      tones[place] = map.tone;
      sources[place] = map.toneSource;
      regions.set(regionOfMap(map, kind, resolution), place * pixels);
    } catch (cause) {
      if (!(cause instanceof GanglionError) || cause.code === "internal") throw cause;
      const { fileName } = dataset.samples[index]!;
      found.set(place, cause.problems.length > 0 ? cause.problems : [asProblem(cause, fileName)]);
    }
    onProgress({ stage: "maps", done: ++done, total: indices.length, unit: "images" });
  }).finally(() => dataset.reader.release());
  const problems = [...found].sort(([a], [b]) => a - b).flatMap(([, own]) => own);
  throwIfProblems("dataset", `${dataset.root}: no maps can be made from these images`, problems);

  const notes: string[] = [];
  if (dataset.columns.tone !== undefined && toneColumn(dataset) === undefined) {
    notes.push(`column ${dataset.columns.tone} is a Monk scale and is not read; tones here are Fitzpatrick types`);
  }
  notes.push(...toneNotes(sources));
  const empty = [...indices.keys()].filter((i) => !regions.subarray(i * pixels, (i + 1) * pixels).includes(255));
  if (empty.length > 0)
    notes.push(`${empty.length} of ${indices.length} images have no lesion: their maps are empty but for the tone`);
  const lost = empty.filter((i) => boxes[i]!.length > 0).length;
  if (lost > 0) {
    const why = kind === "mask" ? "no mask, and maps of shapes show masks alone" : "none that holds a pixel of the map";
    notes.push(`${lost} of these have boxes but ${why}: their lesions are left out`);
  }
  const tonesEstimated = sources.some((source) => source !== "stated");
  return { maps: { kind, resolution, boxes, regions, tones, tonesEstimated }, notes };
}

function refuseWithoutRegions(dataset: Dataset, kind: MapKind): void {
  const masks = dataset.samples.some(({ mask }) => mask !== undefined);
  if (kind === "mask" ? masks : hasRegions(dataset)) return;
  const boxes = dataset.columns.box !== undefined;
  const remedy = boxes
    ? "make maps of kind box, or name a column of masks"
    : "add columns x_min, y_min, x_max, y_max (pixels) or mask_file_name";
  const lacking = kind === "mask" ? "masks" : "boxes and no masks";
  throw new GanglionError("dataset", `${dataset.root} has no ${lacking}, so no maps can be made; ${remedy}`);
}

/** SHA-256 that names maps by their content, so that a run can name its data; lower-case hex. */
export function mapsHash({ kind, resolution, boxes, regions, tones, tonesEstimated }: PackedMaps): string {
  const hash = createHash("sha256");
  hash.update(JSON.stringify({ kind, resolution, count: tones.length, tonesEstimated }));
  hash.update(JSON.stringify(boxes.map((own) => own.map(({ xMin, yMin, xMax, yMax }) => [xMin, yMin, xMax, yMax]))));
  return hash.update(regions).update(tones).digest("hex");
}
