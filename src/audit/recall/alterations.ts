import sharp, { type KernelEnum, type Sharp } from "sharp";
import type { Rng } from "../../core/rng.ts";
import type { RawImage } from "../../data/index.ts";
import { transformSource } from "../../features/pixel-vectors.ts";

const clamp = (value: number): number => Math.max(0, Math.min(255, Math.round(value)));

export const mapped = (image: RawImage, change: (value: number, at: number) => number): RawImage => ({
  ...image,
  data: image.data.map((value, at) => clamp(change(value, at))),
});

function turned(image: RawImage, transform: number): RawImage {
  const source = transformSource(transform, image.width);
  const data = new Uint8Array(image.data.length);
  source.forEach((from, to) => {
    for (let c = 0; c < image.channels; c++) data[to * image.channels + c] = image.data[from * image.channels + c]!;
  });
  return { ...image, data };
}

export const raw = ({ data, width, height, channels }: RawImage): Sharp =>
  sharp(data, { raw: { width, height, channels } });

export async function pixelsOf(pipeline: Sharp, like: RawImage): Promise<RawImage> {
  const shaped = like.channels === 1 ? pipeline.toColourspace("b-w") : pipeline.toColourspace("srgb").removeAlpha();
  return { ...like, data: new Uint8Array(await shaped.raw().toBuffer()) };
}

/** Rotated, scaled and moved a little about its centre; edges repeated, bilinear. */
export function warped(image: RawImage, angle: number, scale: number, dx: number, dy: number): RawImage {
  const { width: side, channels, data } = image;
  const out = new Uint8Array(data.length);
  const [cos, sin] = [Math.cos(angle) / scale, Math.sin(angle) / scale];
  const middle = (side - 1) / 2;
  const inside = (value: number) => Math.max(0, Math.min(side - 1, value));
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const u = inside(middle + cos * (x - middle) - sin * (y - middle) + dx * side);
      const v = inside(middle + sin * (x - middle) + cos * (y - middle) + dy * side);
      const [left, top] = [Math.floor(u), Math.floor(v)];
      const [right, below] = [Math.min(side - 1, left + 1), Math.min(side - 1, top + 1)];
      const [a, b] = [u - left, v - top];
      for (let c = 0; c < channels; c++) {
        const at = (row: number, column: number) => data[(row * side + column) * channels + c]!;
        const upper = at(top, left) * (1 - a) + at(top, right) * a;
        const lower = at(below, left) * (1 - a) + at(below, right) * a;
        out[(y * side + x) * channels + c] = clamp(upper * (1 - b) + lower * b);
      }
    }
  }
  return { ...image, data: out };
}

/** Another size and back. @param factor of the side */
async function resampled(image: RawImage, factor: number, kernel: keyof KernelEnum): Promise<RawImage> {
  const side = Math.round(factor * image.width);
  const between = await pixelsOf(raw(image).resize(side, side, { fit: "fill", kernel }), image);
  const resized = { ...between, width: side, height: side };
  return pixelsOf(raw(resized).resize(image.width, image.width, { fit: "fill", kernel }), image);
}

/** Pixels of one image in some places, of another in all others. */
const composed = (image: RawImage, other: RawImage, isOwn: (x: number, y: number) => boolean): RawImage => ({
  ...image,
  data: image.data.map((value, at) => {
    const pixel = Math.floor(at / image.channels);
    return isOwn(pixel % image.width, Math.floor(pixel / image.width)) ? value : other.data[at]!;
  }),
});

/** Radius of the part that is pasted, as a share of the side. */
const PASTED_RADIUS = 0.3;
/** Sizes and kernels by turns. */
const RESAMPLINGS = [
  [0.75, "linear"],
  [0.6, "lanczos3"],
  [0.6, "mitchell"],
  [1.5, "nearest"],
] as const;

/** Alters an image; `other` is another one of the same size. */
export type Alteration = (image: RawImage, rng: Rng, other: RawImage) => Promise<RawImage>;

/** Ways in which a training image may be altered and still shows what it shows, by their names in reports. */
export const ALTERATIONS = {
  exact: async (image) => image,
  flipped: async (image) => turned(image, 4),
  rotated: async (image, rng) => turned(image, 1 + rng.integer(3)),
  "JPEG 70": async (image) =>
    pixelsOf(sharp(await raw(image).jpeg({ quality: 70, chromaSubsampling: "4:2:0" }).toBuffer()), image),
  brightened: async (image) => mapped(image, (value) => 1.1 * value + 15),
  "cropped 5 %": async (image, rng) => {
    const side = Math.round(0.95 * image.width);
    const [left, top] = [rng.integer(image.width - side + 1), rng.integer(image.width - side + 1)];
    const cut = raw(image).extract({ left, top, width: side, height: side });
    return pixelsOf(cut.resize(image.width, image.width, { fit: "fill", kernel: "cubic" }), image);
  },
  noised: async (image, rng) => mapped(image, (value) => value + 10 * rng.normal()),
  "turned by 10°": async (image, rng) => warped(image, ((rng.integer(2) * 2 - 1) * Math.PI) / 18, 1, 0, 0),
  "shrunk and enlarged": async (image, rng) => {
    const [factor, kernel] = RESAMPLINGS[rng.integer(RESAMPLINGS.length)]!;
    return resampled(image, factor, kernel);
  },
  "shrunk by nearest neighbours": async (image) => resampled(image, 0.5, "nearest"),
  "80 % of one, 20 % of another": async (image, _rng, other) =>
    mapped(image, (value, at) => 0.8 * value + 0.2 * other.data[at]!),
  "half of one, half of another": async (image, _rng, other) =>
    mapped(image, (value, at) => 0.5 * value + 0.5 * other.data[at]!),
  "left half of one, right half of another": async (image, _rng, other) =>
    composed(image, other, (x) => x < image.width / 2),
  "middle pasted on another": async (image, _rng, other) => {
    const middle = (image.width - 1) / 2;
    return composed(image, other, (x, y) => Math.hypot(x - middle, y - middle) < PASTED_RADIUS * image.width);
  },
} satisfies Record<string, Alteration>;
