import { availableParallelism } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { GanglionError } from "../core/errors.ts";
import { sha256 } from "../core/hash.ts";
import { makeFolderInside, orUnusable, readJsonInside, writeJsonInside } from "../core/inside-folder.ts";
import type { Listeners } from "../core/listeners.ts";
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
import { type TrainedResidual, trainResidual } from "./classifier/train-residual.ts";
import { readClassifier, writeNetwork } from "./data/classifier-file.ts";

/** Folder of a run that keeps its classifier, and the file there that says what it learned from; it is written last. */
const LABELLER = "labeller";
const DESCRIPTION = `${LABELLER}/labeller.json`;
/** Share of the training images on which the training of the classifier is stopped. */
const VALIDATION = 0.2;
/** Passes over the others at most, and without a better AUC on them after which the training ends: those of the study in docs/study.md. */
const [EPOCHS, PATIENCE] = [15, 5];
/** Mean AUC on them below which the classes that it gives are said to be uncertain. */
const WEAK = 0.7;

const descriptionSchema = z.object({
  format: z.literal("ganglion.labeller/1"),
  /** Hash of the training images, as `config.json` states it. */
  data: z.string(),
  classes: z.array(z.string()),
  seed: z.int(),
  /** SHA-256 of the weights. */
  weights: z.string(),
});

/** A run, and the size of the images that it draws. */
interface LabelledRun {
  readonly folder: string;
  readonly generator: { readonly description: { readonly resolution: number; readonly channels: 1 | 3 } };
}

export interface RunLabellerOptions extends Listeners {
  /** Defaults to the number of cores, 8 at most. */
  readonly threads?: number | undefined;
}

/**
 * The classifier of a run's training images that `--sampler relabel` asks: the one that the run keeps, else it is trained (the
 * classifier of studies, on four fifths of the images, patients undivided, stopped on the rest) and kept in `labeller/`.
 * @throws GanglionError `usage` for a run that is private or has one class, `run` when its training images are not there or others
 */
export async function openRunLabeller(run: LabelledRun, options: RunLabellerOptions): Promise<Labeller> {
  const { onWarning, onNote } = options;
  const threads = options.threads ?? Math.min(8, availableParallelism());
  const config = await labellable(run);
  const kept = await keptLabeller(run.folder, config);
  const trained = kept ?? (await trainLabeller(run.folder, config, threads, options));
  const auc = trained.validation[trained.best]!;
  const how = kept === null ? "trained and kept" : "kept";
  onNote?.(
    `the classifier that labels has a mean AUC of ${auc.toFixed(3)} on held-back training images; ${how} in ${join(run.folder, LABELLER)}`,
  );
  if (auc < WEAK) {
    onWarning?.(
      `it hardly tells the classes apart (mean AUC ${auc.toFixed(3)}), so the classes of the images mean little; --sampler random leaves them those that they were drawn as`,
    );
  }
  return openLabeller(trained, config.dataset.classes, run.generator.description, threads);
}

/** Whether the run's classifier is trained already, or can be. @throws GanglionError as {@link openRunLabeller} */
export async function checkRunLabeller(run: LabelledRun): Promise<{ readonly kept: boolean }> {
  const config = await labellable(run);
  if ((await keptLabeller(run.folder, config)) !== null) return { kept: true };
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
  if (config.dataset.classes.length < 2)
    throw refuse(`${folder} was trained on images of one class, which leaves nothing to tell`);
  return config;
}

async function keptLabeller(folder: string, { dataset, seed }: RunConfig): Promise<TrainedResidual | null> {
  const { data } = descriptionSchema.safeParse(await orUnusable(readJsonInside(folder, DESCRIPTION)));
  if (data === undefined || data.data !== dataset.hash || data.seed !== seed) return null;
  if (data.classes.join("\n") !== dataset.classes.join("\n")) return null;
  const found = await orUnusable(readClassifier(join(folder, LABELLER)));
  return found?.kind === "network" && hashOf(found) === data.weights ? found : null;
}

const hashOf = ({ weights }: TrainedResidual): string =>
  sha256(new Uint8Array(weights.buffer, weights.byteOffset, weights.byteLength));

/** The training images of a run, by place in their dataset. */
async function trainingImages(
  folder: string,
  { dataset: { path, label, where, hash, classes } }: RunConfig,
): Promise<{ readonly dataset: Dataset; readonly indices: readonly number[] }> {
  const place = await findRunDataset(folder, path);
  if (place === null) {
    const message = `--sampler relabel: the classifier learns from the training images of ${folder}, and ${path} is not there; put it back, or use another sampler`;
    throw new GanglionError("run", message);
  }
  const dataset = await readDataset(place, { label: label ?? undefined, where, run: folder });
  const indices = trainingSamples(dataset);
  const own = { ...dataset, samples: indices.map((i) => dataset.samples[i]!) };
  if (samplesHash(own.samples, await contentHashes(own)) !== hash) {
    const message = `--sampler relabel: the training images in ${place} are no longer those that ${folder} was trained on; put them back, or use another sampler`;
    throw new GanglionError("run", message);
  }
  return { dataset: { ...dataset, classes }, indices };
}

async function trainLabeller(
  folder: string,
  config: RunConfig,
  threads: number,
  { onProgress, signal }: RunLabellerOptions,
): Promise<TrainedResidual> {
  const { resolution, channels, seed } = config;
  const { dataset, indices } = await trainingImages(folder, config);
  const cache = new RunFolder(folder).cachePath;
  const store = await openPackedStore(dataset, { resolution, channels, folder: cache, indices, onProgress, signal });
  try {
    const samples = indices.map((i) => dataset.samples[i]!);
    const [train, validation] = stratifiedSplit(
      samples.map(({ label }) => label),
      { fractions: [1 - VALIDATION, VALIDATION], groups: samples.map(({ patient }) => patient), seed },
    );
    const parts = { train: train!, validation: validation! };
    const trained = await trainResidual(store, {
      ...parts,
      ...{ epochs: EPOCHS, patience: PATIENCE, seed, threads, onProgress, signal },
    });
    await makeFolderInside(folder, LABELLER);
    await writeNetwork(join(folder, LABELLER), trained, parts.train.length * trained.validation.length);
    const { hash: data, classes } = config.dataset;
    const description = { format: "ganglion.labeller/1", data, classes, seed, weights: hashOf(trained) };
    await writeJsonInside(folder, DESCRIPTION, descriptionSchema.parse(description));
    return trained;
  } finally {
    store.close();
  }
}
