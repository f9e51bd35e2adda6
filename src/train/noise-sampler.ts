import { Rng } from "../core/rng.ts";
import type { PackedStore } from "../data/index.ts";
import { compile, input, type Program } from "../graph/index.ts";
import { generate, generationBatch, generatorLayout, toBytes, viewWeights } from "../model/index.ts";
import { classCounts } from "./batches.ts";
import { architectureOf, type R3ganConfig, type RunConfig } from "./config.ts";
import { gridClasses, gridPicture, realGrid } from "./grid.ts";
import { openMapSampler } from "./map-sampler.ts";
import type { TrainingMaps } from "./training-maps.ts";
import type { TrainingSampler } from "./training-sampler.ts";

export interface SamplerOptions {
  readonly config: RunConfig;
  /** Training images. */
  readonly store: PackedStore;
  /** Of map-to-image models. */
  readonly maps?: TrainingMaps;
}

export async function openTrainingSampler({ config, store, maps }: SamplerOptions): Promise<TrainingSampler> {
  return config.model === "dermgan" ? openMapSampler(config, maps!, store) : openNoiseSampler(config, store);
}

async function openNoiseSampler(config: R3ganConfig, store: PackedStore): Promise<TrainingSampler> {
  const { seed, threads, device } = config;
  const a = architectureOf(config);
  const layout = generatorLayout(a);
  const batch = generationBatch(a.resolution);
  const z = input("z", [batch, a.latent]);
  const labels = input("labels", [batch, a.classes]);
  const images = generate(a, viewWeights(layout, input("weights", [layout.length])), z, labels);
  const program: Program = await compile({ images }, { device, threads, arena: false });
  const pixels = a.channels * a.resolution ** 2;
  const draw = async (weights: Float32Array, classes: readonly number[], stream: string): Promise<Uint8Array> => {
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
      out.set(toBytes(results.images.subarray(0, count * pixels)), start * pixels);
    }
    return out;
  };
  const shown = gridClasses(a.classes);
  return {
    realGrid: () => gridPicture(realGrid(store), a.channels, a.resolution),
    async grid(weights) {
      return gridPicture(await draw(weights, shown, "grid"), a.channels, a.resolution);
    },
    probe: (weights, count) => draw(weights, proportionalClasses(classCounts(store), count), "probe"),
    close: () => program.close(),
  };
}

/** Class of each of `count` images, in the proportions of `counts`. */
export function proportionalClasses(counts: readonly number[], count: number): number[] {
  const total = counts.reduce((a, b) => a + b, 0);
  const classes: number[] = [];
  let passed = 0;
  counts.forEach((n, label) => {
    passed += n;
    while (classes.length < Math.round((passed / total) * count)) classes.push(label);
  });
  return classes;
}
