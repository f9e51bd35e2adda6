import sharp, { type Sharp } from "sharp";
import { Rng } from "../../core/rng.ts";
import type { RawImage } from "../../data/index.ts";
import type { ImageSource } from "../../features/extractor.ts";
import { transformSource } from "../../features/pixel-vectors.ts";
import { readImages } from "../../features/raw-images.ts";

const clamp = (value: number): number => Math.max(0, Math.min(255, Math.round(value)));

const mapped = (image: RawImage, change: (value: number, at: number) => number): RawImage => ({
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

const raw = ({ data, width, height, channels }: RawImage): Sharp => sharp(data, { raw: { width, height, channels } });

async function pixelsOf(pipeline: Sharp, like: RawImage): Promise<RawImage> {
  const shaped = like.channels === 1 ? pipeline.toColourspace("b-w") : pipeline.toColourspace("srgb").removeAlpha();
  return { ...like, data: new Uint8Array(await shaped.raw().toBuffer()) };
}

/** Rotated, scaled and moved a little about its centre; edges repeated, bilinear. */
function warped(image: RawImage, angle: number, scale: number, dx: number, dy: number): RawImage {
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

type Planter = (image: RawImage, rng: Rng, other: RawImage) => Promise<RawImage>;

/**
 * Ways in which a training image may leak; each makes a synthetic image of it (`other` is another training image). They
 * prove what the audit finds and what it does not.
 */
export const PLANTS = {
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
  "80 % of one, 20 % of another": async (image, _rng, other) =>
    mapped(image, (value, at) => 0.8 * value + 0.2 * other.data[at]!),
  "half of one, half of another": async (image, _rng, other) =>
    mapped(image, (value, at) => 0.5 * value + 0.5 * other.data[at]!),
  // What an overfitted generator draws: the image a little warped, recoloured and blurred, with some of another in it.
  memorised: async (image, rng, other) => {
    const moved = warped(
      image,
      rng.between(-0.07, 0.07),
      rng.between(0.96, 1.04),
      rng.between(-0.03, 0.03),
      rng.between(-0.03, 0.03),
    );
    const gain = rng.between(0.93, 1.07);
    const mixed = mapped(moved, (value, at) => gain * (0.85 * value + 0.15 * other.data[at]!));
    return pixelsOf(raw(mixed).blur(0.6), image);
  },
} satisfies Record<string, Planter>;

export type Plant = keyof typeof PLANTS;

/** Leaks of the images named by `indices`, in that order. */
export async function plant(
  kind: Plant,
  images: ImageSource,
  indices: readonly number[],
  seed: number,
): Promise<RawImage[]> {
  const list = readImages(images, indices);
  const shift = 1 + Math.floor(indices.length / 2);
  return Promise.all(
    list.map((image, i) => PLANTS[kind](image, new Rng(seed, "plant", kind, i), list[(i + shift) % list.length]!)),
  );
}
