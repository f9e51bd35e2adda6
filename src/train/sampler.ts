import { Rng } from "../core/rng.ts";
import { compile, input, type Program } from "../graph/index.ts";
import {
  type Architecture,
  GENERATION_BATCH,
  generate,
  generatorLayout,
  toBytes,
  viewWeights,
} from "../model/index.ts";
import type { RunConfig } from "./config.ts";

/** Draws images from weights that are still changing: for grids and quality probes while training goes on. */
export interface TrainingSampler {
  /**
   * @param weights Flat generator weights.
   * @param classes Class index of each image.
   * @param stream Name of the latents: equal streams give equal latents, so that grids can be compared over time.
   * @returns uint8 [n, C, S, S]
   */
  draw(weights: Float32Array, classes: readonly number[], stream: string): Promise<Uint8Array>;
  close(): Promise<void>;
}

export async function openTrainingSampler(
  a: Architecture,
  { seed, threads, device }: Pick<RunConfig, "seed" | "threads" | "device">,
): Promise<TrainingSampler> {
  const layout = generatorLayout(a);
  const z = input("z", [GENERATION_BATCH, a.latent]);
  const labels = input("labels", [GENERATION_BATCH, a.classes]);
  const images = generate(a, viewWeights(layout, input("weights", [layout.length])), z, labels);
  const program: Program = await compile({ images }, { device, threads, arena: false });
  const pixels = a.channels * a.resolution ** 2;
  return {
    async draw(weights, classes, stream) {
      const out = new Uint8Array(classes.length * pixels);
      for (let start = 0; start < classes.length; start += GENERATION_BATCH) {
        const count = Math.min(GENERATION_BATCH, classes.length - start);
        const latents = new Float32Array(GENERATION_BATCH * a.latent);
        const oneHot = new Float32Array(GENERATION_BATCH * a.classes);
        for (let i = 0; i < GENERATION_BATCH; i++) {
          const row = latents.subarray(i * a.latent, (i + 1) * a.latent);
          new Rng(seed, stream, start + i).fillNormal(row);
          oneHot[i * a.classes + (classes[start + i] ?? 0)] = 1;
        }
        const results = await program.run({ weights, z: latents, labels: oneHot });
        out.set(toBytes(results.images.subarray(0, count * pixels)), start * pixels);
      }
      return out;
    },
    close: () => program.close(),
  };
}
