import type { ProgressListener } from "../core/progress.ts";
import type { MapKind } from "../data/maps/semantic-map.ts";
import type { Dataset } from "../data/types.ts";
import type { OutputRow } from "../data/writer.ts";
import type { BalancePlan } from "./balance-plan.ts";
import type { Labeller } from "./labeller.ts";
import { drawRequests, readTrainingMaps } from "./maps/dataset-maps.ts";
import { fillAmongOthers } from "./maps/fill-maps.ts";
import type { MapRecord } from "./maps/map-provenance.ts";
import type { MapRun } from "./maps/map-run.ts";
import type { ProvenanceRecord } from "./provenance.ts";
import type { Run } from "./run-folder.ts";
import type { Sampler } from "./sampler.ts";
import type { ClassTally } from "./synthesis.ts";
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
  /** Needed by `relabel`. */
  readonly labeller?: Labeller | undefined;
}

/** Folder of the synthetic images within a balanced dataset. */
const FOLDER = "synthetic";
/** Folder of all masks there. */
export const MASKS = "masks";

/** A synthetic image for a dataset of real ones. */
interface AddedImage extends Pick<OutputRow, "image" | "mask"> {
  readonly record: ProvenanceRecord | MapRecord;
}

export interface AddedImages {
  readonly images: AsyncIterable<AddedImage>;
  /** Complete when the images have ended. */
  readonly tallies: readonly ClassTally[];
  /** What is to be said of them. */
  readonly notes: readonly string[];
}

/** What fills the lesion in the maps of a run; null of a run that draws from noise. */
export function mapKindOf({ generator: { description } }: Run | MapRun): MapKind | null {
  return "mapKind" in description ? description.mapKind : null;
}

const fillsMaps = (run: Run | MapRun): run is MapRun => mapKindOf(run) !== null;

/**
 * Draws the images of a plan: from noise, or into maps of the dataset's training images, with lesions moved.
 * @throws GanglionError `dataset` when a class that is to be filled has no map
 */
export async function addedImages(
  dataset: Dataset,
  run: Run | MapRun,
  { plan, sampler, seed, onProgress, signal, labeller }: BalanceOptions,
): Promise<AddedImages> {
  const counts = plan.classes
    .map(({ name, synthetic }) => ({ name, count: synthetic }))
    .filter(({ count }) => count > 0);
  const tallies = counts.map(({ name, count }) => ({ name, images: count, candidates: 0, acceptance: null }));
  if (counts.length === 0) return { images: none(), tallies, notes: [] };
  if (!fillsMaps(run)) {
    return { ...synthesise(run, { counts, sampler, seed, folder: FOLDER, onProgress, signal, labeller }), notes: [] };
  }
  const classes = counts.map(({ name }) => name);
  const maps = await readTrainingMaps(run, dataset, { classes, onProgress, signal });
  const requests = drawRequests(maps, counts, run, seed);
  const folders = { images: FOLDER, masks: `${MASKS}/${FOLDER}` };
  const images = fillAmongOthers(run, { requests, sampler, folders, onProgress, signal });
  return { images, tallies, notes: maps.notes };
}

async function* none(): AsyncGenerator<AddedImage> {}
