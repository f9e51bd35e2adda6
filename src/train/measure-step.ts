import { Rng } from "../core/rng.ts";
import { openStore, type PackedMaps, type PackedStore } from "../data/index.ts";
import { architectureOf, type DermganConfig, type RunConfig } from "./config.ts";
import { measuredSteps } from "./schedule.ts";
import { initialState, Trainer } from "./trainer.ts";
import type { TrainingMaps } from "./training-maps.ts";

/** Intervals that are timed, after as many to warm up. */
const INTERVALS = 2;

/** Times real training steps on random images. */
export async function measureStep(config: RunConfig): Promise<{ imagesPerSecond: number; peakMemoryBytes: number }> {
  const architecture = architectureOf(config);
  const [store, state] = [noiseStore(config), initialState(architecture, config.seed)];
  const maps = config.model === "dermgan" ? squareMaps(config, store) : undefined;
  const trainer = await Trainer.open({ config, architecture, store, maps, state });
  try {
    const steps = INTERVALS * measuredSteps(config);
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

/** Maps of a lesion that fills the image: what is in a map takes no time. */
function squareMaps({ resolution, maps: { kind } }: DermganConfig, store: PackedStore): TrainingMaps {
  const box = { xMin: 0.25, yMin: 0.25, xMax: 0.75, yMax: 0.75 };
  const training: PackedMaps = {
    kind,
    resolution,
    boxes: Array.from(store.labels, () => [box]),
    regions: new Uint8Array(store.count * resolution ** 2).fill(255),
    tones: new Uint8Array(store.count).fill(1),
    tonesEstimated: false,
  };
  return { training, shown: { store, maps: training } };
}
