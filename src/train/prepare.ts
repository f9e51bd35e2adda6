import { resolve } from "node:path";
import { GanglionError, invariant } from "../core/errors.ts";
import {
  type Dataset,
  datasetHash,
  hasRegions,
  imageChannels,
  mapsHash,
  type PackedMaps,
  packMaps,
  readDataset,
  type SplitTable,
  toneHistogram,
  trainingSamples,
} from "../data/index.ts";
import { familyNames, modelFamily, presetResolution } from "../model/index.ts";
import { architectureOf, parseResolved } from "./config.ts";
import { privacyNotes, recordsOf, resolvePrivacy } from "./dp/privacy.ts";
import { type DescribedData, type DraftConfig, draftConfig } from "./draft-config.ts";
import { growthNotes } from "./growth/grow-recipe.ts";
import { type HeldOutImages, holdOut, needsHoldOut } from "./hold-out.ts";
import type { FirstWeights } from "./initial-state.ts";
import { trainingFamily } from "./known-families.ts";
import type { MapsConfig, RunConfig } from "./run-config.ts";
import { beginFrom } from "./start/begin-from.ts";
import { openStart } from "./start/open-start.ts";
import type { Start } from "./start/start.ts";
import type { TrainRequest } from "./train-request.ts";

/** A dataset with the images that are trained on and the configuration that follows. */
export interface PreparedRun {
  readonly dataset: Dataset;
  /** Samples that are trained on. */
  readonly indices: readonly number[];
  readonly config: RunConfig;
  /** Maps of the images that are trained on; of map-to-image models. */
  readonly maps?: PackedMaps | undefined;
  /** Positions of each record's images in {@link indices}; of private runs. */
  readonly records?: readonly (readonly number[])[] | undefined;
  /** First weights of a training that begins from a start. */
  readonly weights?: FirstWeights | undefined;
  /** Split that was drawn for the run, which its folder keeps; of datasets without one. */
  readonly heldOut?: SplitTable | undefined;
  /** What is to be said of data and options. */
  readonly notes: readonly string[];
}

/** Images of which each class needs at least one; one image can only be copied, which is said. */
const ROOM_FOR_LEARNING = 2;

/** Images that are trained on, and how that came about. @throws GanglionError `dataset` when none is of split `train` */
function trainingIndices(dataset: Dataset): { indices: readonly number[]; how: string } {
  const indices = trainingSamples(dataset);
  if (indices.length === dataset.samples.length) return { indices, how: "all images" };
  return { indices, how: `the ${indices.length} images of split "train" of ${dataset.samples.length}` };
}

/** @throws GanglionError `usage` for a resolution or size that the networks cannot have */
function checkedConfig(config: DraftConfig, maps?: MapsConfig): RunConfig {
  const parsed = parseResolved({ ...config, ...(maps === undefined ? {} : { maps }) });
  architectureOf(parsed);
  return parsed;
}

function describeMaps(maps: PackedMaps): MapsConfig {
  const toneCounts = toneHistogram(maps.tones);
  const area = maps.resolution ** 2;
  const regions = Array.from(maps.tones, (_, i) => maps.regions.subarray(i * area, (i + 1) * area));
  const empty = regions.filter((region) => !region.includes(255)).length;
  return { kind: maps.kind, tonesEstimated: maps.tonesEstimated, toneCounts, empty, hash: mapsHash(maps) };
}

/** A run on images that are packed already. */
export interface ResolvedRun {
  readonly config: RunConfig;
  /** First weights of a training that begins from a start; undefined for new ones. */
  readonly weights: FirstWeights | undefined;
}

/**
 * The configuration of a run on images that are packed already, every option resolved, and its first weights.
 * @param maps Of families that fill maps.
 * @param start In place of `from`. Defaults to none.
 * @throws GanglionError `usage` for options that do not fit
 */
export async function resolveRun(
  request: Omit<TrainRequest, "dataset" | "differentialPrivacy" | "from" | "fromLicense">,
  data: DescribedData,
  { maps, start = null }: { readonly maps?: PackedMaps | undefined; readonly start?: Start | null } = {},
): Promise<ResolvedRun> {
  const whole = { ...request, dataset: data.dataset.path, ...(start === null ? {} : { from: start.path }) };
  const draft = await draftConfig(whole, data, start);
  const { input } = modelFamily(draft.model, "--model", "usage");
  invariant((input === "maps") === (maps !== undefined), `a run of ${draft.model} draws from ${input}`);
  const config = checkedConfig(draft, maps === undefined ? undefined : describeMaps(maps));
  return { config, weights: start === null ? undefined : beginFrom(start, config).weights };
}

/** The configuration of a run on images that are listed, without their hash. */
async function draftOf(
  request: TrainRequest,
  dataset: Dataset,
  { indices, how }: ReturnType<typeof trainingIndices>,
  {
    start,
    heldOut,
  }: { readonly start: Parameters<typeof draftConfig>[2]; readonly heldOut?: RunConfig["dataset"]["heldOut"] },
): Promise<DraftConfig> {
  const byClass = new Map(dataset.classes.map((name) => [name, 0]));
  for (const i of indices) byClass.set(dataset.samples[i]!.label, byClass.get(dataset.samples[i]!.label)! + 1);
  const counts = dataset.classes.map((name) => byClass.get(name)!);
  const described: DescribedData = {
    dataset: {
      path: resolve(request.dataset),
      label: request.label ?? null,
      where: [...(request.where ?? [])],
      hash: "",
      classes: dataset.classes.filter((_, c) => counts[c]! > 0),
      counts: counts.filter((n) => n > 0),
      split: how,
      ...(heldOut === undefined ? {} : { heldOut }),
    },
    channels: await imageChannels(dataset),
  };
  return draftConfig(request, described, start);
}

/** Checks what needs no look into the images. @throws GanglionError `usage` for options that do not fit */
function checkOptions(request: TrainRequest, config: DraftConfig): RunConfig {
  const { model } = config;
  const mapped = modelFamily(model, "--model", "usage").input === "maps";
  const kind = request.mapKind ?? "box";
  const placeholder = { kind, tonesEstimated: false, toneCounts: toneHistogram([]), empty: 0, hash: "" };
  const checked = checkedConfig(config, mapped ? placeholder : undefined);
  if (request.precision === "half" && !trainingFamily({ model }).scalesLosses) {
    const message = `--precision half: the losses of ${model} are not scaled for float16; omit it`;
    throw new GanglionError("usage", message);
  }
  return checked;
}

/**
 * Reads the dataset and resolves every option of a run; which forms its convolutions take, {@link planRun} finds out.
 * @throws GanglionError `dataset` for data that cannot be trained on, `usage` for options that do not fit
 */
export async function prepareRun(request: TrainRequest): Promise<PreparedRun> {
  // Before the images, which may take long.
  const start = request.from === undefined ? null : await openStart(request.from, request.fromLicense);
  const { label, where, run } = request;
  const read = await readDataset(request.dataset, { label, where, run });
  let held: HeldOutImages | undefined;
  // Which images are held out depends on all of them, which a guarantee for each does not allow.
  if (request.differentialPrivacy === undefined && needsHoldOut(read, request)) {
    // Options are checked before every image is read.
    checkOptions(request, await draftOf(request, read, trainingIndices(read), { start }));
    held = await holdOut(read, request);
  }
  const dataset = held?.dataset ?? read;
  const training = trainingIndices(dataset);
  const { indices } = training;
  if (indices.length < ROOM_FOR_LEARNING) {
    throw new GanglionError("dataset", `${request.dataset}: ${indices.length} training images are too few; add images`);
  }
  if (dataset.classes.length > indices.length) {
    const message = `${request.dataset}: ${dataset.classes.length} classes are more than the ${indices.length} training images; name the column of the classes with --label, or add images`;
    throw new GanglionError("dataset", message);
  }
  const trained = { ...dataset, samples: indices.map((i) => dataset.samples[i]!) };
  const withoutHash = await draftOf(
    request,
    dataset,
    { indices, how: held?.how ?? training.how },
    {
      start,
      heldOut: held?.stated,
    },
  );
  const config = { ...withoutHash, dataset: { ...withoutHash.dataset, hash: await datasetHash(trained) } };
  const { differentialPrivacy: privacy } = request;
  const { model } = config;
  const mapped = modelFamily(model, "--model", "usage").input === "maps";
  // Options are checked before maps are made of every image, which may take minutes.
  const checked = checkOptions(request, config);
  const begun = start === null ? null : beginFrom(start, checked);
  const made = mapped ? await mapsOf(request, model, dataset, indices, config.resolution) : null;
  const plain = made === null ? checked : checkedConfig(config, describeMaps(made.maps));
  const prepared = { dataset, indices, maps: made?.maps, weights: begun?.weights, heldOut: held?.table };
  const chosen = request.preset === undefined ? [presetNote(checked)] : [];
  const notes = [...chosen, ...growthNotes(checked), ...(begun?.notes ?? []), ...(made?.notes ?? [])];
  if (privacy === undefined) return { ...prepared, config: plain, notes };
  const records = recordsOf(dataset, indices, privacy.unit ?? "image");
  const plan = { records: records.length, batch: plain.recipe.batch, images: request.images! };
  const differentialPrivacy = resolvePrivacy(privacy, plan);
  const privateNotes = privacyNotes(differentialPrivacy, dataset, indices);
  return { ...prepared, config: { ...plain, differentialPrivacy }, records, notes: [...notes, ...privateNotes] };
}

/** @throws GanglionError `dataset` when no map can be made of it */
async function mapsOf(
  { dataset: path, mapKind = "box", onProgress }: TrainRequest,
  model: string,
  dataset: Dataset,
  indices: readonly number[],
  resolution: number,
): Promise<{ maps: PackedMaps; notes: readonly string[] }> {
  if (!hasRegions(dataset)) {
    const message = `${path}: ${model} draws from maps of where a lesion is, and the dataset has neither masks nor boxes; name columns mask (files) or box (x_min, y_min, x_max, y_max) in dataset.json, or train --model ${familyNames("noise").join(" or ")}`;
    throw new GanglionError("dataset", message);
  }
  return packMaps(dataset, { kind: mapKind, resolution, indices, onProgress });
}

/** Which size was chosen and why, with what the budget makes of the images. */
function presetNote({ preset, recipe, images, dataset, start }: RunConfig): string {
  const widths = start === undefined ? "" : ", widths as in the start";
  const count = dataset.counts.reduce((a, b) => a + b, 0);
  const times =
    images === null
      ? ""
      : `; ${images} images see each of the ${count} about ${Number((images / count).toPrecision(2))} times`;
  return `preset ${preset}, made for images of up to ${presetResolution(preset)} px, in batches of ${recipe.batch}${widths}${times}; --preset and --batch take others`;
}
