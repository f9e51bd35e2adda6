import { Rng } from "../../../core/rng.ts";
import { byPlane, type PixelChange } from "./planes.ts";

/** Independent normal noise on every pixel and channel. @param strength Standard deviation in grey levels of 0..255. */
export const noise: PixelChange = (images, sigma, seed) =>
  byPlane(images, (plane, at) => {
    const rng = new Rng(seed, "degrade", "noise", at);
    return Float64Array.from(plane, (value) => value + sigma * rng.normal());
  });

/**
 * A checkerboard of single pixels over the whole image, as transposed convolutions leave it (Odena et al. 2016).
 * @param strength Grey levels of 0..255 that pixels are made lighter and darker by.
 */
export const checkerboard: PixelChange = (images, levels) =>
  byPlane(images, (plane) =>
    Float64Array.from(plane, (value, i) => {
      const odd = ((i % images.side) + Math.floor(i / images.side)) % 2 === 1;
      return value + (odd ? levels : -levels);
    }),
  );
