import { resizeArea, resizeBilinear } from "../../../features/resize.ts";
import { blurPlane, byPlane, type PixelChange } from "./planes.ts";

/** Gauss blur. @param strength Standard deviation in pixels. */
export const blur: PixelChange = (images, sigma) => byPlane(images, (plane) => blurPlane(plane, images.side, sigma));

/** Shrunk by area average and enlarged again bilinearly. @param strength Times that the side is divided by. */
export const lowPass: PixelChange = ({ bytes, count, channels, side }, times) => {
  const small = Math.max(1, Math.round(side / times));
  const shrunk = Uint8Array.from(resizeArea(bytes, count * channels, side, small), (value) => Math.round(255 * value));
  const large = new Float32Array(bytes.length);
  resizeBilinear(shrunk, count * channels, small, side, large);
  return Uint8Array.from(large, (value) => Math.round(255 * value));
};
