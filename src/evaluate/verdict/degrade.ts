import { Rng } from "../../core/rng.ts";
import { type ImageSource, imagesInMemory, readAll } from "../../features/extractor.ts";
import { mean } from "../../math/mean.ts";

/** One way to spoil real images. */
export interface Degradation {
  readonly degradation: "blur" | "mean image and noise" | "smooth random fields";
  /** Standard deviation of the Gauss kernel in pixels; of `mean image and noise` 1 times that of the images. */
  readonly strength: number;
}

/** What every evaluation tries on real images of the given side. */
export const ladder = (side: number): readonly Degradation[] => [
  { degradation: "blur", strength: side / 32 },
  { degradation: "blur", strength: side / 16 },
  { degradation: "mean image and noise", strength: 1 },
  { degradation: "smooth random fields", strength: side / 8 },
];

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
function blurPlane(plane: ArrayLike<number>, side: number, sigma: number): Float64Array {
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

/** Mean and standard deviation of each pixel over the images, length C * S². */
function pixelMoments(bytes: Uint8Array, count: number): { mean: Float64Array; deviation: Float64Array } {
  const size = bytes.length / count;
  const mean = new Float64Array(size);
  const deviation = new Float64Array(size);
  for (let i = 0; i < bytes.length; i++) mean[i % size]! += bytes[i]! / count;
  for (let i = 0; i < bytes.length; i++) deviation[i % size]! += (bytes[i]! - mean[i % size]!) ** 2 / count;
  return { mean, deviation: deviation.map(Math.sqrt) };
}

const byte = (value: number): number => Math.max(0, Math.min(255, Math.round(value)));

/** A smooth field of mean 0 and standard deviation 1. */
function smoothField(side: number, sigma: number, rng: Rng): Float64Array {
  const field = blurPlane(
    Float64Array.from({ length: side * side }, () => rng.normal()),
    side,
    sigma,
  );
  const centre = mean(field);
  const deviation = Math.sqrt(mean(field.map((value) => (value - centre) ** 2))) || 1;
  return field.map((value) => (value - centre) / deviation);
}

/**
 * Spoils real images, or makes what holds no image at all but their colours:
 * blur, a Gauss kernel; mean image and noise, at each pixel the mean and the standard deviation of the images there, independent; smooth
 * random fields, white noise under a Gauss kernel, one field an image, brought to the mean and standard deviation of each channel.
 */
export function degrade(source: ImageSource, { degradation, strength }: Degradation, seed: number): ImageSource {
  const { resolution: side, channels, count } = source;
  const area = side * side;
  const bytes = readAll(source);
  const out = new Uint8Array(bytes.length);
  if (degradation === "blur") {
    for (let at = 0; at < bytes.length; at += area) {
      out.set(blurPlane(bytes.subarray(at, at + area), side, strength).map(byte), at);
    }
    return imagesInMemory(out, side, channels);
  }
  const { mean, deviation } = pixelMoments(bytes, count);
  const size = channels * area;
  const level = Array.from({ length: channels }, (_, c) => {
    const own = mean.subarray(c * area, (c + 1) * area);
    const centre = own.reduce((a, b) => a + b, 0) / area;
    const square = own.reduce((sum, m, i) => sum + (m - centre) ** 2 + deviation[c * area + i]! ** 2, 0) / area;
    return { centre, sigma: Math.sqrt(square) };
  });
  for (let n = 0; n < count; n++) {
    const rng = new Rng(seed, "degrade", degradation, n);
    const field = degradation === "smooth random fields" ? smoothField(side, strength, rng) : null;
    for (let i = 0; i < size; i++) {
      const { centre, sigma } = level[Math.floor(i / area)]!;
      out[n * size + i] = byte(
        field === null ? mean[i]! + strength * deviation[i]! * rng.normal() : centre + sigma * field[i % area]!,
      );
    }
  }
  return imagesInMemory(out, side, channels);
}
