import { GanglionError } from "../core/errors.ts";
import type { Dataset, GreyWindow, RawImage, Sample } from "./types.ts";

function sampleAt(dataset: Dataset, index: number): Sample {
  const sample = dataset.samples[index];
  if (sample === undefined) {
    throw new GanglionError(
      "internal",
      `internal: image ${index} of a dataset of ${dataset.samples.length} was asked for`,
    );
  }
  return sample;
}

/**
 * Decodes image `index` of a dataset to 8 bits, grey or sRGB, at its own size (rules in `docs/images.md`).
 * @param window Range of 16-bit grey that becomes 0..255; an error on other images. Defaults to the full range.
 * @throws GanglionError `image` when the file is damaged, cut short or too large; `files` when it cannot be read.
 */
export async function readImage(dataset: Dataset, index: number, window?: GreyWindow): Promise<RawImage> {
  const sample = sampleAt(dataset, index);
  const { reader } = dataset;
  if (window === undefined || reader.takesWindow) return reader.readImage(dataset, sample, window);
  const message = `${sample.fileName}: a window applies to 16-bit grey images, not to ${reader.noun}; leave it out`;
  throw new GanglionError("image", message);
}

/** Decodes the mask of image `index` to one channel, 255 inside and 0 outside; null where there is none. @throws GanglionError */
export async function readMask(dataset: Dataset, index: number): Promise<RawImage | null> {
  return dataset.reader.readMask(dataset, sampleAt(dataset, index));
}

/** 1 when every image is stored as grey, else 3. @throws GanglionError `image` or `files` */
export function imageChannels(dataset: Dataset): Promise<1 | 3> {
  return dataset.reader.channels(dataset);
}
