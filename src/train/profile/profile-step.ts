import { readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { Rng } from "../../core/rng.ts";
import { withTemporaryFolder } from "../../core/scratch/temporary-folder.ts";
import type { PackedStore } from "../../data/index.ts";
import { compile, flopsOf, input, matmul, prepare, topologicalOrder } from "../../graph/index.ts";
import { networkLayouts } from "../../model/index.ts";
import { architectureOf } from "../config.ts";
import type { StepGraph } from "../family.ts";
import { initialState } from "../initial-state.ts";
import type { RunConfig } from "../run-config.ts";
import { measuredSteps, scheduleRun } from "../schedule.ts";
import { stepGraphs } from "../step-graphs.ts";
import { Trainer } from "../trainer.ts";
import type { TrainingMaps } from "../training-maps.ts";
import { labelLayers } from "./label-layers.ts";
import { readTrace, type TracedNode } from "./trace.ts";

/** Intervals that are run; the first warms up and does not count. */
const INTERVALS = 5;
/** Extent of the square matrices whose product is taken for the most that the processor does. */
const PEAK_EXTENT = 2048;
const PEAK_ROUNDS = 5;

/** Time of one kind of work in a mean step, as the runtime's tracer sees it. */
export interface TimedPart {
  readonly name: string;
  readonly milliseconds: number;
  /** Of the time inside the runtime's operations, 0..1. */
  readonly share: number;
  /** 10^9 floating-point operations of products and convolutions a second; null where it has none. */
  readonly gigaflops: number | null;
}

/** Where the time of a training step goes: the mean over whole intervals. */
export interface StepProfile {
  readonly imagesPerSecond: number;
  /** Wall clock of a step, without the tracer's own work. */
  readonly stepMilliseconds: number;
  /** The same of the steps that were traced for the parts. */
  readonly tracedStepMilliseconds: number;
  /** Share of a step that is not spent inside the runtime (batches, random numbers, bookkeeping), 0..1. */
  readonly outsideRuntime: number;
  /** 10^9 floating-point operations of products and convolutions in a step. */
  readonly gigaflopsPerStep: number;
  /** 10^9 a second over the whole step. */
  readonly gigaflopsPerSecond: number;
  /** The same of a product of two 2048 x 2048 matrices in the same process. */
  readonly peakGigaflopsPerSecond: number;
  readonly shareOfPeak: number;
  /** Greatest resident size of the process before it was traced, in bytes. */
  readonly peakMemoryBytes: number;
  /** By operator of the runtime, longest first. */
  readonly operators: readonly TimedPart[];
  /** By layer and pass, longest first; what belongs to none is `between layers`. */
  readonly layers: readonly TimedPart[];
}

/** What steps take by the clock. */
interface TimedSteps {
  readonly stepMilliseconds: number;
  readonly outsideRuntime: number;
}

/** Runs whole intervals, of which the first warms up. @param tracePrefix As of `Trainer.open`. */
async function timeSteps(
  config: RunConfig,
  store: PackedStore,
  maps: TrainingMaps | undefined,
  tracePrefix?: string,
): Promise<TimedSteps> {
  const architecture = architectureOf(config);
  const interval = measuredSteps(config);
  const state = initialState(architecture, config.seed);
  const trainer = await Trainer.open({ config, architecture, store, maps, state, tracePrefix });
  try {
    let [started, inside] = [0, 0];
    for (let step = 0; step < INTERVALS * interval; step++) {
      if (step === interval) [started, inside] = [performance.now(), trainer.millisecondsInRuntime];
      await trainer.advance();
    }
    const elapsed = performance.now() - started;
    return {
      stepMilliseconds: elapsed / ((INTERVALS - 1) * interval),
      outsideRuntime: 1 - (trainer.millisecondsInRuntime - inside) / elapsed,
    };
  } finally {
    // This also writes the traces.
    await trainer.close();
  }
}

/**
 * Profiles real training steps: once by the clock alone, for the rates, and once traced, which is slower, for the parts.
 * @throws GanglionError `files` when the traces cannot be written or read
 */
export async function profileStep(config: RunConfig, store: PackedStore, maps?: TrainingMaps): Promise<StepProfile> {
  const { batch } = config.recipe;
  const interval = measuredSteps(config);
  const { stepMilliseconds, outsideRuntime } = await timeSteps(config, store, maps);
  const peakMemoryBytes = process.resourceUsage().maxRSS * 1024;
  const peak = await productRate(config.threads);
  return withTemporaryFolder("profile", async (folder) => {
    const traced = await timeSteps(config, store, maps, join(folder, "trace"));
    const steps = (INTERVALS - 1) * interval;
    const graphs = stepGraphs(config);
    const nodes = (await Promise.all(graphs.map((_, i) => counted(folder, `graph${i}`)))).flat();
    const works = graphs.map((graph) => flopsByLabel(graph, config));
    const flops = new Map<string, number>();
    for (let step = 0; step < interval; step++) {
      for (const [label, value] of works[scheduleRun(config, step, step).graph]!) {
        flops.set(label, (flops.get(label) ?? 0) + value / interval);
      }
    }
    const total = [...flops.values()].reduce((a, b) => a + b, 0) / 1e9;
    const rate = (1000 * total) / stepMilliseconds;
    return {
      imagesPerSecond: (1000 * batch) / stepMilliseconds,
      stepMilliseconds,
      tracedStepMilliseconds: traced.stepMilliseconds,
      outsideRuntime,
      gigaflopsPerStep: total,
      gigaflopsPerSecond: rate,
      peakGigaflopsPerSecond: peak,
      shareOfPeak: rate / peak,
      peakMemoryBytes,
      operators: parts(nodes, steps, ({ op }) => op),
      layers: parts(nodes, steps, ({ label }) => label ?? BETWEEN, flops),
    };
  });
}

const BETWEEN = "between layers";

/** What one program ran, without the runs of the first interval. */
async function counted(folder: string, program: string): Promise<TracedNode[]> {
  const names = (await readdir(folder)).filter((name) => basename(name).startsWith(`trace.${program}_`));
  const nodes = (await Promise.all(names.map((name) => readTrace(join(folder, name))))).flat();
  return nodes.slice(nodes.length / INTERVALS);
}

/** Operations of products by label. */
function flopsByLabel(graph: StepGraph, config: RunConfig): Map<string, number> {
  const networks = networkLayouts(architectureOf(config));
  const prepared = prepare(graph);
  const labels = labelLayers(prepared, networks);
  const flops = new Map<string, number>();
  for (const node of topologicalOrder(Object.values(prepared))) {
    const label = labels.get(node.id) ?? BETWEEN;
    flops.set(label, (flops.get(label) ?? 0) + flopsOf(node));
  }
  return flops;
}

function parts(
  nodes: readonly TracedNode[],
  steps: number,
  nameOf: (node: TracedNode) => string,
  flops?: ReadonlyMap<string, number>,
): TimedPart[] {
  const times = new Map<string, number>();
  for (const node of nodes) times.set(nameOf(node), (times.get(nameOf(node)) ?? 0) + node.milliseconds / steps);
  const total = [...times.values()].reduce((a, b) => a + b, 0);
  return [...times]
    .map(([name, milliseconds]) => {
      const work = flops?.get(name) ?? 0;
      return {
        name,
        milliseconds,
        share: milliseconds / total,
        gigaflops: work === 0 ? null : work / 1e6 / milliseconds,
      };
    })
    .sort((a, b) => b.milliseconds - a.milliseconds);
}

/** 10^9 floating-point operations a second of a large matrix product: the best of several. */
async function productRate(threads: number): Promise<number> {
  const n = PEAK_EXTENT;
  const program = await compile({ c: matmul(input("a", [n, n]), input("b", [n, n])) }, { threads });
  try {
    const rng = new Rng("peak");
    const [a, b] = [0, 1].map(() => Float32Array.from({ length: n * n }, () => rng.between(-1, 1)));
    const c = new Float32Array(n * n);
    let best = Number.POSITIVE_INFINITY;
    for (let round = 0; round < PEAK_ROUNDS; round++) {
      const started = performance.now();
      await program.run({ a: a!, b: b! }, { c });
      best = Math.min(best, performance.now() - started);
    }
    return (2 * n ** 3) / 1e6 / best;
  } finally {
    await program.close();
  }
}
