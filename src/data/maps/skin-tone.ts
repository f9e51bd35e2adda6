import type { RawImage } from "../types.ts";
import type { Tone } from "./semantic-map.ts";

/** Linear light of an sRGB byte (IEC 61966-2-1). */
const LINEAR = Float64Array.from({ length: 256 }, (_, byte) => {
  const v = byte / 255;
  return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
});

/** White point D65 of the 2 degree observer; Y is 1, and X does not enter L* and b*. */
const WHITE_Z = 1.08883;

const cubeRoot = (t: number): number => (t > 216 / 24389 ? Math.cbrt(t) : ((24389 / 27) * t + 16) / 116);

/** L* and b* of CIELAB (D65) of an sRGB colour, bytes 0..255; IEC 61966-2-1 and CIE 15:2004, section 8.2.1. */
export function lightnessAndYellow(red: number, green: number, blue: number): readonly [number, number] {
  const [r, g, b] = [LINEAR[red], LINEAR[green], LINEAR[blue]];
  const y = cubeRoot(0.2126729 * r! + 0.7151522 * g! + 0.072175 * b!);
  const z = cubeRoot((0.0193339 * r! + 0.119192 * g! + 0.9503041 * b!) / WHITE_Z);
  return [116 * y - 16, 200 * (y - z)];
}

/**
 * Individual typology angle in degrees, -90 to 90: atan((L* - 50) / b*) (Chardin, Cires and Hourseau 1991, Int J Cosmet
 * Sci 13:191-208), as the true angle of the point (b*, L* - 50), so that bluish skin gives a bound and no jump.
 */
export function typologyAngle(lightness: number, yellow: number): number {
  const angle = (Math.atan2(lightness - 50, yellow) * 180) / Math.PI;
  return Math.min(90, Math.max(-90, angle));
}

/** Lowest angle of types I to V (exclusive), in degrees; below the last is VI. */
const TONE_BOUNDS = [55, 41, 28, 10, -30] as const;

/** Skin class of an angle, very light to dark, taken for the Fitzpatrick types I to VI: >55, >41, >28, >10, >-30, below. */
export function toneOfAngle(angle: number): Tone {
  const at = TONE_BOUNDS.findIndex((bound) => angle > bound);
  return ((at < 0 ? TONE_BOUNDS.length : at) + 1) as Tone;
}

/** L* at and below which a pixel is the black around the picture of a dermatoscope. */
const NEAR_BLACK = 10;
/** Deviations from the median L* (by the median absolute deviation) beyond which a pixel is hair, ink or glare. */
const OUTLIER = 3;
/** Share of the pixels that must be left to call them skin. */
const MIN_SKIN = 0.02;
/** Widths as shares of the side: what is left out around the lesion, around the black, and the border. */
const [LESION_MARGIN, BLACK_MARGIN, BORDER] = [0.04, 0.02, 0.06];

/** Estimate of a skin tone. */
export interface SkinTone {
  /** Median typology angle in degrees. */
  readonly angle: number;
  readonly tone: Tone;
  /** `skin`: outside the lesion. `border`: the lesion leaves too little skin, so the outermost pixels were taken. */
  readonly from: "skin" | "border";
}

/** What is nearer than `radius` steps to something not zero, along lines of `size` values that are `step` apart. */
function spread(values: Uint8Array, size: number, radius: number, line: number, step: number): Uint8Array {
  const out = new Uint8Array(values.length);
  for (let first = 0, n = 0; n < size; n++, first += line) {
    // Values are looked at `radius` ahead of the place that is filled.
    let left = -1;
    for (let i = 0; i < size + radius; i++) {
      if (i < size && values[first + i * step] !== 0) left = 2 * radius;
      else if (left >= 0) left--;
      if (i >= radius && left >= 0) out[first + (i - radius) * step] = 1;
    }
  }
  return out;
}

/** Region [size * size] with everything nearer than `radius` pixels (by row and column) added. */
const dilate = (region: Uint8Array, size: number, radius: number): Uint8Array =>
  spread(spread(region, size, radius, size, 1), size, radius, 1, size);

/** Sorts in place. */
function median(values: Float32Array): number {
  const sorted = values.sort();
  return (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
}

/** True where colours do not differ between channels by more than a trace: a grey image, however it is stored. */
function isColourless({ channels, data }: RawImage): boolean {
  if (channels === 1) return true;
  let coloured = 0;
  for (let i = 0; i < data.length; i += 3) {
    const [r, g, b] = [data[i], data[i + 1], data[i + 2]];
    if (Math.max(r!, g!, b!) - Math.min(r!, g!, b!) > 8) coloured++;
  }
  return coloured < 0.01 * (data.length / 3);
}

/**
 * Estimates the skin tone of a square colour image as the median typology angle over the skin: outside the lesion with a
 * margin, without black corners, without pixels whose L* is an outlier (hair, ink, glare).
 * @param region [size * size], not zero inside the lesion.
 * @returns null where nothing can be said: a grey or a black image
 */
export function estimateTone(image: RawImage, region: Uint8Array): SkinTone | null {
  if (isColourless(image)) return null;
  const { width: size, data } = image;
  const pixels = size * size;
  const lightness = new Float32Array(pixels);
  const yellow = new Float32Array(pixels);
  const black = new Uint8Array(pixels);
  for (let i = 0; i < pixels; i++) {
    [lightness[i], yellow[i]] = lightnessAndYellow(data[3 * i]!, data[3 * i + 1]!, data[3 * i + 2]!);
    if (lightness[i]! <= NEAR_BLACK) black[i] = 1;
  }
  const dark = dilate(black, size, Math.ceil(BLACK_MARGIN * size));
  const lesion = dilate(region, size, Math.ceil(LESION_MARGIN * size));
  const skin = new Int32Array(pixels);
  let count = 0;
  for (let i = 0; i < pixels; i++) if (dark[i] === 0 && lesion[i] === 0) skin[count++] = i;
  let from: SkinTone["from"] = "skin";
  if (count < MIN_SKIN * pixels) {
    const ring = Math.max(1, Math.round(BORDER * size));
    const inRing = (v: number) => v < ring || v >= size - ring;
    from = "border";
    count = 0;
    for (let i = 0; i < pixels; i++) {
      if (dark[i] === 0 && (inRing(i % size) || inRing(Math.floor(i / size)))) skin[count++] = i;
    }
  }
  if (count === 0) return null;
  const values = new Float32Array(count);
  for (let k = 0; k < count; k++) values[k] = lightness[skin[k]!]!;
  const middle = median(values);
  for (let k = 0; k < count; k++) values[k] = Math.abs(lightness[skin[k]!]! - middle);
  // 1.4826 makes the median absolute deviation the standard deviation of a normal distribution.
  const farthest = OUTLIER * Math.max(1.4826 * median(values), 1);
  let usual = 0;
  for (let k = 0; k < count; k++) {
    const i = skin[k]!;
    if (Math.abs(lightness[i]! - middle) <= farthest) values[usual++] = typologyAngle(lightness[i]!, yellow[i]!);
  }
  const angle = median(values.subarray(0, usual));
  return { angle, tone: toneOfAngle(angle), from };
}
