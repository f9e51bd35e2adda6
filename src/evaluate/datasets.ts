import { GanglionError } from "../core/errors.ts";
import type { ProgressListener } from "../core/progress.ts";
import { listed } from "../core/quoted.ts";
import {
  columnNames,
  type Dataset,
  datasetHash,
  datasetName,
  imageChannels,
  openPackedStore,
  type PackedStore,
  readDataset,
  readImage,
  SYNTHETIC,
  samplesMarked,
  trainingSamples,
} from "../data/index.ts";
import type { LabelledSet } from "../features/labelled-set.ts";

export interface EvaluatedSets {
  readonly real: LabelledSet;
  readonly synthetic: LabelledSet;
  readonly holdout: LabelledSet | null;
  /** Class names of the real dataset; a dataset without labels has none. */
  readonly classes: readonly string[];
  /** Width and height of the synthetic images, to which all are brought. */
  readonly resolution: number;
  readonly channels: 1 | 3;
  /** Closes these sets and all that were opened with them. */
  close(): void;
}

export interface OpenSetsOptions extends OpenOptions {
  readonly synthetic: string;
}

export interface OpenComparedSetsOptions extends OpenOptions {
  /** At least one. */
  readonly synthetic: readonly string[];
}

interface OpenOptions {
  readonly real: string;
  readonly holdout?: string | undefined;
  readonly label?: string | undefined;
  /** Folder of the run that drew the images, whose own split of the real dataset counts. Defaults to none. */
  readonly run?: string | undefined;
  /** Filters `COL=VALUE` of the real dataset. Defaults to none. */
  readonly where?: readonly string[] | undefined;
  /** Folder for packed images. */
  readonly cache: string;
  readonly onProgress: ProgressListener;
}

/** A synthetic set may name its class column otherwise than the real one: `label` holds only where it is a column. */
async function readSynthetic(path: string, label: string | undefined): Promise<Dataset> {
  const dataset = await readDataset(path);
  if (label === undefined || dataset.columns.label === label || !columnNames(dataset).includes(label)) return dataset;
  return readDataset(path, { label });
}

/** Of a set that holds real and synthetic images, as `ganglion balance` writes it, the wanted kind only, which is said. */
function onlyKind(dataset: Dataset, kind: "real" | "synthetic"): Dataset {
  const samples = samplesMarked(dataset, kind === "synthetic");
  if (samples.length === 0 || samples.length === dataset.samples.length) return dataset;
  const note = `its ${samples.length} ${kind} images of ${dataset.samples.length} are used (column ${SYNTHETIC})`;
  return { ...dataset, samples, notes: [...dataset.notes, note] };
}

/**
 * A real dataset with a split `train` of its own and no held-out set beside it is taken apart: the images that
 * `ganglion train` trains on, and the rest as the held-out set.
 */
function ownSplit(dataset: Dataset): { real: Dataset; holdout: Dataset | null } {
  if (!dataset.samples.some(({ split }) => split === "train")) return { real: dataset, holdout: null };
  const train = trainingSamples(dataset).map((i) => dataset.samples[i]!);
  if (train.length === dataset.samples.length) return { real: dataset, holdout: null };
  const chosen = new Set(train);
  const rest = dataset.samples.filter((sample) => !chosen.has(sample));
  const note = `split by its own column: ${train.length} training images are the real set, ${rest.length} others the held-out set`;
  return {
    real: { ...dataset, samples: train, notes: [...dataset.notes, note] },
    holdout: { ...dataset, samples: rest, notes: [] },
  };
}

function refuseOtherClasses(real: Dataset, other: Dataset, flag: string): void {
  const unknown = other.classes.filter((name) => !real.classes.includes(name));
  if (unknown.length === 0) return;
  const list = (names: readonly string[]) => listed(names.map((name) => name || "(no label)"));
  throw new GanglionError(
    "dataset",
    `${flag} ${other.root}: classes ${list(unknown)} are not in the real dataset; its classes are ${list(other.classes)}, those of ${real.root} are ${list(real.classes)}. Classes are matched by name: rename them, or name the class column with --label`,
  );
}

const isUnlabelled = ({ classes }: Dataset): boolean => classes.length === 1 && classes[0] === "";

/**
 * Images without labels, as another generator writes them into one folder, are compared as a whole: the labels of the other
 * sets are left aside then, and this is said. An encoder still learns from those of the real images.
 */
function comparedAsWhole(dataset: Dataset): Dataset {
  if (isUnlabelled(dataset)) return dataset;
  const samples = dataset.samples.map((sample) => ({ ...sample, label: "" }));
  const note = "its classes are left aside, because a set that it is compared with has no labels";
  return { ...dataset, classes: [""], samples, notes: [...dataset.notes, note] };
}

/** Smallest side of the sets' first images, to which all are brought. */
async function commonResolution(sets: readonly Dataset[]): Promise<number> {
  const first = await Promise.all(sets.map((dataset) => readImage(dataset, 0)));
  return Math.min(...first.flatMap(({ width, height }) => [width, height]));
}

/**
 * Reads a real dataset and several synthetic ones, checks that they speak of the same classes and decodes all at the size of
 * the smallest synthetic images. The real and held-out images are opened once and shared.
 * @throws GanglionError `dataset`, `image`, `files`
 */
export async function openComparedSets(options: OpenComparedSetsOptions): Promise<EvaluatedSets[]> {
  const { label, run, cache, onProgress } = options;
  const whole = onlyKind(await readDataset(options.real, { label, run, where: options.where }), "real");
  const synthetic: Dataset[] = [];
  for (const path of options.synthetic) synthetic.push(onlyKind(await readSynthetic(path, label), "synthetic"));
  const given = options.holdout === undefined ? null : onlyKind(await readDataset(options.holdout, { label }), "real");
  const { real, holdout } = given === null ? ownSplit(whole) : { real: whole, holdout: given };
  const aside = synthetic.some(isUnlabelled);
  for (const dataset of synthetic) if (!aside) refuseOtherClasses(real, dataset, "--synthetic");
  if (holdout !== null && !aside) refuseOtherClasses(real, holdout, "--holdout");

  const resolution = await commonResolution(synthetic);
  const all = [real, ...synthetic, ...(holdout === null ? [] : [holdout])];
  const channels = (await Promise.all(all.map((dataset) => imageChannels(dataset)))).includes(3) ? 3 : 1;
  const opened: PackedStore[] = [];
  const close = () => {
    for (const store of opened.splice(0)) store.close();
  };
  const open = async (dataset: Dataset): Promise<LabelledSet> => {
    const store = await openPackedStore(dataset, { resolution, channels, folder: cache, onProgress });
    opened.push(store);
    const place = dataset.classes.map((name) => (aside ? 0 : real.classes.indexOf(name)));
    const labels = Uint16Array.from(store.labels, (index) => place[index]!);
    const compared = aside ? comparedAsWhole(dataset) : dataset;
    return { name: datasetName(dataset), dataset: compared, hash: await datasetHash(dataset), store, labels };
  };
  try {
    const shared = { classes: aside ? [""] : real.classes, resolution, channels, close } as const;
    const openedReal = await open(real);
    const others: LabelledSet[] = [];
    for (const dataset of synthetic) others.push(await open(dataset));
    const held = holdout === null ? null : await open(holdout);
    return others.map((set) => ({ ...shared, real: openedReal, synthetic: set, holdout: held }));
  } catch (error) {
    close();
    throw error;
  }
}

/** The same for one synthetic dataset. @throws GanglionError `dataset`, `image`, `files` */
export async function openSets(options: OpenSetsOptions): Promise<EvaluatedSets> {
  const [sets] = await openComparedSets({ ...options, synthetic: [options.synthetic] });
  return sets!;
}
