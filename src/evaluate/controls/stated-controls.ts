import type { ProgressListener } from "../../core/progress.ts";
import {
  type Box,
  type Dataset,
  fillBoxes,
  readImage,
  readImageMap,
  readMask,
  resizeSquareNearest,
  type ToneSource,
} from "../../data/index.ts";
import { mapLimited } from "../../data/parallel.ts";

/** What a dataset says of region and tone of its images; of a synthetic set: what was asked for. */
export interface StatedControls {
  /** Width and height of the regions in pixels. */
  readonly resolution: number;
  /** Region of each image, uint8 [n, S, S], 0 or 255: its mask, where it has none its boxes. */
  readonly regions: Uint8Array;
  /** Boxes of each image in shares of its centre square; of its mask where none are stated. */
  readonly boxes: readonly (readonly Box[])[];
  /** Tone of each image, 1 to 6. */
  readonly tones: Uint8Array;
  /** How each tone is known; what was asked for is written in a column, `stated` or `marked` as an estimate's scale. */
  readonly toneSources: readonly ToneSource[];
}

/** Images that a region or a tone is stated for, by their own files and cells. */
export function statesControls({ samples, columns }: Dataset): boolean {
  const boxed = columns.box;
  return samples.some(
    ({ mask, attributes }) => mask !== undefined || (boxed !== undefined && (attributes[boxed[0]] ?? "").trim() !== ""),
  );
}

/** Reads regions, boxes and tones of every image. @throws GanglionError as `readImageMap` */
export async function readStatedControls(
  dataset: Dataset,
  resolution: number,
  onProgress: ProgressListener,
): Promise<StatedControls> {
  const n = dataset.samples.length;
  const area = resolution ** 2;
  const regions = new Uint8Array(n * area);
  const tones = new Uint8Array(n);
  const toneSources = new Array<ToneSource>(n).fill("assumed");
  const boxes = new Array<readonly Box[]>(n).fill([]);
  let done = 0;
  await mapLimited(dataset.samples, 4, async (_, i) => {
    const map = await readImageMap(dataset, i, await readImage(dataset, i));
    const region = regions.subarray(i * area, (i + 1) * area);
    if (map.mask === null) fillBoxes(region, resolution, map.boxes);
    else region.set(resizeSquareNearest(map.mask, resolution).data);
    boxes[i] = map.boxes;
    tones[i] = map.tone;
    toneSources[i] = map.toneSource;
    onProgress({ stage: "asked controls", done: ++done, total: n, unit: "images" });
  }).finally(() => dataset.reader.release());
  return { resolution, regions, boxes, tones, toneSources };
}

/** Masks drawn in real images, to learn from. */
export interface DrawnMasks {
  /** Indices of the images that have one. */
  readonly indices: readonly number[];
  /** uint8 [dataset size, S, S], 0 or 255; empty where there is no mask. */
  readonly masks: Uint8Array;
}

/** Reads the masks of a dataset. @throws GanglionError `image` or `files` */
export async function readMasks(dataset: Dataset, resolution: number): Promise<DrawnMasks> {
  const area = resolution ** 2;
  const masks = new Uint8Array(dataset.samples.length * area);
  const found = await mapLimited(dataset.samples, 4, async (_, i) => {
    const mask = await readMask(dataset, i);
    if (mask === null) return [];
    masks.set(resizeSquareNearest(mask, resolution).data, i * area);
    return [i];
  });
  return { indices: found.flat(), masks };
}
