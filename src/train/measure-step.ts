import { invariant } from "../core/errors.ts";
import { Rng } from "../core/rng.ts";
import { openStore, type PackedMaps, type PackedStore } from "../data/index.ts";
import { familyOf } from "../model/index.ts";
import { architectureOf } from "./config.ts";
import { isPrivate, type Private } from "./dp/private-config.ts";
import { initialState } from "./initial-state.ts";
import { openTrainer } from "./open-trainer.ts";
import type { RunConfig } from "./run-config.ts";
import { measuredSteps } from "./schedule.ts";
import type { TrainingMaps } from "./training-maps.ts";

/** Intervals that are timed, after as many to warm up; private steps are long and of many passes. */
const intervals = (config: RunConfig): number => (isPrivate(config) ? 1 : 2);

/** Times real training steps on random images. */
export async function measureStep(config: RunConfig): Promise<{ imagesPerSecond: number; peakMemoryBytes: number }> {
  const architecture = architectureOf(config);
  const [store, state] = [noiseStore(config), initialState(architecture, config.seed)];
  const maps = familyOf(config).input === "maps" ? squareMaps(config, store) : undefined;
  const records = isPrivate(config) ? noiseRecords(config, store.count) : undefined;
  const trainer = await openTrainer({ config, architecture, store, maps, state, records });
  try {
    const steps = intervals(config) * measuredSteps(config);
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

/** As many records as the run has, so that a step takes as many of them; each is some image of the store. */
const noiseRecords = ({ differentialPrivacy: { records } }: Private, images: number): number[][] =>
  Array.from({ length: records }, (_, i) => [i % images]);

/** Maps of a lesion that fills the image: what is in a map takes no time. */
function squareMaps({ resolution, maps }: RunConfig, store: PackedStore): TrainingMaps {
  invariant(maps !== undefined, "a family that fills maps has their kind in its configuration");
  const { kind } = maps;
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
