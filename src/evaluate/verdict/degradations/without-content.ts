import { Rng } from "../../../core/rng.ts";
import { byte, type PixelChange, pixelMoments, smoothField } from "./planes.ts";

/**
 * No image at all: at each pixel the mean of the images there and independent noise.
 * @param strength Standard deviation of the noise, in that of the images at the pixel.
 */
export const meanImageAndNoise: PixelChange = (images, strength, seed) => {
  const { mean, deviation } = pixelMoments(images);
  const size = mean.length;
  const out = new Uint8Array(images.bytes.length);
  for (let n = 0; n < images.count; n++) {
    const rng = new Rng(seed, "degrade", "mean image and noise", n);
    for (let i = 0; i < size; i++) out[n * size + i] = byte(mean[i]! + strength * deviation[i]! * rng.normal());
  }
  return out;
};

/**
 * No image at all: one smooth field an image, brought to the mean and standard deviation of each channel.
 * @param strength Standard deviation in pixels of the Gauss kernel that makes it smooth.
 */
export const smoothRandomFields: PixelChange = (images, strength, seed) => {
  const { side, channels, count } = images;
  const { mean, deviation } = pixelMoments(images);
  const area = side * side;
  const level = Array.from({ length: channels }, (_, c) => {
    const own = mean.subarray(c * area, (c + 1) * area);
    const centre = own.reduce((a, b) => a + b, 0) / area;
    const square = own.reduce((sum, m, i) => sum + (m - centre) ** 2 + deviation[c * area + i]! ** 2, 0) / area;
    return { centre, sigma: Math.sqrt(square) };
  });
  const out = new Uint8Array(images.bytes.length);
  for (let n = 0; n < count; n++) {
    const field = smoothField(side, strength, new Rng(seed, "degrade", "smooth random fields", n));
    for (const [c, { centre, sigma }] of level.entries()) {
      const start = (n * channels + c) * area;
      for (let i = 0; i < area; i++) out[start + i] = byte(centre + sigma * field[i]!);
    }
  }
  return out;
};
