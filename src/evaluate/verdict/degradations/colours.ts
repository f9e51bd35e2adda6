import { mean } from "../../../math/mean.ts";
import { byPlane, type PixelChange } from "./planes.ts";

/**
 * Colour images: red stronger, blue weaker by the share. Grey ones: contrast about each image's mean weaker by twice the
 * share, for lack of colours.
 * @param strength Share, 0..1.
 */
export const shiftedColours: PixelChange = (images, share) =>
  byPlane(images, (plane, at) => {
    if (images.channels === 3) return Float64Array.from(plane, (value) => value * (1 + share * (1 - (at % 3))));
    const centre = mean(plane);
    return Float64Array.from(plane, (value) => centre + (value - centre) * (1 - 2 * share));
  });
