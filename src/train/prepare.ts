import { GanglionError } from "../core/errors.ts";
import { type Dataset, datasetHash, imageChannels, readDataset, trainingSamples } from "../data/index.ts";
import { channelBlock, type Device } from "../graph/index.ts";
import { type Preset, presetNetworks, presetResolution } from "../model/index.ts";
import { architectureOf, defaultRecipes, parseConfig, type RunConfig } from "./config.ts";

/** What a person asks of a training; everything else is resolved from data and preset. */
export interface TrainRequest {
  /** Dataset folder or npz. */
  readonly dataset: string;
  /** Column of the classes. Defaults to the dataset's own. */
  readonly label?: string;
  /** Filters `COL=VALUE` that all must hold. Defaults to none. */
  readonly where?: readonly string[];
  /** Defaults to `tiny` up to 32 pixels, `small` up to 64, `base` above. */
  readonly preset?: Preset;
  /** Width and height in pixels. Defaults to that of the preset. */
  readonly resolution?: number;
  /** Defaults to no limit. */
  readonly images?: number;
  /** Defaults to no limit. */
  readonly minutes?: number;
  /** Defaults to 2. */
  readonly threads?: number;
  /** Where steps are computed. Defaults to `cpu`. */
  readonly device?: Device;
  /** Element type of convolutions. Defaults to `float32`. */
  readonly precision?: RunConfig["precision"];
  /** Defaults to 0. */
  readonly seed?: number;
  /** Changes to the preset's recipe, by name; `augment.target` and `networks.blocks` reach inside. Defaults to none. */
  readonly recipe?: Readonly<Record<string, unknown>>;
  /** Seconds between checkpoints. Defaults to 30. */
  readonly checkpointSeconds?: number;
  /** Who may use the generator. Defaults to the dataset's licence being unsaid. */
  readonly license?: string;
}

/** A dataset with the images that are trained on and the configuration that follows. */
export interface PreparedRun {
  readonly dataset: Dataset;
  /** Samples that are trained on. */
  readonly indices: readonly number[];
  readonly config: RunConfig;
}

/** Images of which each class needs at least one; one image can only be copied, which is said. */
const ROOM_FOR_LEARNING = 2;

/** Images that are trained on, and how that came about. @throws GanglionError `dataset` when none is of split `train` */
export function trainingIndices(dataset: Dataset): { indices: readonly number[]; how: string } {
  const indices = trainingSamples(dataset);
  if (indices.length === dataset.samples.length) return { indices, how: "all images" };
  return { indices, how: `the ${indices.length} images of split "train" of ${dataset.samples.length}` };
}

/**
 * Reads the dataset and resolves every option of a run; which forms its convolutions take, {@link planRun} finds out.
 * @throws GanglionError `dataset` for data that cannot be trained on, `usage` for options that do not fit
 */
export async function prepareRun(request: TrainRequest): Promise<PreparedRun> {
  const dataset = await readDataset(request.dataset, { label: request.label, where: request.where });
  const { indices, how } = trainingIndices(dataset);
  if (indices.length < ROOM_FOR_LEARNING) {
    throw new GanglionError(
      "dataset",
      `${request.dataset}: ${indices.length} training images are too few to learn from; add images`,
    );
  }
  const counts = dataset.classes.map((name) => indices.filter((i) => dataset.samples[i].label === name).length);
  const classes = dataset.classes.filter((_, c) => counts[c] > 0);
  const preset = request.preset ?? presetFor(request.resolution);
  const resolution = request.resolution ?? presetResolution(preset);
  const channels = await imageChannels(dataset);
  const device = request.device ?? "cpu";
  const { networks, ...recipe } = changed(
    { ...defaultRecipes[preset], networks: presetNetworks[preset] },
    request.recipe ?? {},
  );
  const trained = { ...dataset, samples: indices.map((i) => dataset.samples[i]) };
  const config = {
    format: "ganglion.run/1",
    model: "r3gan",
    preset,
    dataset: {
      path: request.dataset,
      label: request.label ?? null,
      where: [...(request.where ?? [])],
      hash: await datasetHash(trained),
      classes,
      counts: counts.filter((n) => n > 0),
      split: how,
    },
    resolution,
    channels,
    seed: request.seed ?? 0,
    threads: request.threads ?? 2,
    device,
    precision: request.precision ?? "float32",
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
  };
  const parsed = parseConfig(config, "the resolved configuration");
  architectureOf(parsed); // Refuses a resolution that the networks cannot double to.
  return { dataset, indices, config: parsed };
}

function presetFor(resolution = 32): Preset {
  if (resolution <= 32) return "tiny";
  return resolution <= 64 ? "small" : "base";
}

/** A copy of a nested record with values replaced by dotted names. @throws GanglionError `usage` for an unknown name */
function changed<T extends object>(record: T, changes: Readonly<Record<string, unknown>>): T {
  const copy = structuredClone(record) as Record<string, unknown>;
  for (const [name, value] of Object.entries(changes)) {
    const [head, ...rest] = name.split(".");
    if (!(head in copy)) {
      throw new GanglionError(
        "usage",
        `--set ${name}: there is no such option; there are ${Object.keys(copy).join(", ")}`,
      );
    }
    copy[head] = rest.length === 0 ? value : changed(copy[head] as object, { [rest.join(".")]: value });
  }
  return copy as T;
}
