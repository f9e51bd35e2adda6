import type { ProgressListener } from "../core/progress.ts";
import { Rng } from "../core/rng.ts";
import { measureStep } from "../train/index.ts";
import { armSizes } from "./arm-sizes.ts";
import { trainResidual } from "./classifier/train-residual.ts";
import type { StudyConfig } from "./config.ts";
import type { StudySources } from "./data/study-sources.ts";
import { frozenPath } from "./generator-paths.ts";
import type { StudyPlan } from "./plan.ts";
import type { ArmSizes } from "./report/study-outcome.ts";
import { resolveGenerator } from "./resolve-generator.ts";

export interface EstimateOptions {
  /** Jobs at a time. */
  readonly workers: number;
  readonly onProgress: ProgressListener;
}

/** Images of the measured trainings: enough for some steps. */
const MEASURED = 256;

/** Images that a classifier learns from in a second on one thread, measured on images of noise. */
async function classifierRate(config: StudyConfig, { real, facts }: StudySources): Promise<number> {
  const { resolution } = config.data;
  const size = facts.channels * resolution ** 2;
  const rng = new Rng("noise");
  const bytes = Uint8Array.from({ length: size }, () => rng.uint32() & 255);
  const images = {
    resolution,
    channels: facts.channels,
    classes: real.classes,
    labels: Array.from({ length: MEASURED + 2 * real.classes.length }, (_, i) => i % real.classes.length),
    readInto(indices: ArrayLike<number>, out: Uint8Array) {
      for (let n = 0; n < indices.length; n++) out.set(bytes, n * size);
    },
  };
  const train = Array.from({ length: MEASURED }, (_, i) => i);
  const validation = images.labels.map((_, i) => i).slice(MEASURED);
  const epochs = async (count: number) => {
    const started = performance.now();
    await trainResidual(images, { train, validation, epochs: count, patience: count });
    return (performance.now() - started) / 1000;
  };
  // What is done once a training, compiling above all, falls out of the difference.
  const [one, three] = [await epochs(1), await epochs(3)];
  return (2 * MEASURED) / Math.max(1e-3, three - one);
}

/** Images that the training of a generator sees in a second on one thread, measured on images of noise. */
async function generatorRate(
  name: string,
  config: StudyConfig,
  { facts, real, starts }: StudySources,
): Promise<number> {
  const generator = config.generators[name]!;
  if (generator.from === "run") return Number.POSITIVE_INFINITY;
  const { resolution } = config.data;
  const data = { resolution, channels: facts.channels, classes: real.classes, counts: facts.shares[0]!.counts };
  const kit = { seed: 0, threads: 1, start: starts[name] ?? null, frozen: frozenPath(generator) };
  return (await measureStep((await resolveGenerator(generator, data, kit)).config)).imagesPerSecond;
}

/** Images that the networks of a study of probes go through at most: those that say the classes of drawn images. */
function imagesOfLabellers({ jobs }: StudyPlan, { shares }: StudySources["facts"]): number {
  let images = 0;
  for (const { kind, parameters } of jobs.values()) {
    const { epochs, share } = parameters as { readonly epochs?: number; readonly share?: number };
    if (kind !== "train-classifier" || epochs === undefined) continue;
    const counts = shares.find((facts) => facts.share === share)!.counts;
    images += epochs * counts.reduce((sum, count) => sum + count, 0);
  }
  return images;
}

/** The arms and jobs of a study, and the time that its trainings take. */
export interface StudyEstimate {
  readonly arms: readonly ({ readonly name: string; readonly controls: readonly string[] } & ArmSizes)[];
  /** Jobs by kind. */
  readonly jobs: Readonly<Record<string, number>>;
  /** To one decimal place: of one core for generators and classifiers, by the clock for all with so many jobs at a time. */
  readonly minutes: { readonly generators: number; readonly classifiers: number; readonly wall: number };
}

/** Sizes, jobs by kind, and the time that trainings take, from steps measured on this machine; nothing is written. */
export async function estimateStudy(
  config: StudyConfig,
  sources: StudySources,
  plan: StudyPlan,
  { workers, onProgress }: EstimateOptions,
): Promise<StudyEstimate> {
  const names = Object.keys(config.generators);
  const measured = names.length + 1;
  const tell = (done: number) => onProgress({ stage: "measure steps", done, total: measured, unit: "networks" });
  let generators = 0;
  for (const [i, name] of names.entries()) {
    tell(i);
    const generator = config.generators[name]!;
    const jobs = new Set(
      plan.drawn
        .filter(({ arm }) => plan.arms.find((own) => own.name === arm)?.synthetic?.generator === name)
        .map((drawn) => drawn.generator),
    ).size;
    if (generator.from === "train")
      generators += (jobs * generator.images) / (await generatorRate(name, config, sources));
  }
  tell(names.length);
  const sizes = plan.arms.map((arm) => ({ arm, ...armSizes(arm, sources.facts) }));
  const images = sizes.reduce((sum, { shown, synthetic }) => sum + shown + synthetic, 0) * config.seeds.length;
  const seen =
    config.classifier.kind === "network" ? images * config.classifier.epochs : imagesOfLabellers(plan, sources.facts);
  const classifiers = seen === 0 ? 0 : seen / (await classifierRate(config, sources));
  tell(measured);
  const seconds = (generators + classifiers) / workers;
  const kinds = new Map<string, number>();
  for (const { kind } of plan.jobs.values()) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  const minutes = (value: number) => Math.round((10 * value) / 60) / 10;
  return {
    arms: sizes.map(({ arm, ...size }) => ({ name: arm.name, controls: arm.controls, ...size })),
    jobs: Object.fromEntries(kinds),
    minutes: { generators: minutes(generators), classifiers: minutes(classifiers), wall: minutes(seconds) },
  };
}
