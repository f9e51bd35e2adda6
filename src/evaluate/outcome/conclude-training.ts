import { readFile } from "node:fs/promises";
import { sha256 } from "../../core/hash.ts";
import type { Listeners } from "../../core/listeners.ts";
import { silent } from "../../core/progress.ts";
import { Rng } from "../../core/rng.ts";
import { type Dataset, openPackedStore, openStore, type PackedStore } from "../../data/index.ts";
import type { LabelledSet } from "../../features/labelled-set.ts";
import {
  isPrivate,
  type MeasuredState,
  type Outcome,
  openTrainingSampler,
  type Training,
  type TrainResult,
} from "../../train/index.ts";
import { agreementOf, coverageOf } from "./class-figures.ts";
import { type DrawnGrade, gradeDrawn, someOf } from "./grade-drawn.ts";
import { nextStep } from "./next-step.ts";
import { trendOf } from "./trend.ts";

/** Most training images, held-out images and generated ones that are looked at. */
const MAX_IMAGES = 160;

/**
 * Judges a training that has ended and writes `outcome.json` of its run: the grade of images drawn by the kept weights, their
 * distance beside that of other real images, whether quality still rises, and what to do next. Held-out images are the other
 * real images where the dataset has some, else half of the training images are. A private run is not compared with its images.
 * @returns null where there is no generator, or once the signal is given; nothing is written then
 */
export async function concludeTraining(
  training: Training,
  result: TrainResult,
  { onProgress = silent, signal }: Listeners = {},
): Promise<Outcome | null> {
  const { folder, config } = training;
  if (result.generatorImagesSeen === null) return null;
  const generator = sha256(await readFile(folder.generatorPath));
  const { verdict, distance } = isPrivate(config)
    ? { verdict: PRIVATE, distance: null }
    : await gradeKept(training, { onProgress, signal });
  if (signal?.aborted) return null;
  const trend = trendOf([...(await folder.measuredStates()), ...measuredBy(result)]);
  const { imagesSeen, seconds, exhausted, copies } = result;
  const next = nextStep({
    ...{ config, run: folder.path, imagesSeen, seconds, exhausted },
    ...{ grade: verdict.grade, trend: trend.state, copies },
  });
  const { grade, sentence, reasons } = verdict;
  const judged = {
    imagesSeen: result.generatorImagesSeen,
    generator,
    verdict: { grade, sentence, reasons: [...reasons] },
  };
  const counted = copies === null ? {} : { copies };
  const figures = result.best?.figures ?? null;
  const [coverage, classAgreement] = [coverageOf(figures), agreementOf(figures)];
  const followed = { ...(coverage && { coverage }), ...(classAgreement && { classAgreement }) };
  const outcome: Outcome = { schema: 1, ...judged, distance, trend, ...followed, ...counted, next };
  await folder.writeOutcome(outcome);
  return outcome;
}

/** States that were measured and stand in no line of statistics. */
const measuredBy = ({ best, latest }: TrainResult): MeasuredState[] => [best, latest].filter((state) => state !== null);

const PRIVATE = {
  grade: "unknown",
  sentence:
    "Cannot say how close the synthetic images are to the real ones: a private run is not compared with the images that it protects",
  reasons: ["What would help: `ganglion evaluate` with real images whose comparison may be known."],
} as const;

/** Draws from the kept weights and grades what they draw. */
async function gradeKept(
  { folder, config, dataset, indices, maps }: Training,
  { onProgress = silent, signal }: Listeners,
): Promise<
  Pick<DrawnGrade, "distance"> & { readonly verdict: Outcome["verdict"] & { grade: DrawnGrade["verdict"]["grade"] } }
> {
  const { resolution, channels, seed, threads } = config;
  const named = { ...dataset, classes: config.dataset.classes };
  const opened: PackedStore[] = [];
  const open = async (rows: readonly number[]): Promise<LabelledSet> => {
    const store = await openPackedStore(named, {
      resolution,
      channels,
      folder: folder.cachePath,
      indices: rows,
      onProgress,
      signal,
    });
    opened.push(store);
    return {
      name: "",
      hash: "",
      store,
      labels: store.labels,
      dataset: { ...dataset, samples: rows.map((i) => dataset.samples[i]!) },
    };
  };
  try {
    const whole = await open(indices);
    const trained = some(whole.store.count, seed, "trained");
    const heldOut = heldOutOf(dataset, indices, config.dataset.classes, seed);
    const [real, holdout] = [someOf(whole, trained), heldOut.length === 0 ? null : await open(heldOut)];
    const checkpoint = (await folder.bestCheckpoint())!;
    const shown = maps === undefined ? undefined : { training: maps, shown: { store: whole.store, maps } };
    const sampler = await openTrainingSampler({ config, store: whole.store, maps: shown });
    try {
      const labels = Uint16Array.from(real.labels).sort();
      const images = await sampler.draw(checkpoint.state.average, labels, "outcome");
      const store = openStore({ source: images, resolution, channels, classes: named.classes, labels });
      const synthetic = { ...real, store, labels, dataset: { ...real.dataset, samples: [] } };
      const sets = { real, synthetic, holdout, classes: named.classes };
      const { verdict, distance } = await gradeDrawn(sets, { seed, threads, onProgress });
      return { distance, verdict: { ...verdict, reasons: [...verdict.reasons, standsOn(holdout, distance)] } };
    } finally {
      await sampler.close();
    }
  } finally {
    for (const store of opened) store.close();
  }
}

/** What the other real images were, as the last reason. */
function standsOn(holdout: LabelledSet | null, distance: Outcome["distance"]): string {
  const more = "`ganglion evaluate` measures more images, by more features";
  if (holdout !== null && distance?.control !== "halves") {
    return `The other real images are ${holdout.store.count} held-out ones. ${more}.`;
  }
  const why = holdout === null ? "the dataset has no held-out images" : "too few images are held out";
  return `The other real images are half of the training images, since ${why}: images that repeat them would look good. ${more}.`;
}

const some = (count: number, seed: number, stream: string): number[] =>
  new Rng(seed, "outcome", stream)
    .shuffle(Array.from({ length: count }, (_, i) => i))
    .slice(0, MAX_IMAGES)
    .sort((a, b) => a - b);

/** Images of the run's classes that it was not trained on. */
function heldOutOf(
  { samples }: Dataset,
  indices: readonly number[],
  classes: readonly string[],
  seed: number,
): number[] {
  const trained = new Set(indices);
  const others = [...samples.keys()].filter((i) => !trained.has(i) && classes.includes(samples[i]!.label));
  return some(others.length, seed, "held out").map((place) => others[place]!);
}
