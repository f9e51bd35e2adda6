import type { PictureBatch } from "../threads/picture-batch.ts";
import { extractChecked } from "./extract.ts";
import type { RadiomicsSettings } from "./settings.ts";
import type { Volume } from "./volume.ts";

/** Grey of one picture: ITU-R BT.601 luma of sRGB, rounded, so that a grey picture in three channels is as in one. */
function greyOf({ resolution, channels, pixels }: PictureBatch, index: number, grey: Float64Array): void {
  const area = resolution * resolution;
  const at = index * channels * area;
  for (let i = 0; i < area; i++) {
    grey[i] =
      channels === 1
        ? pixels[at + i]!
        : Math.round(0.299 * pixels[at + i]! + 0.587 * pixels[at + area + i]! + 0.114 * pixels[at + 2 * area + i]!);
  }
}

/** A picture of one grey value has no deviation to be brought to one: it is 0 everywhere, the mean of every other picture. */
function flatAsZero({ data }: Volume, settings: RadiomicsSettings): RadiomicsSettings {
  if (data.some((value) => value !== data[0])) return settings;
  data.fill(0);
  return { ...settings, normalize: false };
}

/**
 * Features of each whole picture, one row a picture, columns as `names`. Pixels are 1 mm wide.
 * @throws GanglionError what `extractRadiomics` throws
 */
export function pictureFeatures(
  batch: PictureBatch,
  settings: RadiomicsSettings,
  names: readonly string[],
): Float64Array {
  const { count, resolution } = batch;
  const out = new Float64Array(count * names.length);
  const volume: Volume = {
    size: [resolution, resolution, 1],
    spacing: [1, 1, 1],
    data: new Float64Array(resolution * resolution),
  };
  for (let k = 0; k < count; k++) {
    greyOf(batch, k, volume.data);
    const found = extractChecked(volume, null, settings.normalize ? flatAsZero(volume, settings) : settings);
    for (let c = 0; c < names.length; c++) out[k * names.length + c] = found[names[c]!]!;
  }
  return out;
}
