import { GanglionError } from "../../core/errors.ts";
import { readImageMap } from "../../data/maps/image-map.ts";
import { toneHistogram } from "../../data/maps/pack-maps.ts";
import { mapLimited } from "../../data/parallel.ts";
import { readImage } from "../../data/pixels.ts";
import type { Dataset } from "../../data/types.ts";
import type { DatasetSummary } from "../api.ts";
import { gated } from "./decode-gate.ts";
import type { OpenedDataset } from "./opened-dataset.ts";

/** Copies of an image that an estimation holds: decoded, cropped to a square. */
const COPIES = 2;

/** Estimations that are under way, so that two requests share one. */
const underWay = new WeakMap<OpenedDataset, Promise<DatasetSummary>>();

/**
 * Estimates the tone of every image from the pixels outside of its lesion, once; nothing to do where tones are stated.
 * @returns The summary with the tones.
 */
export function estimateTones(opened: OpenedDataset): Promise<DatasetSummary> {
  if (opened.summary.tones !== null) return Promise.resolve(opened.summary);
  const running = underWay.get(opened) ?? estimate(opened).finally(() => underWay.delete(opened));
  underWay.set(opened, running);
  return running;
}

async function estimate(opened: OpenedDataset): Promise<DatasetSummary> {
  const { dataset } = opened;
  const found = await mapLimited([...dataset.samples.keys()], 2, (index) => estimatedTone(dataset, index));
  opened.estimatedTones = Uint8Array.from(found);
  const known = found.filter((tone) => tone > 0);
  opened.summary = { ...opened.summary, tones: toneHistogram(known), tonesEstimated: true };
  return opened.summary;
}

/** 1 to 6; 0 for an image that shows no skin, that cannot be read, or that is a link. */
async function estimatedTone(dataset: Dataset, index: number): Promise<number> {
  try {
    const { fileName, mask } = dataset.samples[index]!;
    const names = mask === undefined ? [fileName] : [fileName, mask];
    const { tone, toneSource } = await gated(dataset, names, COPIES, async () =>
      readImageMap(dataset, index, await readImage(dataset, index)),
    );
    return toneSource === "assumed" ? 0 : tone;
  } catch (cause) {
    if (cause instanceof GanglionError) return 0;
    throw cause;
  }
}
