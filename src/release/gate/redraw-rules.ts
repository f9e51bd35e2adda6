import { join } from "node:path";
import { GanglionError } from "../../core/errors.ts";
import type { ProgressListener } from "../../core/progress.ts";
import type { RawImage } from "../../data/types.ts";
import { drawBatch, imageOfPlanes } from "../../sample/draw.ts";
import { openMapRun, openRun, PROVENANCE, recordedRequests, runModel } from "../../sample/index.ts";
import { drawMaps } from "../../sample/maps/fill-maps.ts";
import { drawOf } from "../../sample/provenance.ts";
import type { Candidate } from "./candidates.ts";
import type { Reasons } from "./reasons.ts";

/** Levels by which another processor or device may draw a pixel differently. */
const TOLERANCE = 2;

type Redrawn = (candidate: Candidate) => Promise<RawImage>;

export interface RedrawOptions {
  /** Folder of the dataset. */
  readonly root: string;
  readonly run: string;
  readonly read: (candidate: Candidate) => Promise<RawImage>;
  readonly onProgress: ProgressListener;
  readonly signal: AbortSignal;
}

/** A run opened to draw images again; `hash` names its generator. */
async function openRedraw(
  { run, root }: RedrawOptions,
  device: "cpu" | "webgpu" | undefined,
): Promise<{ hash: string; redraw: Redrawn; close(): Promise<void> }> {
  if ((await runModel(run)) === "dermgan") {
    const opened = await openMapRun(run, { device });
    const { hash, description } = opened.generator;
    const redraw: Redrawn = async ({ mapRecord }) => {
      const records = mapRecord === null ? [] : [mapRecord];
      const [found] = await recordedRequests(opened, join(root, PROVENANCE), records);
      const planes = await drawMaps(opened, [found.request], found.psi);
      return imageOfPlanes(planes, description.resolution, description.channels);
    };
    return { hash, redraw, close: () => opened.close() };
  }
  const opened = await openRun(run, { device });
  const { hash, description } = opened.generator;
  const redraw: Redrawn = async ({ record }) => {
    if (record === null) throw new GanglionError("internal", "internal: an image without a record is drawn again");
    const { psi, ...draw } = drawOf(opened.generator, record);
    return imageOfPlanes(await drawBatch(opened.generator, [draw], psi), description.resolution, description.channels);
  };
  return { hash, redraw, close: () => opened.close() };
}

/** True where no byte differs by more than {@link TOLERANCE}. */
export function samePicture(a: RawImage, b: RawImage): boolean {
  if (a.width !== b.width || a.height !== b.height || a.channels !== b.channels) return false;
  return a.data.every((value, i) => Math.abs(value - b.data[i]) <= TOLERANCE);
}

/**
 * Draws every image again from its record and compares: an image that no generator drew cannot pass, whatever its row and
 * its record say.
 */
export async function checkRedrawn(
  candidates: readonly Candidate[],
  options: RedrawOptions,
  reasons: Reasons,
): Promise<void> {
  const known = candidates.filter(({ record }) => record !== null);
  if (known.length === 0) return;
  const device = known[0].record?.device as "cpu" | "webgpu" | undefined;
  const { hash, redraw, close } = await openRedraw(options, device);
  const broken = { other: [] as string[], pixels: [] as string[] };
  try {
    for (const [at, candidate] of known.entries()) {
      if (options.signal.aborted) throw new GanglionError("files", "stopped; nothing was written");
      const { sample, record } = candidate;
      if (record?.generator !== hash) broken.other.push(sample.fileName);
      else {
        try {
          if (!samePicture(await options.read(candidate), await redraw(candidate))) broken.pixels.push(sample.fileName);
        } catch (cause) {
          if (!(cause instanceof GanglionError) || cause.code === "internal") throw cause;
          broken.pixels.push(sample.fileName);
        }
      }
      options.onProgress({ stage: "draw again", done: at + 1, total: known.length, unit: "images" });
    }
  } finally {
    await close();
  }
  const path = "provenance.jsonl";
  reasons.each(
    "other-generator",
    path,
    broken.other,
    `the run's generator is ${hash.slice(0, 12)}…, another one drew them; give the run that drew the dataset`,
  );
  reasons.each(
    "not-drawn",
    path,
    broken.pixels,
    "the generator draws another picture from that seed: the image is not its work, or was changed; generate it again",
  );
}
