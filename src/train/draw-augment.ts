import type { Rng } from "../core/rng.ts";

/** What the adaptive augmentation may do; each transform is drawn with probability p for each image. */
export interface AugmentOptions {
  /** Rotations by 90 degrees and flips of rows; right where images have no upright position, as in dermoscopy. */
  readonly rotate: boolean;
  /** Left-right flips. */
  readonly flip: boolean;
  /** Greatest translation, as a share of the image's extent. */
  readonly translate: number;
  /** Standard deviation of the logarithm (base 2) of the scale. */
  readonly scale: number;
  /** Standard deviation of brightness, in units of the range [-1, 1]. */
  readonly brightness: number;
  /** Standard deviation of the logarithm (base 2) of contrast and saturation. */
  readonly contrast: number;
}

/** Arrays that the step's augmentation inputs are filled from; see `augment-graph.ts` for shapes. */
export interface AugmentArrays {
  readonly rows: Float32Array;
  readonly columns: Float32Array;
  readonly swap: Float32Array;
  readonly colour: Float32Array;
  readonly offset: Float32Array;
}

export function allocateAugment(count: number, channels: number, size: number): AugmentArrays {
  return {
    rows: new Float32Array(count * size * size),
    columns: new Float32Array(count * size * size),
    swap: new Float32Array(count),
    colour: new Float32Array(count * channels * channels),
    offset: new Float32Array(count * channels),
  };
}

/** Rec. 709 luma of sRGB, the axis that saturation keeps. */
const LUMA = [0.2126, 0.7152, 0.0722];

/** Draws the transforms of `count` images in place. With p = 0 all are the identity. */
export function drawAugment(
  rng: Rng,
  into: AugmentArrays,
  p: number,
  options: AugmentOptions,
  { count, channels, size }: { count: number; channels: number; size: number },
): void {
  for (let n = 0; n < count; n++) {
    const happens = () => rng.uniform() < p;
    const quarter = options.rotate && happens() ? rng.integer(4) : 0;
    // Quarter turns as a swap of axes and flips: 1 = swap + flip of columns, 2 = both flips, 3 = swap + flip of rows.
    const mirrored = options.flip && happens() && rng.uniform() < 0.5;
    const flipRows = quarter === 2 || quarter === 3;
    const flipColumns = (quarter === 1 || quarter === 2) !== mirrored;
    const moves = options.translate > 0 && happens();
    const shiftY = moves ? rng.between(-options.translate, options.translate) * size : 0;
    const shiftX = moves ? rng.between(-options.translate, options.translate) * size : 0;
    const zoom = options.scale > 0 && happens() ? 2 ** (options.scale * rng.normal()) : 1;
    into.swap[n] = quarter % 2;
    fillInterpolation(into.rows, n * size * size, size, flipRows, shiftY, zoom);
    fillInterpolation(into.columns, n * size * size, size, flipColumns, shiftX, zoom);

    const contrast = options.contrast > 0 && happens() ? 2 ** (options.contrast * rng.normal()) : 1;
    const saturation = options.contrast > 0 && channels === 3 && happens() ? 2 ** (options.contrast * rng.normal()) : 1;
    const brightness = options.brightness > 0 && happens() ? options.brightness * rng.normal() : 0;
    for (let i = 0; i < channels; i++) {
      for (let j = 0; j < channels; j++) {
        const own = i === j ? saturation : 0;
        const shared = channels === 3 ? (1 - saturation) * LUMA[j]! : 0;
        into.colour[(n * channels + i) * channels + j] = contrast * (own + shared);
      }
      into.offset[n * channels + i] = brightness;
    }
  }
}

/** Matrix [size, size] of linear interpolation along one axis: output i reads the input at its {@link sourcePositions}. */
function fillInterpolation(
  out: Float32Array,
  start: number,
  size: number,
  flip: boolean,
  shift: number,
  zoom: number,
): void {
  out.fill(0, start, start + size * size);
  sourcePositions(size, flip, shift, zoom).forEach((position, i) => {
    const low = Math.min(Math.floor(position), size - 1);
    const high = Math.min(low + 1, size - 1);
    const share = position - low;
    out[start + i * size + low]! += 1 - share;
    out[start + i * size + high]! += share;
  });
}

/**
 * Where each pixel of an axis comes from when it is flipped, scaled and shifted, in pixels, [size]; positions outside are
 * reflected at the border.
 */
export function sourcePositions(size: number, flip: boolean, shift: number, zoom: number): Float64Array {
  const centre = (size - 1) / 2;
  return Float64Array.from({ length: size }, (_, i) => {
    const placed = (i - centre - shift) / zoom;
    return reflect(centre + (flip ? -placed : placed), size - 1);
  });
}

/** Folds a position back into [0, last]. */
function reflect(position: number, last: number): number {
  const period = 2 * last;
  const folded = ((position % period) + period) % period;
  return folded > last ? period - folded : folded;
}
