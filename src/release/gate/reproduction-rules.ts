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
import type { Reasons } from "./reasons.ts";

/** Levels by which another processor or device may draw a pixel differently. */
const TOLERANCE = 2;

/** Draws images again from their records, all of one psi. */
type Redraw = (candidates: readonly Candidate[]) => Promise<RawImage[]>;

export interface RedrawOptions {
  /** Folder of the dataset. */
  readonly root: string;
  readonly run: string;
  readonly read: (candidate: Candidate) => Promise<RawImage>;
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

/** True where no byte differs by more than {@link TOLERANCE}. */
function samePicture(a: RawImage, b: RawImage): boolean {
  if (a.width !== b.width || a.height !== b.height || a.channels !== b.channels) return false;
  return a.data.every((value, i) => Math.abs(value - b.data[i]!) <= TOLERANCE);
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
 * its record say.
 */
export async function checkReproduction(
  candidates: readonly Candidate[],
  options: RedrawOptions,
  reasons: Reasons,
): Promise<void> {
  const known = candidates.filter(({ record }) => record !== null);
  if (known.length === 0) return;
  const { hash, batch: most, redraw, close } = await openRedraw(options, known[0]!.record?.device);
  const other = known.filter(({ record }) => record?.generator !== hash).map(({ sample }) => sample.fileName);
  const own = known.filter(({ record }) => record?.generator === hash);
  const pixels: string[] = [];
  try {
    let done = 0;
    for (const batch of batches(own, most)) {
      if (options.signal.aborted) throw new GanglionError("files", "stopped; nothing was written");
      const drawn = await drawAll(batch, redraw);
      for (const [i, candidate] of batch.entries()) {
        const image = drawn[i]!;
        // An image that cannot be decoded is said by who looks at all of them.
        const there = await options.read(candidate).catch(() => null);
        if (image === null || (there !== null && !samePicture(there, image))) pixels.push(candidate.sample.fileName);
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
    "the generator draws another image from that seed: this image was not drawn by it, or was changed; generate it again",
  );
}
