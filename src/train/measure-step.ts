import { Rng } from "../core/rng.ts";
import type { PackedStore } from "../data/index.ts";
import { batchSource } from "./batches.ts";
import { architectureOf, type RunConfig } from "./config.ts";
import { initialState, Trainer } from "./trainer.ts";

/** Steps that are timed, after as many to warm up: whole penalty intervals, so that the mean is that of training. */
const INTERVALS = 2;

/** Times real training steps on random images. */
export async function measureStep(config: RunConfig): Promise<{ imagesPerSecond: number; peakMemoryBytes: number }> {
  const architecture = architectureOf(config);
  const batches = batchSource(noiseStore(config), {
    seed: config.seed,
    batch: config.recipe.batch,
    exponent: config.recipe.balanceExponent,
  });
  const trainer = await Trainer.open(config, architecture, batches, initialState(architecture, config.seed));
  try {
    const steps = INTERVALS * config.recipe.penaltyInterval;
    let started = 0;
    let peakMemoryBytes = 0;
    for (let step = 0; step < 2 * steps; step++) {
      if (step === steps) started = performance.now();
      await trainer.advance();
      peakMemoryBytes = Math.max(peakMemoryBytes, process.memoryUsage.rss());
    }
    const seconds = (performance.now() - started) / 1000;
    return { imagesPerSecond: (steps * config.recipe.batch) / seconds, peakMemoryBytes };
  } finally {
    await trainer.close();
  }
}

/** One image of noise a class. */
function noiseStore({ resolution, channels, dataset: { classes } }: RunConfig): PackedStore {
  const rng = new Rng("noise");
  return {
    count: classes.length,
    resolution,
    channels,
    classes,
    labels: Uint16Array.from(classes.keys()),
    readInto: (_, out) => {
      for (let i = 0; i < out.length; i++) out[i] = rng.uint32() & 255;
    },
    close: () => undefined,
  };
}
