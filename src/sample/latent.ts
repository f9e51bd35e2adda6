import { Rng } from "../core/rng.ts";

/**
 * Seed of candidate `index` of a class: one whole number below 2^53 that names the image from then on. It depends on
 * the seed of the command, the class name and the index only, so a longer series begins with the shorter one.
 */
export function candidateSeed(seed: number, className: string, index: number): number {
  const rng = new Rng(seed, "candidate", className, index);
  return (rng.uint32() & 0x1f_ffff) * 0x1_0000_0000 + rng.uint32();
}

/** Writes the latent of an image to `out`: standard normal numbers of the image's seed, multiplied by psi. */
export function fillLatent(imageSeed: number, psi: number, out: Float32Array): void {
  new Rng(imageSeed, "latent").fillNormal(out);
  if (psi === 1) return;
  for (let i = 0; i < out.length; i++) out[i]! *= psi;
}

/** The uniform number in [0, 1) that decides on the acceptance of an image. */
export const acceptanceNumber = (imageSeed: number): number => new Rng(imageSeed, "accept").uniform();
