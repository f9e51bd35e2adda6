import { resolve } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { GanglionError, invariant } from "../core/errors.ts";
import type { ProgressListener } from "../core/progress.ts";
import {
  type Dataset,
  datasetHash,
  hasRegions,
  imageChannels,
  type MapKind,
  mapsHash,
  type PackedMaps,
  packMaps,
  readDataset,
  type SplitTable,
  toneHistogram,
  trainingSamples,
} from "../data/index.ts";
import { channelBlock, type Device } from "../graph/index.ts";
import {
  DEFAULT_FAMILY,
  familyNames,
  modelFamily,
  type Preset,
  presetResolution,
  usualPreset,
} from "../model/index.ts";
import { RUN_FORMAT } from "../model/run-format.ts";
import { architectureOf, parseResolved } from "./config.ts";
import { checkPrivateOptions, type PrivacyRequest, privacyNotes, recordsOf, resolvePrivacy } from "./dp/privacy.ts";
import type { FamilyPreset } from "./family.ts";
import { growthNotes, withGrowth } from "./growth/grow-recipe.ts";
import { type HeldOutImages, holdOut, needsHoldOut } from "./hold-out.ts";
import type { FirstWeights } from "./initial-state.ts";
import { trainingFamily } from "./known-families.ts";
import type { MapsConfig, RunConfig } from "./run-config.ts";
import { beginFrom, refuseOtherFamily, startConfig } from "./start/begin-from.ts";
import { openStart } from "./start/open-start.ts";
import type { Start } from "./start/start.ts";
import { withFrozen } from "./with-frozen.ts";

/** What a person asks of a training; everything else is resolved from data and preset. */
export interface TrainRequest {
  /** Dataset folder or npz. */
  readonly dataset: string;
  /** Column of the classes. Defaults to the dataset's own. */
  readonly label?: string | undefined;
  /** Filters `COL=VALUE` that all must hold. Defaults to none. */
  readonly where?: readonly string[] | undefined;
  /** Name of the family. Defaults to the default one. */
  readonly model?: string | undefined;
  /** What fills the lesion in the maps, of a family that fills maps. Defaults to `box`. */
  readonly mapKind?: MapKind | undefined;
  /** Defaults to `tiny` up to 32 pixels, `small` up to 64, `base` up to 128, `large` above. */
  readonly preset?: Preset | undefined;
  /** Width and height in pixels. Defaults to that of the preset. */
  readonly resolution?: number | undefined;
  /** Defaults to no limit. */
  readonly images?: number | undefined;
  /** Defaults to no limit. */
  readonly minutes?: number | undefined;
  /** Defaults to 2. */
  readonly threads?: number | undefined;
  /** Where steps are computed. Defaults to `cpu`. */
  readonly device?: Device | undefined;
  /** Element type of convolutions. Defaults to `float32`. */
  readonly precision?: RunConfig["precision"] | undefined;
  /** Defaults to 0. */
  readonly seed?: number | undefined;
  /** Changes to the preset's recipe, by name; `augment.target` and `networks.blocks` reach inside. Defaults to none. */
  readonly recipe?: Readonly<Record<string, unknown>> | undefined;
  /** Differential privacy of the training. Defaults to none. */
  readonly differentialPrivacy?: PrivacyRequest | undefined;
  /** Seconds between checkpoints. Defaults to 30. */
  readonly checkpointSeconds?: number | undefined;
  /** Who may use the generator. Defaults to the dataset's licence being unsaid. */
  readonly license?: string | undefined;
  /** Holds out 15 % of the images of a dataset without a split; false trains on all. Defaults to true. */
  readonly holdout?: boolean | undefined;
  /** Near duplicates are not looked for when images are held out: for an estimate. Defaults to false. */
  readonly quick?: boolean | undefined;
  /** Folder of a run whose split of the dataset counts. Defaults to none. */
  readonly run?: string | undefined;
  /** Begins at a low resolution, and grows. Defaults to what the family does. */
  readonly grow?: boolean | undefined;
  /** Networks to begin from: the folder of a run. Defaults to new ones. */
  readonly from?: string | undefined;
  /** `NEW=OLD`: class whose weights in the start a class begins with. Defaults to that of the same name, else the mean of all. */
  readonly fromClasses?: readonly string[] | undefined;
  /** Frozen network whose layers heads of D judge: `onnx:PATH`. Defaults to none. */
  readonly frozen?: string | undefined;
  /** Licence of a start that names none. Defaults to none, which is refused. */
  readonly fromLicense?: string | undefined;
  /** Told while maps are made. Defaults to nobody. */
  readonly onProgress?: ProgressListener | undefined;
}

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

/** The images of a run, as its configuration names them. */
export interface DescribedData {
  /** How the data are called in the configuration. */
  readonly dataset: RunConfig["dataset"];
  readonly channels: 1 | 3;
}

/** What a preset says, for a private training or not. @throws GanglionError `usage` for options that break a guarantee */
function presetOf(request: TrainRequest, model: string, preset: Preset): FamilyPreset {
  const { presets, privacy } = trainingFamily({ model });
  if (request.differentialPrivacy === undefined) return presets[preset];
  const { device = "cpu", precision = "float32", images, recipe: asked = {} } = request;
  const refused = "refused" in privacy ? privacy.refused : null;
  checkPrivateOptions({ model, refused, device, precision, images, asked });
  return "refused" in privacy ? presets[preset] : privacy.presets[preset];
}

/** What options and a start say of model, sizes and recipe before single options are changed. */
function sizesOf(request: TrainRequest, start: Start | null) {
  const name = request.model ?? start?.architecture.model ?? DEFAULT_FAMILY;
  const model = modelFamily(name, "--model", "usage").name;
  if (start !== null) refuseOtherFamily(start, model);
  if (start === null) {
    const preset = request.preset ?? usualPreset(request.resolution);
    const resolution = request.resolution ?? presetResolution(preset);
    return { model, preset, resolution, ...presetOf(request, model, preset) };
  }
  const { resolution: before } = start.architecture;
  const { resolution = before } = request;
  const preset = request.preset ?? (resolution === before ? start.preset : usualPreset(resolution));
  const said = presetOf(request, model, preset);
  const { fineTuned, resized } = trainingFamily({ model });
  // A frozen network is a file of the machine that the start was trained on: one is named anew or there is none.
  const { frozen: _, ...started } = start.networks as typeof start.networks & { readonly frozen?: unknown };
  const own = resolution === before ? started : (resized?.(started, before) ?? started);
  const networks = request.preset === undefined ? own : said.networks;
  const hasDiscriminator = start.discriminator !== null;
  const plain = fineTuned === undefined || request.differentialPrivacy !== undefined;
  return {
    model,
    preset,
    resolution,
    networks,
    recipe: plain ? said.recipe : fineTuned(said.recipe, { hasDiscriminator }),
  };
}

/** The configuration of a run without its maps, not checked yet. */
async function draftConfig(request: TrainRequest, { dataset, channels }: DescribedData, start: Start | null = null) {
  const { device = "cpu", precision = "float32" } = request;
  const { model, preset, resolution, ...sizes } = sizesOf(request, start);
  const judged =
    request.frozen === undefined
      ? sizes
      : await withFrozen(sizes, { ...request, frozen: request.frozen }, { model, resolution, channels });
  const said = withGrowth(judged, request, { model, resolution, channels, dataset });
  const { fromLength, offByDefault = {} } = trainingFamily({ model });
  const all = { ...offByDefault, ...said.recipe, networks: said.networks };
  const { networks, ...changedRecipe } = withoutOff(changed(all, request.recipe ?? {}), offByDefault);
  const recipe = fromLength === undefined ? changedRecipe : fromLength.complete(changedRecipe, request);
  return {
    format: RUN_FORMAT,
    model,
    preset,
    dataset,
    resolution,
    channels,
    seed: request.seed ?? 0,
    threads: request.threads ?? 2,
    device,
    precision,
    channelBlock: device === "cpu" ? ((await channelBlock()) ?? null) : null,
    plans: {},
    images: request.images ?? null,
    minutes: request.minutes ?? null,
    networks,
    recipe,
    reporting: {
      statsImages: 1_000,
      gridImages: 5_000,
      probeImages: 10_000,
      checkpointSeconds: request.checkpointSeconds ?? 30,
    },
    license: request.license ?? "",
    ...(start === null ? {} : { start: startConfig(start, dataset.classes, request.fromClasses ?? []) }),
  };
}

type DraftConfig = Awaited<ReturnType<typeof draftConfig>>;

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

/** A record without the options that change nothing. */
const withoutOff = <T extends object>(record: T, off: Readonly<Record<string, unknown>>): T =>
  Object.fromEntries(Object.entries(record).filter(([name, value]) => !isDeepStrictEqual(value, off[name]))) as T;

/**
 * A copy of a nested record with values replaced by dotted names.
 * @param above Names of the records that it lies in, each with its dot. Defaults to none.
 * @throws GanglionError `usage` for an unknown name
 */
function changed<T extends object>(record: T, changes: Readonly<Record<string, unknown>>, above = ""): T {
  const copy = structuredClone(record) as Record<string, unknown>;
  for (const [name, value] of Object.entries(changes)) {
    const [head, ...rest] = name.split(".");
    if (!(head! in copy)) {
      throw new GanglionError(
        "usage",
        `--set ${above}${name}: there is no such option; there are ${Object.keys(copy)
          .map((known) => above + known)
          .join(", ")}`,
      );
    }
    copy[head!] =
      rest.length === 0 ? value : changed(copy[head!] as object, { [rest.join(".")]: value }, `${above}${head}.`);
  }
  return copy as T;
}
