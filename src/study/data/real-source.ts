import { basename } from "node:path";
import { GanglionError } from "../../core/errors.ts";
import { listed, quoted } from "../../core/quoted.ts";
import {
  type Dataset,
  imageChannels,
  isOfRun,
  type MapKind,
  type ReadOptions,
  readDataset,
  samplesHash,
  splitDataset,
  statesRegion,
  stratifiedSplit,
} from "../../data/index.ts";
import type { StudyConfig } from "../config.ts";
import { OTHER_CLASS } from "../presets.ts";
import { type Division, divideTraining } from "./division.ts";
import { crossingImages, crossingNote, joinPatients } from "./near-duplicates.ts";
import { classCounts, type SourceImages, selectSource, sourceImages } from "./source-images.ts";

/** The real images of a study. */
export interface RealSource {
  /** Classes of the study: those of the dataset, or the one asked for and the rest. */
  readonly classes: readonly string[];
  readonly channels: 1 | 3;
  /** Images that generators and classifiers may know. */
  readonly training: SourceImages;
  /** How the training images are divided; by their place in {@link training}. */
  readonly division: Division;
  /** Images kept for tests; null where the dataset has no split and none is drawn. */
  readonly heldOut: SourceImages | null;
  /** How the held-out images came about, one sentence. */
  readonly how: string;
  /** Held-out images that repeat training images, one sentence; null where there are none. */
  readonly crossing: string | null;
}

export interface RealSourceOptions {
  /** Folders of runs whose generators are used: what they held out is held out. Defaults to none. */
  readonly runs?: readonly string[];
  /** Leaves held-out images out that repeat training images. Defaults to false. */
  readonly dropDuplicates?: boolean | undefined;
}

/** Which samples are tested on, and how that came about; null where nothing says. */
function splitOf(dataset: Dataset, { heldOut, splitSeed }: StudyConfig["data"], run: string | undefined) {
  const { samples } = dataset;
  if (run !== undefined) {
    const split = splitDataset(dataset, { seed: splitSeed });
    const how = `${split.holdout.length} of ${samples.length} images are those that the run ${basename(run)} held out`;
    return { ...split, how: heldOut === null ? how : `${how}, in place of a share of ${heldOut}` };
  }
  if (heldOut !== null) {
    const patients = samples.map(({ patient }) => patient);
    const labels = samples.map(({ label }) => label);
    const fractions = [1 - heldOut, heldOut];
    const [train, holdout] = stratifiedSplit(labels, { fractions, groups: patients, seed: splitSeed });
    const by = patients.some((patient) => patient) ? "by patient" : "by image (no patient column)";
    const how = `${holdout!.length} of ${samples.length} images held out (share ${heldOut}), drawn ${by}, stratified by class, seed ${splitSeed}`;
    return { train: train!, holdout: holdout!, how };
  }
  if (samples.every(({ split }) => !split || split === "train")) return null;
  return splitDataset(dataset, { seed: splitSeed });
}

/** The dataset with the split of the first run that keeps one of it: its held-out images alone are unknown to it. */
async function readKept(path: string, options: ReadOptions, runs: readonly string[]) {
  for (const run of runs) {
    const dataset = await readDataset(path, { ...options, run });
    if (isOfRun(dataset, run)) return { dataset, run };
  }
  return { dataset: await readDataset(path, options), run: undefined };
}

/**
 * Reads the real images of a study and divides them.
 * @throws GanglionError `dataset`, `files`; `usage` for a class that is not there
 */
export async function readRealSource(
  data: StudyConfig["data"],
  { runs = [], dropDuplicates = false }: RealSourceOptions = {},
): Promise<RealSource> {
  const { label, patient, where, positive } = data;
  const { dataset: read, run } = await readKept(data.dataset, { label, patient, where }, runs);
  if (read.classes.length < 2) {
    const message = `data.dataset ${data.dataset}: its images are of ${read.classes.length} class; a classifier tells two apart: name the column of the class with data.label`;
    throw new GanglionError("dataset", message);
  }
  if (positive !== null && !read.classes.includes(positive)) {
    const message = `data.positive: ${data.dataset} has no class ${quoted(positive)}; it has ${listed(read.classes)}`;
    throw new GanglionError("usage", message);
  }
  const patients = await joinPatients(read);
  const { dataset } = patients;
  const classes = positive === null ? dataset.classes : [positive, OTHER_CLASS];
  const all = await sourceImages(dataset, (sample) =>
    positive === null || sample.label === positive ? sample.label : OTHER_CLASS,
  );
  const split = splitOf(dataset, data, run);
  const crossing = split === null ? [] : crossingImages(patients, split);
  const held = new Set(split?.holdout ?? []);
  const left = new Set(dropDuplicates ? crossing : []);
  const training = selectSource(all, (i) => !held.has(i));
  const division = divideTraining(
    training.labels,
    training.dataset.samples.map((sample) => sample.patient),
    { validation: data.validation, seed: data.splitSeed },
  );
  return {
    classes,
    channels: await imageChannels(dataset),
    training,
    division,
    heldOut: split === null ? null : selectSource(all, (i) => held.has(i) && !left.has(i)),
    how: split?.how ?? "all images are trained on",
    crossing: crossing.length === 0 ? null : crossingNote(patients, crossing, dropDuplicates),
  };
}

/** What is known of the images of a share of the patients. */
export interface ShareOfSource {
  /** Hash of the images as a run states that of its training images. */
  readonly hash: string;
  /** Images of each class that are learnt from. */
  readonly counts: readonly number[];
  /** Images of each class on which training is stopped. */
  readonly validation: readonly number[];
  /** Images of each class that are learnt from and state the lesion that a map of each kind shows. */
  readonly regions: Readonly<Record<MapKind, readonly number[]>>;
}

export function shareOfSource({ training, division, classes }: RealSource, share: number): ShareOfSource {
  const inside = [...training.labels.keys()].filter((i) => division.ranks[i]! < share);
  const counts = (indices: readonly number[]) =>
    classCounts(
      indices.map((i) => training.labels[i]!),
      classes,
    );
  const learnt = inside.filter((i) => !division.validation[i]!);
  const { samples, columns } = training.dataset;
  const marked = (kind: MapKind) => counts(learnt.filter((i) => statesRegion(samples[i]!, columns, kind)));
  return {
    hash: samplesHash(
      inside.map((i) => training.dataset.samples[i]!),
      inside.map((i) => training.contents[i]!),
    ),
    counts: counts(learnt),
    validation: counts(inside.filter((i) => division.validation[i]!)),
    regions: { box: marked("box"), mask: marked("mask") },
  };
}
