import { Rng } from "../core/rng.ts";
import type { PackedStore } from "../data/index.ts";
import { compile, input, type Program } from "../graph/index.ts";
import { generationBatch, noiseFamilyOf, toBytes, viewWeights } from "../model/index.ts";
import { architectureOf } from "./config.ts";
import { gridClasses, gridPicture, realGrid } from "./grid.ts";
import type { RunConfig } from "./run-config.ts";
import type { TrainingSampler } from "./training-sampler.ts";

/** Draws from noise and a class: grids have a row a class. */
export async function openNoiseSampler(config: RunConfig, store: PackedStore): Promise<TrainingSampler> {
  const { seed, threads, device } = config;
  const a = architectureOf(config);
  const family = noiseFamilyOf(a);
  const layout = family.layouts(a).generator;
  const batch = generationBatch(a.resolution);
  const z = input("z", [batch, a.latent]);
  const labels = input("labels", [batch, a.classes]);
  const images = family.generate(a, viewWeights(layout, input("weights", [layout.length])), z, labels);
  const program: Program = await compile({ images }, { device, threads, arena: false });
  const pixels = a.channels * a.resolution ** 2;
  const draw = async (weights: Float32Array, classes: ArrayLike<number>, stream: string): Promise<Uint8Array> => {
    const out = new Uint8Array(classes.length * pixels);
    for (let start = 0; start < classes.length; start += batch) {
      const count = Math.min(batch, classes.length - start);
      const latents = new Float32Array(batch * a.latent);
      const oneHot = new Float32Array(batch * a.classes);
      for (let i = 0; i < batch; i++) {
        const row = latents.subarray(i * a.latent, (i + 1) * a.latent);
        new Rng(seed, stream, start + i).fillNormal(row);
        oneHot[i * a.classes + (classes[start + i] ?? 0)] = 1;
      }
      const results = await program.run({ weights, z: latents, labels: oneHot });
      out.set(toBytes(results.images!.subarray(0, count * pixels)), start * pixels);
    }
    return out;
  };
  const shown = gridClasses(a.classes);
  return {
    realGrid: () => gridPicture(realGrid(store), a.channels, a.resolution),
    async grid(weights) {
      return gridPicture(await draw(weights, shown, "grid"), a.channels, a.resolution);
    },
    draw: (weights, labels, stream) => draw(weights, labels, stream),
    close: () => program.close(),
  };
}
