import { invariant } from "../core/errors.ts";
import { Rng } from "../core/rng.ts";
import { openStore, type PackedMaps, type PackedStore } from "../data/index.ts";
import { familyOf } from "../model/index.ts";
import { architectureOf } from "./config.ts";
import { isPrivate, type Private } from "./dp/private-config.ts";
import { initialState } from "./initial-state.ts";
import { openTrainer } from "./open-trainer.ts";
import type { RunConfig } from "./run-config.ts";
import { measuredSteps, scheduleRun } from "./schedule.ts";
import { stepCosts } from "./step-costs.ts";
import type { TrainingMaps } from "./training-maps.ts";

/** Intervals that are timed, after as many to warm up; private steps are long and of many passes. */
const intervals = (config: RunConfig): number => (isPrivate(config) ? 1 : 2);

/** 10^9 operations that are run at most: some seconds on two cores. What takes more is measured on smaller batches. */
const MOST_GIGAFLOPS = 700;

/** Steps that are run. */
interface Plan {
  readonly config: RunConfig;
  readonly warmUp: number;
  readonly timed: number;
}

/** Whole intervals of the run itself, else of smaller batches, else two steps of single images. @param most 10^9 operations */
function planSteps(config: RunConfig, most: number): Plan {
  const steps = intervals(config) * measuredSteps(config);
  const whole = { config, warmUp: steps, timed: steps };
  // A private batch is drawn, and costs a pass for each of its images.
  if (isPrivate(config)) return whole;
  for (let { batch } = config.recipe; batch > 1; batch = Math.ceil(batch / 2)) {
    const smaller = withBatch(config, batch);
    if (2 * steps * meanGigaflops(smaller, steps) <= most) return { ...whole, config: smaller };
  }
  return { config: withBatch(config, 1), warmUp: 1, timed: 1 };
}

const withBatch = (config: RunConfig, batch: number): RunConfig => ({ ...config, recipe: { ...config.recipe, batch } });

/** 10^9 operations of one of the first steps, on average. @param first Step to begin with. Defaults to 0. */
function meanGigaflops(config: RunConfig, steps: number, first = 0): number {
  const costs = stepCosts(config);
  let sum = 0;
  for (let step = first; step < first + steps; step++) sum += costs[scheduleRun(config, step, step).graph]!.gigaflops;
  return sum / steps;
}

/** What a run takes, from steps that are timed. */
export interface MeasuredStep {
  readonly imagesPerSecond: number;
  /** Resident size of a process that trains. */
  readonly peakMemoryBytes: number;
  /** Images of a batch that was timed; fewer than the run's where its own would take minutes. */
  readonly batch: number;
}

/** A training of the whole networks from the first step on. */
const ungrown = (config: RunConfig): RunConfig => ({ ...config, recipe: { ...config.recipe, grow: undefined } });

/**
 * Times real training steps on random images, of a training that grows those of the whole networks. Where those of the run would take minutes, smaller batches are timed: time goes
 * by the operations of products, and memory grows by what is alive at once in the graphs.
 */
export async function measureStep(config: RunConfig): Promise<MeasuredStep> {
  const plan = planSteps(config, MOST_GIGAFLOPS);
  const { seconds, peakMemoryBytes } = await timeSteps(plan);
  const { batch } = plan.config.recipe;
  const { batch: wanted } = config.recipe;
  if (batch === wanted) return { imagesPerSecond: (plan.timed * batch) / seconds, peakMemoryBytes, batch };
  const secondsPerGigaflop = seconds / (plan.timed * meanGigaflops(plan.config, plan.timed, plan.warmUp));
  return {
    imagesPerSecond: wanted / (secondsPerGigaflop * meanGigaflops(config, measuredSteps(config))),
    peakMemoryBytes: peakMemoryBytes + liveBytes(config) - liveBytes(plan.config),
    batch,
  };
}

/** The same for a comparison of two ways to compute. */
const PROBE_GIGAFLOPS = 200;

/** Seconds of a step of a run, or of one with a smaller batch, for a comparison of ways to compute it. */
export async function timeProbe(config: RunConfig): Promise<number> {
  const plan = planSteps(config, PROBE_GIGAFLOPS);
  return (await timeSteps(plan)).seconds / plan.timed;
}

const liveBytes = (config: RunConfig): number => Math.max(...stepCosts(config).map((cost) => cost.liveBytes));

async function timeSteps({ config, warmUp, timed }: Plan): Promise<{ seconds: number; peakMemoryBytes: number }> {
  const architecture = architectureOf(config);
  const [store, state] = [noiseStore(config), initialState(architecture, config.seed)];
  const maps = familyOf(config).input === "maps" ? squareMaps(config, store) : undefined;
  const records = isPrivate(config) ? noiseRecords(config, store.count) : undefined;
  const trainer = await openTrainer({ config: ungrown(config), architecture, store, maps, state, records });
  try {
    let started = 0;
    for (let step = 0; step < warmUp + timed; step++) {
      if (step === warmUp) started = performance.now();
      await trainer.advance();
    }
    // The most within a step: a look between steps finds a quarter less.
    const peakMemoryBytes = process.resourceUsage().maxRSS * 1024;
    return { seconds: (performance.now() - started) / 1000, peakMemoryBytes };
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
