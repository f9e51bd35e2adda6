/**
 * The semantic map of DermGAN (Ghorbani et al. 2019, PMLR 116:155-170, section 3): three channels of the image's size, R the
 * skin tone everywhere, G and B the condition inside the lesion. Free of Node, so that the studio draws the same maps.
 */

/** Fitzpatrick skin types I to VI (Fitzpatrick 1988, doi 10.1001/archderm.1988.01670060015008) as 1 to 6. */
export const TONES = [1, 2, 3, 4, 5, 6] as const;
export type Tone = (typeof TONES)[number];
/** Roman names of the tones, tone 1 first. */
export const TONE_NAMES = ["I", "II", "III", "IV", "V", "VI"] as const;

/** What fills G and B: the boxes around a lesion, as in the paper, or its shape. */
export const MAP_KINDS = ["box", "mask"] as const;
export type MapKind = (typeof MAP_KINDS)[number];

/** A box in shares of the image's extent, 0 <= min < max <= 1. */
export interface Box {
  readonly xMin: number;
  readonly yMin: number;
  readonly xMax: number;
  readonly yMax: number;
}

/** Channels of every map. */
export const MAP_CHANNELS = 3;

/**
 * Values of G and B of a condition. The paper publishes none; conditions lie on a square grid in (0, 1], the coarsest that
 * holds them all, so that none is the empty (0, 0) and any two differ by one step of the grid at least.
 */
export function conditionColour(condition: number, conditions: number): readonly [number, number] {
  const side = Math.ceil(Math.sqrt(conditions));
  return [(1 + (condition % side)) / side, (1 + Math.floor(condition / side)) / side];
}

/** Value of R of a tone: sixths, so that every tone is above the zero outside of an image. */
export const toneValue = (tone: number): number => tone / TONES.length;

/** What a map says besides its region. */
export interface MapContent {
  /** Class index. */
  readonly condition: number;
  /** Classes of the model. */
  readonly conditions: number;
  readonly tone: number;
}

/**
 * Writes a map [3, S, S] with values in [0, 1] to `out` at `offset`.
 * @param region [S * S], not zero inside the lesion.
 */
export function fillMap(out: Float32Array, offset: number, content: MapContent, region: ArrayLike<number>): void {
  const pixels = region.length;
  const [green, blue] = conditionColour(content.condition, content.conditions);
  out.fill(toneValue(content.tone), offset, offset + pixels);
  for (let i = 0; i < pixels; i++) {
    const inside = region[i] !== 0;
    out[offset + pixels + i] = inside ? green : 0;
    out[offset + 2 * pixels + i] = inside ? blue : 0;
  }
}

/** Writes 255 inside of boxes and 0 elsewhere: region [size * size] of boxes; a pixel is inside when its centre is. */
export function fillBoxes(region: Uint8Array, size: number, boxes: readonly Box[]): void {
  region.fill(0);
  for (const { xMin, yMin, xMax, yMax } of boxes) {
    const [left, right] = [Math.round(xMin * size), Math.round(xMax * size)];
    const [top, bottom] = [Math.round(yMin * size), Math.round(yMax * size)];
    for (let y = top; y < bottom; y++) region.fill(255, y * size + left, y * size + right);
  }
}

/** Writes 255 inside the ellipses inscribed in boxes and 0 elsewhere; a pixel is inside when its centre is. */
export function fillEllipses(region: Uint8Array, size: number, boxes: readonly Box[]): void {
  region.fill(0);
  for (const { xMin, yMin, xMax, yMax } of boxes) {
    const [left, right] = [Math.round(xMin * size), Math.round(xMax * size)];
    const [top, bottom] = [Math.round(yMin * size), Math.round(yMax * size)];
    for (let y = top; y < bottom; y++) {
      const v = (2 * y + 1 - top - bottom) / (bottom - top);
      for (let x = left; x < right; x++) {
        const u = (2 * x + 1 - left - right) / (right - left);
        if (u * u + v * v <= 1) region[y * size + x] = 255;
      }
    }
  }
}
