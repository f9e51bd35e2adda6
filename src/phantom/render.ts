import { GanglionError } from "../core/errors.ts";
import { Rng } from "../core/rng.ts";
import type { RawImage } from "../data/types.ts";
import { drawTraits, type LesionTraits } from "./classes.ts";
import { paintLesion } from "./lesion.ts";
import { createLayer, stampHairs } from "./marks.ts";
import { fractalNoise, valueNoise } from "./noise.ts";
import type { PhantomSpec } from "./plan.ts";
import { lesionShape } from "./shape.ts";
import { BODY_SITES, CAMERAS, type Camera, SKIN_TONES } from "./skin.ts";

/** One drawn image with its truth. */
export interface PhantomImage {
  readonly image: RawImage;
  /** 255 inside the lesion's outline, 0 outside; one channel, the image's size. */
  readonly mask: RawImage;
  /** Smallest box around the mask in pixels: x_min, y_min, x_max, y_max (max exclusive). */
  readonly box: readonly [number, number, number, number];
  readonly traits: LesionTraits;
}

/** Sides that the phantom can be drawn at, in pixels. */
const PHANTOM_SIZE_RANGE = [16, 512] as const;

/** @throws GanglionError `usage` for a size outside {@link PHANTOM_SIZE_RANGE} */
export function checkSize(size: number): void {
  const [low, high] = PHANTOM_SIZE_RANGE;
  if (Number.isInteger(size) && size >= low && size <= high) return;
  throw new GanglionError(
    "usage",
    `phantom size must be a whole number of pixels in ${low}..${high}, got ${size}; try --size 64`,
  );
}

function paintSkin(picture: Float32Array, size: number, spec: PhantomSpec): number {
  const person = new Rng(spec.seed, "phantom-person", spec.patient);
  const rng = new Rng(spec.seed, "phantom-skin", spec.index);
  const tone = SKIN_TONES[spec.tone - 1]!.colour;
  const flush = person.normal();
  const light = 1 + 0.035 * person.normal();
  const base = [tone[0] * light, tone[1] * light * (1 - 0.025 * flush), tone[2] * light * (1 - 0.02 * flush)];
  const roughness = person.between(0.4, 1.2);
  const [mottle, blush, grain] = Array.from({ length: 3 }, () => rng.uint32() | 0);
  for (let j = 0; j < size; j++) {
    const y = (2 * (j + 0.5)) / size - 1;
    for (let i = 0; i < size; i++) {
      const x = (2 * (i + 0.5)) / size - 1;
      const pixel = 3 * (j * size + i);
      const low = fractalNoise(2.1 * x, 2.1 * y, mottle!, 2);
      const pink = valueNoise(4.2 * x, 4.2 * y, blush!);
      const fine = valueNoise(27 * x + 6 * y, 27 * y - 6 * x, grain!);
      const shade = 1 + 0.045 * low + 0.028 * roughness * fine;
      picture[pixel] = base[0]! * shade;
      picture[pixel + 1] = base[1]! * shade * (1 - 0.035 * pink);
      picture[pixel + 2] = base[2]! * shade * (1 - 0.03 * pink);
    }
  }
  return (base[0]! + base[1]! + base[2]!) / (3 * 208);
}

function paintHair(picture: Float32Array, size: number, spec: PhantomSpec): void {
  const rng = new Rng(spec.seed, "phantom-hair", spec.index);
  const site = BODY_SITES.find(({ name }) => name === spec.bodySite);
  if (site === undefined || rng.uniform() >= site.hair) return;
  const layer = createLayer(size);
  stampHairs(layer, 2 + rng.integer(site.hair > 0.4 ? 14 : 8), rng.between(0.006, 0.014) * size, rng);
  const dark = new Rng(spec.seed, "phantom-hair-colour", spec.patient).uniform() < 0.75;
  const colour = dark || spec.tone > 3 ? [44, 32, 28] : [128, 96, 62];
  for (let p = 0; p < size * size; p++) {
    const weight = 0.8 * layer.data[p]!;
    if (weight > 0) for (let c = 0; c < 3; c++) picture[3 * p + c]! += weight * (colour[c]! - picture[3 * p + c]!);
  }
}

/** Sum of four uniform bytes of one draw, mean 0 and deviation 1: normal enough for sensor noise, and cheap. */
function nearNormal(rng: Rng): number {
  const bits = rng.uint32();
  return ((bits & 255) + ((bits >>> 8) & 255) + ((bits >>> 16) & 255) + (bits >>> 24) - 510) / 147.8;
}

/** Light, lens and sensor: averages the drawing down to the image's size and rounds to 8 bits. */
function photograph(picture: Float32Array, factor: number, size: number, camera: Camera, rng: Rng): RawImage {
  const data = new Uint8Array(3 * size * size);
  const fine = size * factor;
  const exposure = 1 + 0.05 * rng.normal();
  const slope = 0.05 * rng.normal();
  const slopeAngle = rng.between(0, 2 * Math.PI);
  const slopeX = slope * Math.cos(slopeAngle);
  const slopeY = slope * Math.sin(slopeAngle);
  for (let j = 0; j < size; j++) {
    const y = (2 * (j + 0.5)) / size - 1;
    for (let i = 0; i < size; i++) {
      const x = (2 * (i + 0.5)) / size - 1;
      const r2 = (x * x + y * y) / 2;
      const light = exposure * (1 - camera.vignette * r2 * r2) * (1 + slopeX * x + slopeY * y);
      for (let c = 0; c < 3; c++) {
        let sum = 0;
        for (let v = 0; v < factor; v++) {
          for (let u = 0; u < factor; u++) sum += picture[3 * ((j * factor + v) * fine + i * factor + u) + c]!;
        }
        const signal = (sum / (factor * factor) / 255) * light * camera.gains[c]!;
        const exposed = camera.gamma === 1 ? signal : Math.max(0, signal) ** camera.gamma;
        const value = 255 * exposed + camera.noise * nearNormal(rng);
        data[3 * (j * size + i) + c] = Math.min(255, Math.max(0, Math.round(value)));
      }
    }
  }
  return { width: size, height: size, channels: 3, data };
}

function boxOf(mask: Uint8Array, size: number): [number, number, number, number] {
  let [left, top, right, bottom] = [size, size, 0, 0];
  for (let p = 0; p < mask.length; p++) {
    if (mask[p] === 0) continue;
    const x = p % size;
    const y = (p - x) / size;
    left = Math.min(left, x);
    right = Math.max(right, x + 1);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y + 1);
  }
  return [left, top, right, bottom];
}

/**
 * Draws one image of the phantom. Pure: the same spec and size give the same bytes, and the same spec at another size
 * shows the same lesion. Drawn at 96 pixels or more and averaged down.
 * @param size Width and height in pixels, 16..512
 * @throws GanglionError `usage` for a size outside the range
 */
export function renderPhantom(spec: PhantomSpec, size: number): PhantomImage {
  checkSize(size);
  const factor = Math.max(1, Math.ceil(96 / size));
  const fine = size * factor;
  const picture = new Float32Array(3 * fine * fine);
  const rng = new Rng(spec.seed, "phantom-lesion", spec.index);
  const traits = drawTraits(spec.label, rng);
  const shape = lesionShape(traits, rng);
  const brightness = Math.min(1, paintSkin(picture, fine, spec));
  const inside = paintLesion(picture, fine, brightness, shape, traits, rng);
  paintHair(picture, fine, spec);
  const camera = CAMERAS.find(({ name }) => name === spec.source) ?? CAMERAS[0]!;
  const image = photograph(picture, factor, size, camera, new Rng(spec.seed, "phantom-camera", spec.index));
  const mask = new Uint8Array(size * size);
  for (let p = 0; p < mask.length; p++) {
    const x = p % size;
    const y = (p - x) / size;
    let count = 0;
    for (let v = 0; v < factor; v++) {
      for (let u = 0; u < factor; u++) count += inside[(y * factor + v) * fine + x * factor + u]!;
    }
    mask[p] = 2 * count >= factor * factor ? 255 : 0;
  }
  return { image, mask: { width: size, height: size, channels: 1, data: mask }, box: boxOf(mask, size), traits };
}
