import { Rng } from "../core/rng.ts";
import type { PackedStore } from "../data/index.ts";
import { compile, input, type Program } from "../graph/index.ts";
import { type Architecture, enlarged, generationBatch, noiseFamilyOf, toBytes, viewWeights } from "../model/index.ts";
import { gridClasses, gridPicture, realGrid } from "./grid.ts";
import type { RunConfig } from "./run-config.ts";
import type { TrainingSampler } from "./training-sampler.ts";

/** Draws from noise and a class: grids have a row a class. @param a Of the networks that draw, which may be smaller than the run's. */
export async function openNoiseSampler(
  config: RunConfig,
  a: Architecture,
  store: PackedStore,
): Promise<TrainingSampler> {
  const { seed, threads, device, resolution } = config;
  const family = noiseFamilyOf(a);
  const layout = family.layouts(a).generator;
  const batch = generationBatch(resolution);
  const z = input("z", [batch, a.latent]);
  const labels = input("labels", [batch, a.classes]);
  const drawn = family.generate(a, viewWeights(layout, input("weights", [layout.length])), z, labels);
  const images = enlarged(drawn, resolution);
  const program: Program = await compile({ images }, { device, threads, arena: false });
  const pixels = a.channels * resolution ** 2;
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
    realGrid: () => gridPicture(realGrid(store), a.channels, resolution),
    async grid(weights) {
      return gridPicture(await draw(weights, shown, "grid"), a.channels, resolution);
    },
    draw: (weights, labels, stream) => draw(weights, labels, stream),
    close: () => program.close(),
  };
}
