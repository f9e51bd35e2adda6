import { sha256 } from "../../core/hash.ts";
import type { ProgressListener } from "../../core/progress.ts";
import { contentHashes, type Dataset, openPackedStore, type Sample, samplesHash } from "../../data/index.ts";
import type { PackedArtefact } from "./packed-images.ts";

/** Images of the user's files with their class in the study. */
export interface SourceImages {
  /** Only the samples that are meant, with the labels of the dataset. */
  readonly dataset: Dataset;
  /** Class of each sample in the study. */
  readonly labels: readonly string[];
  /** SHA-256 of each sample's content. */
  readonly contents: readonly string[];
  /** SHA-256 over names, labels (the dataset's and the study's), contents and patients. */
  readonly hash: string;
}

function hashOf(samples: readonly Sample[], labels: readonly string[], contents: readonly string[]): string {
  return sha256(JSON.stringify([samplesHash(samples, contents), labels, samples.map(({ patient }) => patient ?? "")]));
}

/** Names the images of a dataset. @param labelOf Class in the study; null leaves an image out. @throws GanglionError `files` */
export async function sourceImages(
  dataset: Dataset,
  labelOf: (sample: Sample) => string | null,
): Promise<SourceImages> {
  const samples = dataset.samples.filter((sample) => labelOf(sample) !== null);
  const kept = { ...dataset, samples };
  const labels = samples.map((sample) => labelOf(sample) as string);
  const contents = await contentHashes(kept);
  return { dataset: kept, labels, contents, hash: hashOf(samples, labels, contents) };
}

/** Some of the images. */
export function selectSource(source: SourceImages, keep: (index: number) => boolean): SourceImages {
  const chosen = [...source.labels.keys()].filter(keep);
  const samples = chosen.map((i) => source.dataset.samples[i]!);
  const labels = chosen.map((i) => source.labels[i]!);
  const contents = chosen.map((i) => source.contents[i]!);
  return { dataset: { ...source.dataset, samples }, labels, contents, hash: hashOf(samples, labels, contents) };
}

/** Patients as numbers from 0 without gaps; an image without a patient has its own. */
export function patientNumbers({ dataset }: SourceImages): number[] {
  const numbers = new Map<string, number>();
  return dataset.samples.map(({ patient }, i) => {
    const name = patient ? `patient ${patient}` : `image ${i}`;
    if (!numbers.has(name)) numbers.set(name, numbers.size);
    return numbers.get(name)!;
  });
}

/** Images of each class of the study. */
export const classCounts = (labels: readonly string[], classes: readonly string[]): number[] =>
  classes.map((name) => labels.filter((label) => label === name).length);

export interface PackSourceOptions {
  readonly classes: readonly string[];
  /** Width and height in pixels. */
  readonly resolution: number;
  readonly channels: 1 | 3;
  /** Folder for what is decoded on the way. */
  readonly folder: string;
  readonly onProgress: ProgressListener;
  readonly signal: AbortSignal;
}

/** Decodes the images. @throws GanglionError `dataset` that lists every image which cannot be decoded */
export async function packSource(source: SourceImages, options: PackSourceOptions): Promise<PackedArtefact> {
  const { classes, resolution, channels, folder, onProgress, signal } = options;
  const store = await openPackedStore(source.dataset, { resolution, channels, folder, onProgress, signal });
  try {
    const pixels = new Uint8Array(store.count * channels * resolution ** 2);
    store.readInto(
      Array.from({ length: store.count }, (_, i) => i),
      pixels,
    );
    const labels = source.labels.map((label) => classes.indexOf(label));
    return { resolution, channels, classes: [...classes], labels, patients: patientNumbers(source), pixels };
  } finally {
    store.close();
  }
}
