import type { Rng } from "../core/rng.ts";
import type { LesionTraits } from "./classes.ts";
import { createLayer, type Layer, stampEllipse, stampVessel } from "./marks.ts";
import { cellBorder, fractalNoise, smoothStep, valueNoise } from "./noise.ts";
import type { LesionShape } from "./shape.ts";

/** Marks of a lesion, one layer a kind; undefined where the lesion has none of that kind. */
interface Marks {
  globules?: Layer | undefined;
  milia?: Layer | undefined;
  comedones?: Layer | undefined;
  vessels?: Layer;
  nests?: Layer | undefined;
  lacunae?: Layer | undefined;
  blotches?: Layer | undefined;
}

/** Scatters soft ellipses inside the lesion; radii relative to half the image side. */
function scatter(
  size: number,
  shape: LesionShape,
  traits: LesionTraits,
  count: number,
  radius: readonly [number, number],
  reach: number,
  softness: number,
  rng: Rng,
): Layer | undefined {
  if (Math.round(count) < 1) return undefined;
  const layer = createLayer(size);
  for (let k = 0; k < Math.round(count); k++) {
    for (let attempt = 0; attempt < 12; attempt++) {
      const angle = rng.between(0, 2 * Math.PI);
      const away = reach * Math.sqrt(rng.uniform()) * traits.radius * Math.sqrt(traits.aspect);
      const x = shape.centerX + away * Math.cos(angle);
      const y = shape.centerY + away * Math.sin(angle);
      if (shape.at(x, y) > reach) continue;
      const r = (rng.between(radius[0], radius[1]) * size) / 2;
      const stretch = rng.between(1, 1.5);
      stampEllipse(
        layer,
        ((x + 1) / 2) * size,
        ((y + 1) / 2) * size,
        r * stretch,
        r / stretch,
        rng.between(0, Math.PI),
        rng.between(0.65, 1),
        softness,
      );
      break;
    }
  }
  return layer;
}

function drawMarks(size: number, shape: LesionShape, traits: LesionTraits, rng: Rng): Marks {
  const { radius } = traits;
  const marks: Marks = {
    globules: scatter(size, shape, traits, traits.globules, [0.025, 0.055], 0.9, 0.5, rng),
    milia: scatter(size, shape, traits, traits.milia, [0.02, 0.05], 0.85, 0.4, rng),
    comedones: scatter(size, shape, traits, traits.comedones, [0.025, 0.06], 0.85, 0.5, rng),
    nests: scatter(size, shape, traits, traits.nests, [0.05, 0.13], 0.85, 0.9, rng),
    lacunae: scatter(size, shape, traits, traits.lacunae, [0.22 * radius, 0.42 * radius], 0.85, 0.35, rng),
    blotches: scatter(size, shape, traits, traits.blotches, [0.3 * radius, 0.55 * radius], 0.75, 1.2, rng),
  };
  if (traits.vessels >= 1) {
    marks.vessels = createLayer(size);
    for (let k = 0; k < traits.vessels; k++) {
      const angle = rng.between(0, 2 * Math.PI);
      const away = 0.9 * radius;
      stampVessel(
        marks.vessels,
        ((shape.centerX + away * Math.cos(angle) + 1) / 2) * size,
        ((shape.centerY + away * Math.sin(angle) + 1) / 2) * size,
        angle + Math.PI + 0.5 * rng.normal(),
        rng.between(0.5, 1.1) * radius * 0.5 * size,
        rng.between(0.011, 0.022) * size,
        rng,
      );
    }
  }
  return marks;
}

function at(layer: Layer | undefined, pixel: number, cover: number): number {
  return layer === undefined ? 0 : layer.data[pixel]! * cover;
}

/** Moves a colour towards another by a weight, clamped to 0..1. */
function blend(colour: Float32Array, weight: number, red: number, green: number, blue: number): void {
  const w = Math.min(1, Math.max(0, weight));
  colour[0]! += w * (red - colour[0]!);
  colour[1]! += w * (green - colour[1]!);
  colour[2]! += w * (blue - colour[2]!);
}

/** Draws a lesion over a picture of skin; returns the ground truth. */
export function paintLesion(
  /** HWC, three channels, 0..255, changed in place. */
  picture: Float32Array,
  size: number,
  /** Brightness of the skin tone, 0..1: white structures are less white on dark skin. */
  brightness: number,
  shape: LesionShape,
  traits: LesionTraits,
  rng: Rng,
): Uint8Array {
  const marks = drawMarks(size, shape, traits, rng);
  const inside = new Uint8Array(size * size);
  const [patches, grain, veilAt, cells, flakes, fold, rays] = Array.from({ length: 7 }, () => rng.uint32() | 0);
  const rayCount = 14 + rng.integer(16);
  const turn = rng.between(0, Math.PI);
  const turnCos = Math.cos(turn);
  const turnSin = Math.sin(turn);
  const brown = traits.melanin / (traits.melanin + traits.redness + 1e-6);
  const white = 0.55 + 0.45 * brightness;
  const hue = traits.lacunaHue;
  const lagoon = [158 - 96 * hue, 26 + 10 * hue, 48 + 42 * hue];
  const colour = new Float32Array(3);
  for (let j = 0; j < size; j++) {
    const y = (2 * (j + 0.5)) / size - 1;
    for (let i = 0; i < size; i++) {
      const x = (2 * (i + 0.5)) / size - 1;
      const pixel = j * size + i;
      const s = shape.at(x, y);
      if (s <= 1) inside[pixel] = 1;
      if (s > 1.6) continue;
      const dx = x - shape.centerX;
      const dy = y - shape.centerY;
      let edge = s;
      if (traits.streaks > 0 && s > 0.6) {
        const theta = Math.atan2(dy, dx);
        const ray = Math.max(0, Math.cos(rayCount * theta + 5 * valueNoise(2 * x, 2 * y, rays!)));
        edge -= 0.3 * traits.streaks * ray ** 3 * Math.max(0, 0.4 + valueNoise(3 * x, 3 * y, rays! ^ 1));
      }
      const cover = 1 - smoothStep(1 - traits.edgeWidth, 1 + 0.35 * traits.edgeWidth + 0.02, edge);
      if (cover <= 0) continue;

      // Pigment and blood absorb: what is left of the skin's light.
      const uneven = fractalNoise(3.2 * x, 3.2 * y, patches!, 3);
      const side = (dx * shape.biasX + dy * shape.biasY) / traits.radius;
      let melanin = traits.melanin * Math.max(0.1, 1 + 1.1 * traits.core * (0.7 - s));
      melanin *= Math.max(0.08, 1 + 1.9 * traits.variegation * uneven + 0.55 * traits.asymmetry * side);
      melanin *= 1 + 0.16 * valueNoise(22 * x, 22 * y, grain!);
      let blood = traits.redness * Math.max(0.15, 1 - 1.3 * traits.variegation * uneven);
      if (traits.network > 0) {
        const scale = traits.networkCells / 2;
        const bend = 0.07 * valueNoise(5 * x, 5 * y, cells! ^ 1);
        const p = scale * (turnCos * x + turnSin * y + bend);
        const q = scale * (turnCos * y - turnSin * x - bend);
        const line = 1 - smoothStep(0.04, 0.36, cellBorder(p, q, cells!, traits.networkJitter));
        const patch = Math.max(0, 0.75 + 0.9 * valueNoise(2.6 * x, 2.6 * y, cells! ^ 2));
        const strength = 0.85 * traits.network * (line - 0.42) * smoothStep(0, 0.35, s) * patch;
        melanin += brown * strength;
        blood += (1 - brown) * strength;
      }
      melanin += 0.8 * at(marks.globules, pixel, cover);
      const blotch =
        marks.blotches === undefined ? 0 : smoothStep(0.1, 0.8, at(marks.blotches, pixel, cover) + 0.4 * uneven);
      const dark = 1.1 * blotch * at(marks.blotches, pixel, cover) + 1.1 * at(marks.comedones, pixel, cover);
      const vessel = at(marks.vessels, pixel, cover);
      melanin = Math.max(0, melanin) * cover;
      blood = Math.max(0, blood) * cover;
      colour[0] = picture[3 * pixel]! * Math.exp(-(0.52 * melanin + 0.1 * blood + 0.95 * dark + 0.22 * vessel));
      colour[1] = picture[3 * pixel + 1]! * Math.exp(-(0.88 * melanin + 0.62 * blood + 1.12 * dark + 1.1 * vessel));
      colour[2] = picture[3 * pixel + 2]! * Math.exp(-(1.12 * melanin + 0.46 * blood + 1.15 * dark + 0.8 * vessel));

      // Structures that scatter light cover what lies below.
      if (traits.keratin > 0) {
        const shade = 1 - 0.5 * melanin + 0.12 * uneven;
        blend(colour, traits.keratin * cover, 168 * shade * white, 132 * shade * white, 98 * shade * white);
        const wave = Math.abs(fractalNoise(4.5 * x, 4.5 * y, fold!, 2));
        const sulcus = 0.75 * traits.ridges * cover * (1 - smoothStep(0, 0.12, wave));
        colour[0] *= 1 - 0.5 * sulcus;
        colour[1] *= 1 - 0.58 * sulcus;
        colour[2] *= 1 - 0.62 * sulcus;
      }
      if (traits.veil > 0) {
        const patch = smoothStep(-0.15, 0.5, fractalNoise(1.9 * x, 1.9 * y, veilAt!, 2)) * (1 - smoothStep(0.6, 1, s));
        blend(colour, 1.1 * traits.veil * patch, 96 * white, 104 * white, 134 * white);
      }
      blend(colour, 0.75 * at(marks.nests, pixel, cover), 84 * white, 82 * white, 104 * white);
      blend(colour, 0.88 * at(marks.lacunae, pixel, cover), lagoon[0]!, lagoon[1]!, lagoon[2]!);
      if (traits.scar > 0) {
        const centre = 1 - smoothStep(0.2, 0.66, s + 0.22 * uneven);
        blend(colour, 0.92 * traits.scar * centre, 244 * white, 224 * white, 216 * white);
      }
      blend(colour, 0.65 * at(marks.milia, pixel, cover), 246 * white, 230 * white, 196 * white);
      if (traits.scale > 0) {
        const flake = smoothStep(0.12, 0.42, fractalNoise(7 * x, 7 * y, flakes!, 3));
        blend(colour, 0.75 * traits.scale * flake * cover, 242 * white, 232 * white, 216 * white);
      }
      picture[3 * pixel] = colour[0];
      picture[3 * pixel + 1] = colour[1];
      picture[3 * pixel + 2] = colour[2];
    }
  }
  return inside;
}
