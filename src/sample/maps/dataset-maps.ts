import { z } from "zod";
import { GanglionError } from "../../core/errors.ts";
import { orUnusable, readJsonInside } from "../../core/inside-folder.ts";
import type { ProgressListener } from "../../core/progress.ts";
import { listed } from "../../core/quoted.ts";
import { Rng } from "../../core/rng.ts";
import { datasetName, readDataset } from "../../data/dataset.ts";
import { packMaps } from "../../data/maps/pack-maps.ts";
import type { Tone } from "../../data/maps/semantic-map.ts";
import { findRunDataset } from "../../data/split/run-split.ts";
import { isTrainingSample, trainingSamples } from "../../data/splits.ts";
import type { Dataset } from "../../data/types.ts";
import type { ClassCount } from "../class-counts.ts";
import { candidateSeed } from "../latent.ts";
import type { MapRequest } from "./map-request.ts";
import type { MapRun } from "./map-run.ts";
import { type Lesion, moveLesion } from "./move-lesion.ts";

/** A map of an image of the data. */
export interface DatasetMap extends Lesion {
  readonly tone: Tone;
  /** Dataset and image, in words; the image by its place, since file names of patients may hold more than a number. */
  readonly source: string;
}

/** Maps of a dataset by class name, and what to say of them. */
export interface DatasetMaps {
  readonly byClass: ReadonlyMap<string, readonly DatasetMap[]>;
  readonly notes: readonly string[];
  readonly warnings: readonly string[];
}

export interface DatasetMapsOptions {
  /** Classes whose maps are wanted, by name. */
  readonly classes: readonly string[];
  /** Dataset to take maps from. Defaults to the one the run was trained on. */
  readonly dataset?: string | undefined;
  /** A class without a map is left out, where another has one. Defaults to false: it is an error. */
  readonly partial?: boolean;
  /** Told while maps are made. Defaults to nobody. */
  readonly onProgress?: ProgressListener | undefined;
  /** Ends the work with an error once aborted. Defaults to a signal that never is. */
  readonly signal?: AbortSignal | undefined;
}

const configSchema = z.object({
  dataset: z.object({ path: z.string(), label: z.string().nullable(), where: z.array(z.string()) }),
});

const ELSEWHERE = "name where the maps are to come from with --maps-from DATASET, or write them with --maps FILE.csv";

/** The dataset of a run, without filters on the split, so that its held-out images are there. @throws GanglionError `run` */
async function datasetOf(run: MapRun, other: string | undefined): Promise<Dataset> {
  const config = configSchema.safeParse(await orUnusable(readJsonInside(run.folder, "config.json")));
  if (!config.success && other === undefined) {
    throw new GanglionError("run", `${run.folder} does not say which dataset it was trained on; ${ELSEWHERE}`);
  }
  const { path, label, where } = config.success ? config.data.dataset : { path: "", label: null, where: [] };
  const options = { label: label ?? undefined };
  if (other !== undefined) {
    // Another dataset may call its classes otherwise than that of the run.
    return readDataset(other, options).catch((cause: unknown) => {
      if (label === null || !(cause instanceof GanglionError) || cause.code === "internal") throw cause;
      return readDataset(other);
    });
  }
  try {
    const place = (await findRunDataset(run.folder, path)) ?? path;
    const known = { ...options, run: run.folder };
    const { columns } = await readDataset(place, known);
    return await readDataset(place, {
      ...known,
      where: where.filter((filter) => columns.split === undefined || !filter.startsWith(`${columns.split}=`)),
    });
  } catch (cause) {
    if (!(cause instanceof GanglionError) || cause.code === "internal") throw cause;
    const message = `the dataset of the run cannot be read (${cause.message}); ${ELSEWHERE}`;
    throw new GanglionError("run", message, { cause });
  }
}

/** Images that were not trained on: split `val`, else `test`, else every other one; none where all were. */
function heldOut(dataset: Dataset): { indices: readonly number[]; how: string } {
  const all = [...dataset.samples.keys()];
  const of = (split: string) => all.filter((i) => dataset.samples[i]!.split === split);
  for (const split of ["val", "test"]) {
    const indices = of(split);
    if (indices.length > 0) return { indices, how: `split ${split}` };
  }
  return { indices: all.filter((i) => !isTrainingSample(dataset.samples[i]!)), how: "the images not trained on" };
}

/**
 * Maps of images that a run was not trained on, by class: of split `val`, else `test`, else of those outside the training
 * split; of training images where a class has no other, which is a warning. Maps without a lesion are left out.
 * @throws GanglionError `run` or `dataset` when a class that is wanted has no map, or none has one where some do
 */
export async function readDatasetMaps(run: MapRun, options: DatasetMapsOptions): Promise<DatasetMaps> {
  const dataset = await datasetOf(run, options.dataset);
  const held = heldOut(dataset);
  const warnings: string[] = [];
  const ofClass = (indices: readonly number[], name: string) =>
    indices.filter((i) => dataset.samples[i]!.label === name);
  const training = [...dataset.samples.keys()].filter((i) => isTrainingSample(dataset.samples[i]!));
  const chosen = options.classes.map((name) => {
    const own = ofClass(held.indices, name);
    return own.length > 0 ? { name, own, trained: false } : { name, own: ofClass(training, name), trained: true };
  });
  const trained = chosen.filter((entry) => entry.trained && entry.own.length > 0);
  if (trained.length > 0) {
    const which = trained.length === options.classes.length ? "" : ` of ${trained.map(({ name }) => name).join(", ")}`;
    warnings.push(`${dataset.root} has no held-out image${which}: maps of training images are used instead`);
  }
  const { byClass, notes } = await mapsOfImages(run, dataset, chosen, options);
  const from = trained.length === options.classes.length ? "training images" : held.how;
  return { byClass, notes: [`maps are those of ${from} of ${dataset.root}`, ...notes], warnings };
}

/**
 * Maps of the training images of a dataset by class, for images that are added to them: outlines of held-out lesions must not get
 * among training images.
 * @throws GanglionError `dataset` when a class that is wanted has no map
 */
export async function readTrainingMaps(
  run: MapRun,
  dataset: Dataset,
  options: Pick<DatasetMapsOptions, "classes" | "onProgress" | "signal">,
): Promise<DatasetMaps> {
  const training = trainingSamples(dataset);
  const chosen = options.classes.map((name) => ({
    name,
    own: training.filter((i) => dataset.samples[i]!.label === name),
  }));
  const { byClass, notes } = await mapsOfImages(run, dataset, chosen, options);
  return { byClass, notes: ["maps are those of training images, with lesions moved", ...notes], warnings: [] };
}

/** Maps of chosen images by class, those without a lesion left out. */
async function mapsOfImages(
  run: MapRun,
  dataset: Dataset,
  chosen: readonly { readonly name: string; readonly own: readonly number[] }[],
  { partial, onProgress, signal }: Pick<DatasetMapsOptions, "partial" | "onProgress" | "signal">,
): Promise<Pick<DatasetMaps, "byClass"> & { readonly notes: string[] }> {
  const { mapKind: kind, resolution } = run.generator.description;
  const classes = chosen.map(({ name }) => name);
  const indices = chosen.flatMap(({ own }) => own);
  if (indices.length === 0) throw lacking(dataset, classes);
  const { maps, notes } = await packMaps(dataset, { kind, resolution, indices, onProgress, signal });
  const name = datasetName(dataset);
  const pixels = resolution * resolution;
  const byClass = new Map<string, DatasetMap[]>(classes.map((own) => [own, []]));
  for (const [place, index] of indices.entries()) {
    const region = maps.regions.subarray(place * pixels, (place + 1) * pixels);
    if (!region.includes(255)) continue;
    const { label } = dataset.samples[index]!;
    const map = {
      boxes: maps.boxes[place]!,
      region,
      tone: maps.tones[place]! as Tone,
      source: `${name}, image ${index + 1}`,
    };
    byClass.get(label)?.push(map);
  }
  const without = classes.filter((own) => byClass.get(own)?.length === 0);
  if (without.length > (partial ? classes.length - 1 : 0)) throw lacking(dataset, without);
  if (without.length > 0) notes.push(`no image of ${listed(without)} shows a lesion, so no map is one of it`);
  return { byClass, notes };
}

function lacking(dataset: Dataset, classes: readonly string[]): GanglionError {
  const message = `${dataset.root} has no image with a lesion of ${listed(classes)} to take a map from; ${ELSEWHERE}`;
  return new GanglionError("dataset", message);
}

/**
 * Requests for so many images of each class: image `k` of a class fills a map drawn from those of the class, its lesion
 * moved ({@link moveLesion}). What image `k` is depends on seed, class and `k` only.
 */
export function drawRequests(
  maps: DatasetMaps,
  counts: readonly ClassCount[],
  run: MapRun,
  seed: number,
): MapRequest[] {
  const { classes, mapKind, resolution } = run.generator.description;
  return counts.flatMap(({ name, count }) =>
    Array.from({ length: count }, (_, k): MapRequest => {
      const own = maps.byClass.get(name) ?? [];
      const imageSeed = candidateSeed(seed, name, k);
      const rng = new Rng(imageSeed, "map");
      const map = own[rng.integer(own.length)]!;
      const lesion = moveLesion(map, mapKind, resolution, rng);
      const source = `${map.source}, moved`;
      return { ...lesion, condition: classes.indexOf(name), tone: map.tone, seed: imageSeed, source };
    }),
  );
}
