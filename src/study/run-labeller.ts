import { join } from "node:path";
import { z } from "zod";
import { GanglionError } from "../core/errors.ts";
import { sha256 } from "../core/hash.ts";
import {
  makeFolderInside,
  orUnusable,
  readInside,
  readJsonInside,
  writeInside,
  writeJsonInside,
} from "../core/inside-folder.ts";
import type { Listeners } from "../core/listeners.ts";
import { listed } from "../core/quoted.ts";
import {
  contentHashes,
  type Dataset,
  findRunDataset,
  openPackedStore,
  readDataset,
  samplesHash,
  stratifiedSplit,
} from "../data/index.ts";
import { trainingSamples } from "../data/splits.ts";
import type { Labeller } from "../sample/index.ts";
import { isPrivate, type RunConfig, RunFolder, readConfig } from "../train/index.ts";
import { openLabeller } from "./classifier/labeller.ts";
import { designResidual, residualLayout } from "./classifier/residual-network.ts";
import { trainResidual } from "./classifier/train-residual.ts";

/** Folder of a run that keeps its classifier: the weights, and what they are, which is written last. */
const LABELLER = "labeller";
const [WEIGHTS, DESCRIPTION] = [`${LABELLER}/weights.f32`, `${LABELLER}/labeller.json`];
/** Share of the training images on which the training of the classifier is stopped. */
const VALIDATION = 0.2;
/** Passes over the others at most, and without a better AUC on them after which the training ends: as in "Classes by a classifier" of docs/study.md. */
const [EPOCHS, PATIENCE] = [15, 5];
/** Mean AUC on them below which the classes that it gives are said to be uncertain. */
const WEAK = 0.7;

const descriptionSchema = z.object({
  format: z.literal("ganglion.labeller/1"),
  /** Hash of the training images, as `config.json` states it. */
  data: z.string(),
  classes: z.array(z.string()),
  seed: z.int(),
  /** Mean one-vs-rest AUC on the images on which the training was stopped. */
  auc: z.number(),
  /** Classes of these images: a class of one patient is only learned from. */
  judged: z.array(z.string()),
  /** SHA-256 of the weights. */
  weights: z.string(),
});

/** A classifier of the training images of a run. */
interface RunClassifier {
  readonly weights: Float32Array;
  readonly auc: number;
  /** Classes that the AUC is the mean of. */
  readonly judged: readonly string[];
}

/** A run, and the size of the images that it draws. */
interface LabelledRun {
  readonly folder: string;
  readonly generator: { readonly description: { readonly resolution: number; readonly channels: 1 | 3 } };
}

export interface RunLabellerOptions extends Listeners {
  /** That read drawn images. Defaults to 1; the classifier is trained with those of the run, on which its weights depend. */
  readonly threads?: number | undefined;
}

/**
 * The classifier of a run's training images that `--sampler relabel` asks: the one that the run keeps, else it is trained (the
 * classifier of studies, on four fifths of the images, patients undivided, stopped on the rest) and kept in `labeller/`.
 * @throws GanglionError `usage` for a run that is private or has one class, `run` when its training images are not there, others, or
 *   of too few patients
 */
export async function openRunLabeller(run: LabelledRun, options: RunLabellerOptions): Promise<Labeller> {
  const { onWarning, onNote, threads = 1 } = options;
  const config = await labellable(run);
  const kept = await keptClassifier(run.folder, config);
  const { weights, auc, judged } = kept ?? (await trainClassifier(run.folder, config, options));
  const how = kept === null ? "trained and kept" : "kept";
  onNote?.(
    `the classifier that labels has a mean AUC of ${auc.toFixed(3)} on held-back training images; ${how} in ${join(run.folder, LABELLER)}`,
  );
  const unjudged = config.dataset.classes.filter((name) => !judged.includes(name));
  if (unjudged.length > 0) {
    onWarning?.(
      `of ${listed(unjudged)} there are images of one patient alone: how well the classifier tells them is not known`,
    );
  }
  if (auc < WEAK) {
    onWarning?.(
      `it hardly tells the classes apart (mean AUC ${auc.toFixed(3)}), so the classes of the images mean little; --sampler random leaves them those that they were drawn as`,
    );
  }
  const trained = { architecture: architectureFor(config), weights };
  return openLabeller(trained, config.dataset.classes, run.generator.description, threads);
}

/** Whether the run's classifier is trained already, or can be. @throws GanglionError as {@link openRunLabeller} */
export async function checkRunLabeller(run: LabelledRun): Promise<{ readonly kept: boolean }> {
  const config = await labellable(run);
  if ((await keptClassifier(run.folder, config)) !== null) return { kept: true };
  await trainingImages(run.folder, config);
  return { kept: false };
}

/** The configuration of a run whose images a classifier may label. */
async function labellable({ folder }: LabelledRun): Promise<RunConfig> {
  const config = await readConfig(join(folder, "config.json"));
  const refuse = (rule: string) => new GanglionError("usage", `--sampler relabel: ${rule}; use another sampler`);
  if (isPrivate(config)) {
    throw refuse(
      `${folder} was trained with differential privacy, and the classifier would learn from its training images without`,
    );
  }
  if (config.dataset.classes.length < 2) {
    throw refuse(`${folder} was trained on images of one class, which leaves nothing to tell`);
  }
  return config;
}

const architectureFor = ({ resolution, channels, dataset: { classes } }: RunConfig) =>
  designResidual(resolution, channels, classes.length);

const bytesOf = (weights: Float32Array): Uint8Array =>
  new Uint8Array(weights.buffer, weights.byteOffset, weights.byteLength);

/** The classifier that a run keeps; null where it keeps none, a damaged one, or one of other images. */
async function keptClassifier(folder: string, config: RunConfig): Promise<RunClassifier | null> {
  const { dataset, seed } = config;
  const { data: said } = descriptionSchema.safeParse(await orUnusable(readJsonInside(folder, DESCRIPTION)));
  if (said === undefined || said.data !== dataset.hash || said.seed !== seed) return null;
  if (JSON.stringify(said.classes) !== JSON.stringify(dataset.classes)) return null;
  const bytes = await orUnusable(readInside(folder, WEIGHTS));
  if (bytes === null || sha256(bytes) !== said.weights) return null;
  if (bytes.length !== 4 * residualLayout(architectureFor(config)).length) return null;
  return { weights: new Float32Array(new Uint8Array(bytes).buffer), auc: said.auc, judged: said.judged };
}

interface TrainingImages {
  readonly dataset: Dataset;
  /** Places of the training images in the dataset. */
  readonly indices: readonly number[];
  /** Places among them: to learn from, and on which the training is stopped. */
  readonly train: readonly number[];
  readonly validation: readonly number[];
  /** Classes of the latter. */
  readonly judged: readonly string[];
}

/** The training images of a run, divided by patient. */
async function trainingImages(folder: string, { dataset: named, seed }: RunConfig): Promise<TrainingImages> {
  const { path, label, where, hash, classes } = named;
  const refuse = (rule: string) => new GanglionError("run", `--sampler relabel: ${rule}, or use another sampler`);
  const place = await findRunDataset(folder, path);
  if (place === null) {
    throw refuse(`the classifier learns from the training images of ${folder}, and ${path} is not there; put it back`);
  }
  const dataset = await readDataset(place, { label: label ?? undefined, where, run: folder });
  const indices = trainingSamples(dataset);
  const own = { ...dataset, samples: indices.map((i) => dataset.samples[i]!) };
  if (samplesHash(own.samples, await contentHashes(own)) !== hash) {
    throw refuse(`the training images in ${place} are no longer those that ${folder} was trained on; put them back`);
  }
  const labels = own.samples.map((sample) => sample.label);
  const groups = own.samples.map(({ patient }) => patient);
  const [train, validation] = stratifiedSplit(labels, { fractions: [1 - VALIDATION, VALIDATION], groups, seed });
  const judged = classes.filter((name) => validation!.some((i) => labels[i] === name));
  if (judged.length < 2) {
    const message = `but for ${judged.join("") || "none"}, the classes in ${place} have images of one patient alone, and a classifier needs others to be judged by; add images`;
    throw refuse(message);
  }
  return { dataset: { ...dataset, classes }, indices, train: train!, validation: validation!, judged };
}

async function trainClassifier(
  folder: string,
  config: RunConfig,
  { onProgress, signal }: RunLabellerOptions,
): Promise<RunClassifier> {
  const { resolution, channels, seed, threads } = config;
  const { dataset, indices, train, validation, judged } = await trainingImages(folder, config);
  // A folder that cannot be written is better said before the training.
  await makeFolderInside(folder, LABELLER);
  const cache = new RunFolder(folder).cachePath;
  const store = await openPackedStore(dataset, { resolution, channels, folder: cache, indices, onProgress, signal });
  try {
    const how = { epochs: EPOCHS, patience: PATIENCE, seed, threads, onProgress, signal };
    const { weights, validation: measured, best } = await trainResidual(store, { train, validation, ...how });
    const auc = measured[best]!;
    const { hash: data, classes } = config.dataset;
    const bytes = bytesOf(weights);
    await writeInside(folder, WEIGHTS, bytes);
    const description = { format: "ganglion.labeller/1", data, classes, seed, auc, judged, weights: sha256(bytes) };
    await writeJsonInside(folder, DESCRIPTION, descriptionSchema.parse(description));
    return { weights, auc, judged };
  } finally {
    store.close();
  }
}
