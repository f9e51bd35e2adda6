import { GanglionError } from "../core/errors.ts";
import type { ProgressListener } from "../core/progress.ts";
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
} from "../data/index.ts";

/** One dataset of an evaluation, decoded at the common size. */
export interface EvaluatedSet {
  readonly name: string;
  readonly dataset: Dataset;
  readonly hash: string;
  readonly store: PackedStore;
  /** Class per image, index into the classes of the real dataset. */
  readonly labels: Uint16Array;
}

export interface EvaluatedSets {
  readonly real: EvaluatedSet;
  readonly synthetic: EvaluatedSet;
  readonly holdout: EvaluatedSet | null;
  /** Class names of the real dataset; a dataset without labels has none. */
  readonly classes: readonly string[];
  /** Width and height of the synthetic images, to which all are brought. */
  readonly resolution: number;
  readonly channels: 1 | 3;
  close(): void;
}

export interface OpenSetsOptions {
  readonly real: string;
  readonly synthetic: string;
  readonly holdout?: string;
  readonly label?: string;
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

function refuseOtherClasses(real: Dataset, other: Dataset, flag: string): void {
  const unknown = other.classes.filter((name) => !real.classes.includes(name));
  if (unknown.length === 0) return;
  const list = (names: readonly string[]) => names.map((name) => name || "(no label)").join(", ");
  throw new GanglionError(
    "dataset",
    `${flag} ${other.root}: classes ${list(unknown)} are not in the real dataset; its classes are ${list(other.classes)}, those of ${real.root} are ${list(real.classes)}. Classes are matched by name: rename them, or name the class column with --label`,
  );
}

/** Reads the datasets, checks that they speak of the same classes and decodes them at the size of the synthetic images. */
export async function openSets(options: OpenSetsOptions): Promise<EvaluatedSets> {
  const { label, cache, onProgress } = options;
  const real = await readDataset(options.real, { label });
  const synthetic = await readSynthetic(options.synthetic, label);
  const holdout = options.holdout === undefined ? null : await readDataset(options.holdout, { label });
  refuseOtherClasses(real, synthetic, "--synthetic");
  if (holdout !== null) refuseOtherClasses(real, holdout, "--holdout");

  const first = await readImage(synthetic, 0);
  const resolution = Math.min(first.width, first.height);
  const all = [real, synthetic, ...(holdout === null ? [] : [holdout])];
  const channels = (await Promise.all(all.map((dataset) => imageChannels(dataset)))).includes(3) ? 3 : 1;
  const opened: PackedStore[] = [];
  const close = () => {
    for (const store of opened) store.close();
  };
  const open = async (dataset: Dataset): Promise<EvaluatedSet> => {
    const store = await openPackedStore(dataset, { resolution, channels, folder: cache, onProgress });
    opened.push(store);
    const labels = Uint16Array.from(store.labels, (index) => real.classes.indexOf(dataset.classes[index]));
    return { name: datasetName(dataset), dataset, hash: await datasetHash(dataset), store, labels };
  };
  try {
    return {
      real: await open(real),
      synthetic: await open(synthetic),
      holdout: holdout === null ? null : await open(holdout),
      classes: real.classes,
      resolution,
      channels,
      close,
    };
  } catch (error) {
    close();
    throw error;
  }
}
