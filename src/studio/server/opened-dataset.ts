import { columnValue, datasetName, type ReadOptions, readDataset } from "../../data/dataset.ts";
import type { Tone } from "../../data/maps/semantic-map.ts";
import { readHeader } from "../../data/readers/image-files.ts";
import { syntheticMarks } from "../../data/synthetic-column.ts";
import type { Dataset, Sample } from "../../data/types.ts";
import type { DatasetImage, DatasetSummary } from "../api.ts";
import { folderId } from "./folder-id.ts";
import { STUDIO_LINKS } from "./inside.ts";
import { shownColumns } from "./shown-columns.ts";
import { boxesOf, toneOf } from "./stated-controls.ts";

export interface OpenedDataset {
  readonly id: string;
  readonly name: string;
  readonly dataset: Dataset;
  /** Estimated tones become part of it. */
  summary: DatasetSummary;
  /** Estimated tone of each image, 0 where it has none; null while none are. */
  estimatedTones: Uint8Array | null;
  /** Names of the attributes that are shown. */
  readonly shown: readonly string[];
}

/**
 * Reads a dataset for the studio.
 * @param path Real path.
 * @param read How it is to be read. Defaults to what is found.
 * @throws GanglionError see {@link readDataset}
 */
export async function openDataset(path: string, showPatients: boolean, read: ReadOptions = {}): Promise<OpenedDataset> {
  const dataset = await readDataset(path, { ...read, links: STUDIO_LINKS });
  const id = folderId(path);
  const name = datasetName(dataset);
  const { samples, classes } = dataset;
  const counts = new Map(classes.map((className) => [className, 0]));
  const tones = [0, 0, 0, 0, 0, 0];
  for (const sample of samples) {
    counts.set(sample.label, (counts.get(sample.label) ?? 0) + 1);
    const tone = toneOf(dataset, sample);
    if (tone !== null) tones[tone - 1]!++;
  }
  const splits = new Set(samples.map(({ split }) => split).filter((split) => split !== undefined));
  const summary: DatasetSummary = {
    id,
    name,
    images: samples.length,
    classes: classes.map((className) => ({ name: className, count: counts.get(className) ?? 0 })),
    splits: [...splits].sort(),
    tones: tones.some((count) => count > 0) ? tones : null,
    tonesEstimated: false,
    hasMasks: samples.some(({ mask }) => mask !== undefined),
    hasBoxes: dataset.columns.box !== undefined,
    synthetic: syntheticMarks(dataset).every((mark) => mark === true),
  };
  return { id, name, dataset, summary, estimatedTones: null, shown: shownColumns(dataset, showPatients) };
}

/** Filters of a page of images; null takes all. */
export interface ImageFilter {
  readonly label: string | null;
  readonly split: string | null;
  /** 1 to 6. */
  readonly tone: number | null;
}

/** Tone of an image: stated, else estimated, else null. */
function toneAt({ dataset, estimatedTones }: OpenedDataset, index: number): Tone | null {
  return toneOf(dataset, dataset.samples[index]!) ?? ((estimatedTones?.[index] || null) as Tone | null);
}

/** Indices of the images that pass a filter, in the dataset's order. */
export function filteredIndices(opened: OpenedDataset, { label, split, tone }: ImageFilter): number[] {
  const found: number[] = [];
  for (const [index, sample] of opened.dataset.samples.entries()) {
    if (label !== null && sample.label !== label) continue;
    if (split !== null && sample.split !== split) continue;
    if (tone !== null && toneAt(opened, index) !== tone) continue;
    found.push(index);
  }
  return found;
}

/** An image as the page lists it: by its number, never by its file. */
export async function datasetImage(opened: OpenedDataset, index: number): Promise<DatasetImage> {
  const { dataset, shown } = opened;
  const sample = dataset.samples[index]!;
  const { label, split, mask } = sample;
  return {
    index,
    label,
    split: split ?? null,
    tone: toneAt(opened, index),
    boxes: dataset.columns.box === undefined ? [] : boxesOf(dataset, sample, await storedSize(dataset, sample)),
    hasMask: mask !== undefined,
    attributes: Object.fromEntries(shown.map((name) => [name, columnValue(dataset, sample, name) ?? ""])),
  };
}

/** Width and height of a stored image; null where its header cannot be read. */
async function storedSize(dataset: Dataset, { fileName }: Sample): Promise<{ width: number; height: number } | null> {
  return dataset.reader.imageFiles ? readHeader(dataset, fileName).catch(() => null) : null;
}
