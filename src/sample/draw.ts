import type { RawImage } from "../data/types.ts";
import type { Generator } from "../model/generator-file.ts";
import { fillLatent } from "./latent.ts";

/** All that an image is made from, besides the generator and psi. */
export interface Draw {
  readonly seed: number;
  readonly classIndex: number;
}

/** Draws up to {@link Generator.batch} images; returns uint8 [n, channels, resolution, resolution]. */
export async function drawBatch(generator: Generator, draws: readonly Draw[], psi: number): Promise<Uint8Array> {
  const { latent, truncation } = generator.description;
  const latents = new Float32Array(draws.length * latent);
  draws.forEach(({ seed }, i) => {
    fillLatent(seed, truncation === undefined ? psi : 1, latents.subarray(i * latent, (i + 1) * latent));
  });
  return generator.draw(
    latents,
    draws.map(({ classIndex }) => classIndex),
    psi,
  );
}

/** `CHW => HWC`. */
export function imageOfPlanes(planes: Uint8Array, resolution: number, channels: 1 | 3): RawImage {
  const pixels = resolution * resolution;
  const data = new Uint8Array(pixels * channels);
  for (let c = 0; c < channels; c++) {
    for (let i = 0; i < pixels; i++) data[i * channels + c] = planes[c * pixels + i]!;
  }
  return { width: resolution, height: resolution, channels, data };
}
