import { GanglionError } from "../core/errors.ts";
import type { ProgressListener } from "../core/progress.ts";
import { listed } from "../core/quoted.ts";
import { applyFilters } from "../data/dataset.ts";
import {
  type Dataset,
  datasetHash,
  datasetName,
  imageChannels,
  openPackedStore,
  type PackedStore,
  readDataset,
  readImage,
  samplesMarked,
} from "../data/index.ts";
import { isTrainingSample } from "../data/splits.ts";
import type { AuditCaution } from "./audit-file.ts";

/** One dataset of an audit, decoded at the size of the synthetic images. */
export interface AuditSet {
  readonly name: string;
  readonly dataset: Dataset;
  /** SHA-256 that names its content. */
  readonly hash: string;
  readonly store: PackedStore;
  /** Class per image, index into the classes of the audit. */
  readonly labels: Uint16Array;
  /** Patient per image as a number; images without a known patient are each their own. */
  readonly groups: Int32Array;
  /** Whether any image names its patient. */
  readonly hasPatients: boolean;
}

export interface AuditSets {
  readonly train: AuditSet;
  readonly holdout: AuditSet;
  readonly synthetic: AuditSet;
  /** Class names of all three datasets; a dataset without labels has the empty name. */
  readonly classes: readonly string[];
  /** Width and height in pixels, of the synthetic images. */
  readonly resolution: number;
  readonly channels: 1 | 3;
  /** Filters `COL=VALUE` of the run that were applied to the training images. Defaults to none. */
  readonly where?: readonly string[];
  /** What was chosen from the datasets and which guesses were made, to be said aloud. */
  readonly notes: readonly string[];
  close(): void;
}

export interface OpenAuditSetsOptions {
  readonly train: string;
  readonly holdout: string;
  readonly synthetic: string;
  /** Class column of the real datasets. Defaults to what they say, else a guess. */
  readonly label?: string | undefined;
  /** Filters `COL=VALUE` that the run's training images were chosen by. Defaults to none. */
  readonly where?: readonly string[] | undefined;
  /** Folder of the run, whose own split of the training dataset counts. Defaults to none. */
  readonly run?: string | undefined;
  /** Names of held-out images that are left out. Defaults to none. */
  readonly without?: ReadonlySet<string> | undefined;
  /** Folder for packed images. */
  readonly cache: string;
  readonly onProgress: ProgressListener;
}

/** The samples that are chosen, with a note where that is not all; the dataset as it is where none is. */
function only(dataset: Dataset, what: string, samples: Dataset["samples"]): Dataset {
  if (samples.length === 0 || samples.length === dataset.samples.length) return dataset;
  const note = `${samples.length} of ${dataset.samples.length} images are used: ${what}`;
  return { ...dataset, samples, notes: [...dataset.notes, note] };
}

/**
 * The images that the filters of a run leave; all of them, with a note, where a column is not there or no image is left: a
 * dataset of the chosen images alone, or held-out images of other values.
 */
function asTrained(dataset: Dataset, where: readonly string[]): { dataset: Dataset; applied: boolean } {
  if (where.length === 0) return { dataset, applied: false };
  const named = `the run's --where ${where.join(" --where ")}`;
  try {
    return { dataset: only(dataset, `those of ${named}`, applyFilters(dataset, where).samples), applied: true };
  } catch (error) {
    if (!(error instanceof GanglionError) || error.code !== "dataset") throw error;
    return {
      dataset: {
        ...dataset,
        notes: [...dataset.notes, `all images are used, ${named} is not applied: ${error.message}`],
      },
      applied: false,
    };
  }
}

/** A dataset that names its split gives its training images as `--train`, all others as `--holdout`. */
async function readSets({
  train,
  holdout,
  synthetic,
  label,
  run,
  where = [],
  without = new Set(),
}: OpenAuditSetsOptions) {
  const [first, second] = [await readDataset(train, { label, run }), await readDataset(holdout, { label, run })];
  const drawn = await readDataset(synthetic);
  const realOnes = (dataset: Dataset) => only(dataset, "the real ones", samplesMarked(dataset, false));
  const trained = asTrained(realOnes(first), where);
  const own = trained.dataset;
  const members = only(own, "those of the split train", own.samples.filter(isTrainingSample));
  const outside = (sample: Dataset["samples"][number]) =>
    second.columns.split === undefined || !isTrainingSample(sample);
  const kept = realOnes(second);
  const outsiders = only(kept, "those outside the split train", kept.samples.filter(outside));
  const apart = asTrained(outsiders, where).dataset;
  const others = only(
    apart,
    "those that repeat no training image",
    apart.samples.filter(({ fileName }) => !without.has(fileName)),
  );
  const made = only(drawn, "the synthetic ones", samplesMarked(drawn, true));
  const same = first.root === second.root;
  const trainedOn = new Set(members.samples.map(({ fileName }) => fileName));
  if (same && others.samples.some(({ fileName }) => trainedOn.has(fileName))) {
    throw new GanglionError(
      "dataset",
      `--holdout ${holdout}: it is the training dataset, which names no split; give images that the generator has not seen, a dataset with a split column, or --run RUN where the run held images out itself`,
    );
  }
  return { members, others, made, where: trained.applied ? where : [] };
}

/**
 * Reads the three datasets and decodes them at the size of the synthetic images.
 * @throws GanglionError `dataset` when a set cannot be used as what it is given for
 */
export async function openAuditSets(options: OpenAuditSetsOptions): Promise<AuditSets & { cautions: AuditCaution[] }> {
  const { cache, onProgress } = options;
  const { members, others, made, where } = await readSets(options);
  const classes = [...new Set([members, others, made].flatMap((dataset) => dataset.classes))].sort();
  const unknown = made.classes.filter((name) => !members.classes.includes(name));
  const cautions: AuditCaution[] = [];
  if (unknown.length > 0) {
    const names = (list: readonly string[]) => listed(list.map((name) => name || "(no label)"));
    const message = `The synthetic classes ${names(unknown)} are not among those of the training set (${names(members.classes)}): tests of single classes omit them.`;
    cautions.push({ code: "unknown-classes", message });
  }
  const { width, height } = await readImage(made, 0);
  const resolution = Math.min(width, height);
  const found = await Promise.all([members, others, made].map((dataset) => imageChannels(dataset)));
  const channels = found.includes(3) ? 3 : 1;
  const opened: PackedStore[] = [];
  const close = () => {
    for (const store of opened) store.close();
  };
  const patients = new Map<string, number>();
  let next = 0;
  const open = async (dataset: Dataset): Promise<AuditSet> => {
    const store = await openPackedStore(dataset, { resolution, channels, folder: cache, onProgress });
    opened.push(store);
    const labels = Uint16Array.from(store.labels, (index) => classes.indexOf(dataset.classes[index]!));
    const groups = Int32Array.from(dataset.samples, ({ patient }) => {
      if (patient === undefined) return next++;
      const known = patients.get(patient) ?? next++;
      patients.set(patient, known);
      return known;
    });
    const hasPatients = dataset.samples.some(({ patient }) => patient !== undefined);
    return {
      name: datasetName(dataset),
      dataset,
      hash: await datasetHash(dataset),
      store,
      labels,
      groups,
      hasPatients,
    };
  };
  try {
    const train = await open(members);
    const holdout = await open(others);
    const synthetic = await open(made);
    const notes = [train, holdout, synthetic].flatMap(({ name, dataset }) => dataset.notes.map((n) => `${name}: ${n}`));
    return { train, holdout, synthetic, classes, resolution, channels, where, notes, cautions, close };
  } catch (error) {
    close();
    throw error;
  }
}
