import { deviation, mean } from "../../math/mean.ts";
import { type RadiomicsSettings, radiomicsError } from "./settings.ts";
import type { LabelVolume, Volume } from "./volume.ts";

/**
 * The image of mean 0 and standard deviation (divisor n-1) `normalizeScale` where `normalize` asks for it; the same image else.
 */
export function normalised(volume: Volume, settings: RadiomicsSettings): Volume {
  if (!settings.normalize) return volume;
  const { data } = volume;
  const centre = mean(data);
  const scale = 1 / deviation(data);
  if (!Number.isFinite(scale))
    throw radiomicsError("normalize: the image has one grey value only; leave normalize out");
  const most = settings.removeOutliers ?? Number.POSITIVE_INFINITY;
  const out = data.map((value) => Math.max(-most, Math.min(most, (value - centre) * scale)) * settings.normalizeScale);
  return { ...volume, data: out };
}

/** 1 where the label is that of the region. @throws GanglionError `dataset` when sizes differ or the label does not occur */
export function labelled({ size }: Volume, mask: LabelVolume, label: number): Uint8Array {
  if (mask.size.some((n, axis) => n !== size[axis])) {
    throw radiomicsError(
      `the mask has size ${mask.size.join(" x ")}, the image ${size.join(" x ")}; they must be equal`,
    );
  }
  const inside = new Uint8Array(mask.data.length);
  let n = 0;
  for (let i = 0; i < inside.length; i++) {
    if (mask.data[i] !== label) continue;
    inside[i] = 1;
    n++;
  }
  if (n === 0) throw radiomicsError(`no voxel of the mask has the label ${label}; name another with the setting label`);
  return inside;
}

/** Thresholds in grey values. */
function thresholds(
  values: Float64Array,
  range: readonly number[],
  mode: RadiomicsSettings["resegmentMode"],
): number[] {
  const sorted = [...range].sort((a, b) => a - b);
  if (mode === "absolute") return sorted;
  const greatest = values.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  if (mode === "relative") return sorted.map((share) => share * greatest);
  const centre = mean(values);
  const sigma = Math.sqrt(mean(values.map((value) => (value - centre) ** 2)));
  return sorted.map((times) => centre + times * sigma);
}

/** The voxels of a region between the thresholds of `resegmentRange`, ends included; `inside` itself where there are none. */
export function resegmented(volume: Volume, inside: Uint8Array, settings: RadiomicsSettings): Uint8Array {
  const { resegmentRange, resegmentMode } = settings;
  if (resegmentRange === null) return inside;
  const [low, high = Number.POSITIVE_INFINITY] = thresholds(
    volume.data.filter((_, i) => inside[i] === 1),
    resegmentRange,
    resegmentMode,
  );
  const out = inside.map((is, i) => (is === 1 && volume.data[i]! >= low! && volume.data[i]! <= high ? 1 : 0));
  if (!out.includes(1)) {
    throw radiomicsError(`resegmentRange: no voxel of the region lies between ${low} and ${high}; widen the range`);
  }
  return out;
}
