import sharp, { type Sharp } from "sharp";
import { Rng } from "../../core/rng.ts";
import type { RawImage } from "../../data/index.ts";
import { type ImageSource, imagesInMemory } from "../../evaluate/features/extractor.ts";
import { readImages } from "../../evaluate/features/raw-images.ts";
import { transformSource } from "../../evaluate/privacy/pixel-vectors.ts";

const clamp = (value: number): number => Math.max(0, Math.min(255, Math.round(value)));

const mapped = (image: RawImage, change: (value: number, at: number) => number): RawImage => ({
  ...image,
  data: image.data.map((value, at) => clamp(change(value, at))),
});

function turned(image: RawImage, transform: number): RawImage {
  const source = transformSource(transform, image.width);
  const data = new Uint8Array(image.data.length);
  source.forEach((from, to) => {
    for (let c = 0; c < image.channels; c++) data[to * image.channels + c] = image.data[from * image.channels + c];
  });
  return { ...image, data };
}

const raw = ({ data, width, height, channels }: RawImage) => sharp(data, { raw: { width, height, channels } });

async function pixelsOf(pipeline: Sharp, like: RawImage): Promise<RawImage> {
  const shaped = like.channels === 1 ? pipeline.toColourspace("b-w") : pipeline.toColourspace("srgb").removeAlpha();
  return { ...like, data: new Uint8Array(await shaped.raw().toBuffer()) };
}

/** Ways in which an image may leak: each makes a synthetic image of a training image (`other`: another one). */
export const PLANTS = {
  exact: async (image) => image,
  flipped: async (image) => turned(image, 4),
  rotated: async (image, rng) => turned(image, 1 + rng.integer(3)),
  jpeg70: async (image) =>
    pixelsOf(sharp(await raw(image).jpeg({ quality: 70, chromaSubsampling: "4:2:0" }).toBuffer()), image),
  brightened: async (image) => mapped(image, (value) => 1.1 * value + 15),
  cropped: async (image, rng) => {
    const side = Math.round(0.95 * image.width);
    const [left, top] = [rng.integer(image.width - side + 1), rng.integer(image.width - side + 1)];
    const cut = raw(image).extract({ left, top, width: side, height: side });
    return pixelsOf(cut.resize(image.width, image.width, { fit: "fill", kernel: "cubic" }), image);
  },
  noised: async (image, rng) => mapped(image, (value) => value + 10 * rng.normal()),
  interpolated: async (image, _rng, other) => mapped(image, (value, at) => 0.8 * value + 0.2 * other.data[at]),
  blended: async (image, _rng, other) => mapped(image, (value, at) => 0.5 * value + 0.5 * other.data[at]),
} satisfies Record<string, (image: RawImage, rng: Rng, other: RawImage) => Promise<RawImage>>;

export type Plant = keyof typeof PLANTS;

/** Planes of images, uint8 `NCHW`. */
export function planesOf(list: readonly RawImage[]): Uint8Array {
  const { width, channels } = list[0];
  const area = width * width;
  const out = new Uint8Array(list.length * channels * area);
  list.forEach(({ data }, n) => {
    for (let c = 0; c < channels; c++) {
      for (let p = 0; p < area; p++) out[(n * channels + c) * area + p] = data[p * channels + c];
    }
  });
  return out;
}

/** Leaks of the images named by `indices`, in that order, held in memory. */
export async function plant(
  kind: Plant,
  images: ImageSource,
  indices: readonly number[],
  seed: number,
): Promise<ImageSource> {
  const list = readImages(images, indices);
  const others = readImages(
    images,
    indices.map((index) => (index + Math.floor(images.count / 2) + 1) % images.count),
  );
  const made = await Promise.all(
    list.map((image, i) => PLANTS[kind](image, new Rng(seed, "plant", kind, i), others[i])),
  );
  return imagesInMemory(planesOf(made), images.resolution, images.channels);
}
