import { Rng } from "../../core/rng.ts";
import type { RawImage } from "../../data/index.ts";
import type { ImageSource } from "../../features/extractor.ts";
import { readImages } from "../../features/raw-images.ts";
import { ALTERATIONS, type Alteration, mapped, pixelsOf, raw, warped } from "../recall/alterations.ts";

/**
 * Ways in which a training image may leak; each makes a synthetic image of it (`other` is another training image). They
 * prove what the audit finds and what it does not.
 */
export const PLANTS = {
  ...ALTERATIONS,
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
} satisfies Record<string, Alteration>;

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
