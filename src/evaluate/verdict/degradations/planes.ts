import type { Rng } from "../../../core/rng.ts";
import { mean } from "../../../math/mean.ts";

/** Square images of one size in memory. */
export interface Planes {
  /** uint8 `NCHW`. */
  readonly bytes: Uint8Array;
  readonly count: number;
  readonly channels: 1 | 3;
  /** Width and height in pixels. */
  readonly side: number;
  /** uint8 `[n, S, S]`, not zero where the lesion is; null where no image has a mask. */
  readonly regions: Uint8Array | null;
}

/** Spoils images. @returns uint8 `NCHW`, as many images of the same size */
export type PixelChange = (images: Planes, strength: number, seed: number) => Uint8Array | Promise<Uint8Array>;

/** Rounded and within 0..255. */
export const byte = (value: number): number => Math.max(0, Math.min(255, Math.round(value)));

/** The same numbers, plane by plane, changed. @param change One plane of S² numbers => one of as many; `at` counts planes. */
export function byPlane(
  { bytes, side }: Planes,
  change: (plane: Uint8Array, at: number) => ArrayLike<number>,
): Uint8Array {
  const area = side * side;
  const out = new Uint8Array(bytes.length);
  for (let start = 0; start < bytes.length; start += area) {
    const changed = change(bytes.subarray(start, start + area), start / area);
    for (let i = 0; i < area; i++) out[start + i] = byte(changed[i]!);
  }
  return out;
}

/** Gauss kernel up to three standard deviations, sum 1. */
function gaussKernel(sigma: number): Float64Array {
  const reach = Math.max(1, Math.ceil(3 * sigma));
  const kernel = Float64Array.from({ length: 2 * reach + 1 }, (_, i) =>
    Math.exp(-((i - reach) ** 2) / (2 * sigma ** 2)),
  );
  const total = kernel.reduce((a, b) => a + b, 0);
  return kernel.map((value) => value / total);
}

/** Gauss blur of one square plane, edges repeated. @param sigma in pixels, above 0 */
export function blurPlane(plane: ArrayLike<number>, side: number, sigma: number): Float64Array {
  const kernel = gaussKernel(sigma);
  const reach = kernel.length >> 1;
  const within = (i: number) => Math.max(0, Math.min(side - 1, i));
  const pass = (from: ArrayLike<number>, place: (line: number, at: number) => number): Float64Array => {
    const out = new Float64Array(side * side);
    for (let line = 0; line < side; line++) {
      for (let at = 0; at < side; at++) {
        let sum = 0;
        for (let k = -reach; k <= reach; k++) sum += kernel[k + reach]! * from[place(line, within(at + k))]!;
        out[place(line, at)] = sum;
      }
    }
    return out;
  };
  const rows = pass(plane, (line, at) => line * side + at);
  return pass(rows, (line, at) => at * side + line);
}

/** A smooth field of mean 0 and standard deviation 1: white noise under a Gauss kernel. */
export function smoothField(side: number, sigma: number, rng: Rng): Float64Array {
  const field = blurPlane(rng.fillNormal(new Float64Array(side * side)), side, sigma);
  const centre = mean(field);
  const deviation = Math.sqrt(mean(field.map((value) => (value - centre) ** 2))) || 1;
  return field.map((value) => (value - centre) / deviation);
}

/** Mean and standard deviation of each pixel over the images, length C * S². */
export function pixelMoments({ bytes, count }: Planes): { mean: Float64Array; deviation: Float64Array } {
  const size = bytes.length / count;
  const mean = new Float64Array(size);
  const deviation = new Float64Array(size);
  for (let i = 0; i < bytes.length; i++) mean[i % size]! += bytes[i]! / count;
  for (let i = 0; i < bytes.length; i++) deviation[i % size]! += (bytes[i]! - mean[i % size]!) ** 2 / count;
  return { mean, deviation: deviation.map(Math.sqrt) };
}
