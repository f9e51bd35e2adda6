import { selected } from "./selected.ts";

/** Side in pixels at which structure is compared; larger images are area-averaged to it, smaller ones compared as they are. */
export const STRUCTURE_SIDE = 64;
/** Images below it are compared without smoothing too: their structure is as fine as their pixels. */
const SMALL_SIDE = 48;
/** Radius in pixels of the box mean that is taken away. */
const RADIUS = 2;
/** Least median of the structure's size, in grey levels: what is flatter is rounding and noise, and stays weak. */
const LEAST_LEVEL = 1;

/** How one structure plane is compared. */
export interface View {
  /** A binomial mean of 3 x 3 pixels goes first, so that noise and other resamplers count less. */
  readonly smooth: boolean;
  /** Side of a tile in pixels. */
  readonly tile: number;
  /** Evidence that a tile of another image gives by chance, on average and somewhat more. */
  readonly chance: number;
}

const SMOOTHED: View = { smooth: true, tile: 8, chance: 0.05 };
const SMOOTHED_SMALL: View = { smooth: true, tile: 8, chance: 0.1 };
const SHARP: View = { smooth: false, tile: 4, chance: 0.15 };

/** How pictures are compared while one is only laid on the other. */
export const ROUGH: View = { smooth: true, tile: 4, chance: 0.15 };

/** The views by which images of a side are compared. */
export const viewsOf = (side: number): readonly View[] => (side < SMALL_SIDE ? [SMOOTHED_SMALL, SHARP] : [SMOOTHED]);

/** Least share of the pixels that a mean is of that must be shown. */
const LEAST_SHOWN = 0.5;

/** A linear mean of what a plane shows: what is NaN is left out, and NaN comes where too little is left. */
function meanOfShown(plane: Float32Array, mean: (plane: Float32Array) => Float32Array): Float32Array {
  if (!plane.includes(Number.NaN)) return mean(plane);
  const sums = mean(plane.map((value) => (Number.isNaN(value) ? 0 : value)));
  const shares = mean(plane.map((value) => (Number.isNaN(value) ? 0 : 1)));
  return sums.map((sum, at) => (shares[at]! < LEAST_SHOWN ? Number.NaN : sum / shares[at]!));
}

/** Binomial mean of 3 x 3 pixels, edges repeated: noise between neighbours goes, structure of two pixels and more stays. */
function binomialMean(plane: Float32Array, side: number): Float32Array {
  const rows = new Float32Array(plane.length);
  const out = new Float32Array(plane.length);
  for (let y = 0, at = 0; y < side; y++) {
    for (let x = 0; x < side; x++, at++) {
      rows[at] = (plane[x > 0 ? at - 1 : at]! + 2 * plane[at]! + plane[x < side - 1 ? at + 1 : at]!) / 4;
    }
  }
  for (let at = 0; at < out.length; at++) {
    const above = at >= side ? at - side : at;
    const below = at + side < out.length ? at + side : at;
    out[at] = (rows[above]! + 2 * rows[at]! + rows[below]!) / 4;
  }
  return out;
}

/** Mean of the box around each pixel (cut off at the edges). */
function boxMean(plane: Float32Array, side: number): Float32Array {
  const rows = new Float32Array(plane.length);
  const out = new Float32Array(plane.length);
  for (let y = 0; y < side; y++) {
    const row = y * side;
    for (let x = 0; x < side; x++) {
      const from = Math.max(0, x - RADIUS);
      const to = Math.min(side - 1, x + RADIUS);
      let sum = 0;
      for (let at = row + from; at <= row + to; at++) sum += plane[at]!;
      rows[row + x] = sum / (to - from + 1);
    }
  }
  for (let y = 0; y < side; y++) {
    const from = Math.max(0, y - RADIUS);
    const to = Math.min(side - 1, y + RADIUS);
    for (let x = 0; x < side; x++) {
      let sum = 0;
      for (let at = from * side + x; at <= to * side + x; at += side) sum += rows[at]!;
      out[y * side + x] = sum / (to - from + 1);
    }
  }
  return out;
}

/**
 * Fine structure of a grey plane: each pixel less its surroundings, squashed so that a ruler or a hair does not outweigh
 * the rest.
 * @param plane `[side²]`, 0..255; NaN where it shows nothing (`surround.ts`)
 * @returns `[side²]`, -1..1; NaN where the plane is
 */
export function structureOf(plane: Float32Array, side: number, smooth: boolean): Float32Array {
  const fine = smooth ? meanOfShown(plane, (values) => binomialMean(values, side)) : plane;
  const means = meanOfShown(fine, (values) => boxMean(values, side));
  const out = new Float32Array(plane.length);
  let sizes = new Float32Array(plane.length);
  let known = 0;
  for (let p = 0; p < out.length; p++) {
    out[p] = fine[p]! - means[p]!;
    if (Number.isNaN(plane[p]!)) out[p] = Number.NaN;
    if (!Number.isNaN(out[p]!)) sizes[known++] = Math.abs(out[p]!);
  }
  sizes = sizes.subarray(0, known);
  const typical = Math.max(LEAST_LEVEL, selected(sizes, sizes.length >> 1));
  for (let p = 0; p < out.length; p++) out[p] = Math.tanh(out[p]! / (2 * typical));
  return out;
}

/** Area average of a grey plane of what it shows. @returns `[to²]`; the plane itself where the side is the same */
export const shrunk = (plane: Float32Array, from: number, to: number): Float32Array =>
  from === to ? plane : meanOfShown(plane, (values) => areaMean(values, from, to));

function areaMean(plane: Float32Array, from: number, to: number): Float32Array {
  const step = from / to;
  const narrow = new Float32Array(from * to);
  const out = new Float32Array(to * to);
  for (let i = 0; i < to; i++) {
    const [low, high] = [i * step, (i + 1) * step];
    for (let k = Math.floor(low); k < Math.min(from, Math.ceil(high - 1e-9)); k++) {
      const weight = (Math.min(high, k + 1) - Math.max(low, k)) / step;
      for (let row = 0; row < from; row++) narrow[row * to + i]! += weight * plane[row * from + k]!;
    }
  }
  for (let i = 0; i < to; i++) {
    const [low, high] = [i * step, (i + 1) * step];
    for (let k = Math.floor(low); k < Math.min(from, Math.ceil(high - 1e-9)); k++) {
      const weight = (Math.min(high, k + 1) - Math.max(low, k)) / step;
      for (let column = 0; column < to; column++) out[i * to + column]! += weight * narrow[k * to + column]!;
    }
  }
  return out;
}

/** Mean of the channels of one image. @param bytes uint8 `CHW` @returns `[side²]`, 0..255 */
export function greyOf(bytes: Uint8Array, channels: number): Float32Array {
  const area = bytes.length / channels;
  const out = new Float32Array(area);
  for (let c = 0; c < channels; c++) for (let p = 0; p < area; p++) out[p]! += bytes[c * area + p]! / channels;
  return out;
}

/**
 * Tiles of a structure plane each of mean 0 and length 1, flat ones and what is NaN 0: the product of two is the sum of the tiles'
 * correlations.
 */
export function normalisedTiles(structure: Float32Array, side: number, tile: number, out: Float32Array): void {
  for (let top = 0; top < side; top += tile) {
    for (let left = 0; left < side; left += tile) {
      const [bottom, right] = [Math.min(side, top + tile), Math.min(side, left + tile)];
      let n = 0;
      let sum = 0;
      let square = 0;
      for (let y = top; y < bottom; y++) {
        for (let x = left; x < right; x++) {
          const value = structure[y * side + x]!;
          if (Number.isNaN(value)) continue;
          n++;
          sum += value;
          square += value * value;
        }
      }
      const mean = sum / n;
      const energy = square - sum * mean;
      const scale = n >= LEAST_SHOWN * (bottom - top) * (right - left) && energy > FLAT * n ? 1 / Math.sqrt(energy) : 0;
      for (let y = top; y < bottom; y++) {
        for (let x = left; x < right; x++) {
          const value = structure[y * side + x]!;
          out[y * side + x] = scale === 0 || Number.isNaN(value) ? 0 : (value - mean) * scale;
        }
      }
    }
  }
}

/** Variance of a structure below which a tile is flat. */
export const FLAT = 1e-3;
