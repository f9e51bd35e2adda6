import { join } from "node:path";
import { GanglionError } from "../../core/errors.ts";
import type { ProgressListener } from "../../core/progress.ts";
import type { RawImage } from "../../data/types.ts";
import { generationBatch } from "../../model/index.ts";
import { drawBatch, imageOfPlanes } from "../../sample/draw.ts";
import { openMapRun, openRun, PROVENANCE, type RunOptions, recordedRequests, runFamily } from "../../sample/index.ts";
import { drawMaps } from "../../sample/maps/fill-maps.ts";
import { drawOf } from "../../sample/provenance.ts";
import type { Candidate } from "./candidates.ts";
import type { DrawnImages } from "./drawn-images.ts";
import type { Reasons } from "./reasons.ts";

/**
 * Levels by which a pixel of the set may differ from the one that is drawn again: a level is what rounding on a like processor
 * can do. Two let a hidden image through (correlation 0.87 with what was hidden).
 */
const TOLERANCE = 1;

/** How far the images of the set are from those that were drawn again. */
export interface Residual {
  /** Largest difference of a pixel's channel in levels, 0 to {@link TOLERANCE}. */
  readonly max: number;
  /** Share of the channels of pixels that differ, 0 to 1. */
  readonly share: number;
}

/** Draws images again from their records, all of one psi. */
type Redraw = (candidates: readonly Candidate[]) => Promise<RawImage[]>;

export interface RedrawOptions {
  /** Folder of the dataset. */
  readonly root: string;
  readonly run: string;
  readonly read: (candidate: Candidate) => Promise<RawImage>;
  /** Takes what was drawn: this leaves, in place of what the folder holds. */
  readonly drawn: DrawnImages;
  readonly onProgress: ProgressListener;
  readonly signal: AbortSignal;
}

interface OpenedRun {
  /** Names the generator. */
  readonly hash: string;
  /** Images that it draws at once. */
  readonly batch: number;
  readonly redraw: Redraw;
  close(): Promise<void>;
}

/** Images [n, channels, S, S] one by one. */
function pictures(planes: Uint8Array, { resolution, channels }: { resolution: number; channels: 1 | 3 }): RawImage[] {
  const size = channels * resolution * resolution;
  return Array.from({ length: planes.length / size }, (_, i) =>
    imageOfPlanes(planes.subarray(i * size, (i + 1) * size), resolution, channels),
  );
}

/** A run opened to draw images again, on the device that drew them. */
async function openRedraw({ run, root }: RedrawOptions, device: RunOptions["device"]): Promise<OpenedRun> {
  if ((await runFamily(run)).input === "maps") {
    const opened = await openMapRun(run, { device });
    const redraw: Redraw = async (candidates) => {
      const records = candidates.flatMap(({ mapRecord }) => (mapRecord === null ? [] : [mapRecord]));
      const found = await recordedRequests(opened, join(root, PROVENANCE), records);
      const requests = found.map(({ request }) => request);
      return pictures(await drawMaps(opened, requests, found[0]!.psi), opened.generator.description);
    };
    const batch = generationBatch(opened.generator.description.resolution);
    return { hash: opened.generator.hash, batch, redraw, close: () => opened.close() };
  }
  const opened = await openRun(run, { device });
  const redraw: Redraw = async (candidates) => {
    const draws = candidates.flatMap(({ record }) => (record === null ? [] : [drawOf(opened.generator, record)]));
    return pictures(await drawBatch(opened.generator, draws, draws[0]!.psi), opened.generator.description);
  };
  const { hash, batch } = opened.generator;
  return { hash, batch, redraw, close: () => opened.close() };
}

/** Largest difference of two images in levels, and how many values differ; null for images of different shapes. */
function difference(a: RawImage, b: RawImage): { max: number; differing: number } | null {
  if (a.width !== b.width || a.height !== b.height || a.channels !== b.channels) return null;
  let [max, differing] = [0, 0];
  for (const [i, value] of a.data.entries()) {
    const found = Math.abs(value - b.data[i]!);
    if (found === 0) continue;
    differing++;
    if (found > max) max = found;
  }
  return { max, differing };
}

/** Candidates in their order, at most so many at a time and of one sampler each. */
function batches(candidates: readonly Candidate[], most: number): Candidate[][] {
  const found: Candidate[][] = [];
  for (const candidate of candidates) {
    const last = found.at(-1);
    const same = last?.[0]?.record?.sampler === candidate.record?.sampler;
    if (last !== undefined && same && last.length < most) last.push(candidate);
    else found.push([candidate]);
  }
  return found;
}

/** Draws a batch; where one of its records makes that fail, one by one, null for those that cannot be drawn. */
async function drawAll(batch: readonly Candidate[], redraw: Redraw): Promise<(RawImage | null)[]> {
  try {
    return await redraw(batch);
  } catch (cause) {
    if (!(cause instanceof GanglionError) || cause.code === "internal") throw cause;
    if (batch.length === 1) return [null];
    const drawn: (RawImage | null)[] = [];
    for (const candidate of batch) drawn.push(...(await drawAll([candidate], redraw)));
    return drawn;
  }
}

/**
 * Draws every image again from its record and compares: an image that no generator drew cannot pass, whatever its row and
 * its record say. What was drawn is kept, to be released in place of the set's own pixels, so that nothing can hide in a
 * difference that is allowed.
 * @returns null where no image has a record
 */
export async function checkReproduction(
  candidates: readonly Candidate[],
  options: RedrawOptions,
  reasons: Reasons,
): Promise<Residual | null> {
  const known = candidates.filter(({ record }) => record !== null);
  if (known.length === 0) return null;
  const { hash, batch: most, redraw, close } = await openRedraw(options, known[0]!.record?.device);
  const other = known.filter(({ record }) => record?.generator !== hash).map(({ sample }) => sample.fileName);
  const own = known.filter(({ record }) => record?.generator === hash);
  const pixels: string[] = [];
  const all = { max: 0, differing: 0, values: 0 };
  let farthest = 0;
  try {
    let done = 0;
    for (const batch of batches(own, most)) {
      if (options.signal.aborted) throw new GanglionError("files", "stopped; nothing was written");
      const drawn = await drawAll(batch, redraw);
      for (const [i, candidate] of batch.entries()) {
        const image = drawn[i]!;
        const { fileName } = candidate.sample;
        // An image that cannot be decoded is said by who looks at all of them.
        const there = await options.read(candidate).catch(() => null);
        const found = image === null || there === null ? null : difference(there, image);
        if (found !== null) farthest = Math.max(farthest, found.max);
        if (found !== null && found.max <= TOLERANCE) {
          all.max = Math.max(all.max, found.max);
          all.differing += found.differing;
          all.values += image!.data.length;
          await options.drawn.add(fileName, image!);
        } else if (image === null || there !== null) pixels.push(fileName);
      }
      done += batch.length;
      options.onProgress({ stage: "draw again", done, total: own.length, unit: "images" });
    }
  } finally {
    await close();
  }
  const path = "provenance.jsonl";
  reasons.each(
    "other-generator",
    path,
    other,
    `the run's generator is ${hash.slice(0, 12)}…, another one drew them; give the run that drew the dataset`,
  );
  reasons.each(
    "not-drawn",
    path,
    pixels,
    `the generator draws another image from that seed (up to ${farthest} levels away, ${TOLERANCE} is allowed): this image was not drawn by it, was changed, or was drawn on another kind of processor; generate and audit the set again on this machine`,
  );
  return { max: all.max, share: all.values === 0 ? 0 : all.differing / all.values };
}
