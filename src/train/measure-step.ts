import { Rng } from "../core/rng.ts";
import { openStore, type PackedStore } from "../data/index.ts";
import { architectureOf, type RunConfig } from "./config.ts";
import { initialState, Trainer } from "./trainer.ts";

/** Steps that are timed, after as many to warm up: whole penalty intervals, so that the mean is that of training. */
const INTERVALS = 2;

/** Times real training steps on random images. */
export async function measureStep(config: RunConfig): Promise<{ imagesPerSecond: number; peakMemoryBytes: number }> {
  const architecture = architectureOf(config);
  const [store, state] = [noiseStore(config), initialState(architecture, config.seed)];
  const trainer = await Trainer.open({ config, architecture, store, state });
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
  const source = Uint8Array.from({ length: classes.length * channels * resolution ** 2 }, () => rng.uint32() & 255);
  return openStore({ source, resolution, channels, classes, labels: Uint16Array.from(classes.keys()) });
}
