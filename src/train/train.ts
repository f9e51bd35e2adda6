import { isDeepStrictEqual } from "node:util";
import { GanglionError, invariant } from "../core/errors.ts";
import { type ProgressListener, silent } from "../core/progress.ts";
import { encodePng, type PackedStore } from "../data/index.ts";
import type { Checkpoint, TrainingProgress } from "../model/index.ts";
import { FIRST_PACE, nextPace, PACE_STEPS } from "./budget-share.ts";
import { architectureOf } from "./config.ts";
import { type CopiedState, type CopyMonitor, copyWarning } from "./copy-monitor.ts";
import { PrivacyLedger } from "./dp/ledger.ts";
import { isPrivate } from "./dp/private-config.ts";
import { readDifferentialPrivacy } from "./dp/read-differential-privacy.ts";
import { meanRate } from "./growth/grow-recipe.ts";
import { NO_GROWTH, stagesOf } from "./growth/stages.ts";
import { checkWeights } from "./health.ts";
import { type FirstWeights, initialState } from "./initial-state.ts";
import { trainingFamily } from "./known-families.ts";
import { FIRST_LOSS_SCALE } from "./loss-scale.ts";
import { budgetWarning, expectationNote } from "./measured-runs.ts";
import { openTrainer } from "./open-trainer.ts";
import { type MeasuredState, measuresAt, type Quality, type QualityMonitor } from "./quality-monitor.ts";
import { resumeState } from "./resume-state.ts";
import { configHash, type RunConfig } from "./run-config.ts";
import type { RunFolder, StatsLine } from "./run-folder.ts";
import { openTrainingSampler } from "./sampler.ts";
import { EventWriter } from "./tensorboard.ts";
import type { TrainingMaps } from "./training-maps.ts";
import type { StepReport, TrainerPosition, TrainingSteps } from "./training-steps.ts";
import { Window } from "./window.ts";
import { writeRunGenerator } from "./write-run-generator.ts";

export interface TrainOptions {
  readonly config: RunConfig;
  readonly run: RunFolder;
  /** Training images at the run's resolution. */
  readonly store: PackedStore;
  /** Of map-to-image models. */
  readonly maps?: TrainingMaps | undefined;
  /** Positions of each record's images in the store; of private runs. */
  readonly records?: readonly (readonly number[])[] | undefined;
  /** First weights of a run that begins from a start. Defaults to new ones. */
  readonly weights?: FirstWeights | undefined;
  /** Goes on from the latest checkpoint. Defaults to false: a fresh start. */
  readonly resume?: boolean;
  /** Follows the quality, so that the best state is kept; private runs have none. Defaults to none: the last state is the best. */
  readonly monitor?: QualityMonitor | undefined;
  /** Follows whether the run copies its training images, which is warned of. Defaults to none: nobody looks. */
  readonly copyMonitor?: CopyMonitor | undefined;
  /** Defaults to nobody. */
  readonly onProgress?: ProgressListener | undefined;
  /** Told once, when the first steps were timed, of a budget that reaches nothing, and when the run begins to copy. Defaults to nobody. */
  readonly onWarning?: ((line: string) => void) | undefined;
  /** Told once, when the first steps were timed, what a budget is expected to come to. Defaults to nobody. */
  readonly onNote?: ((line: string) => void) | undefined;
  /** Saves a checkpoint and ends when aborted. Defaults to never. */
  readonly signal?: AbortSignal | undefined;
}

export interface TrainResult {
  readonly imagesSeen: number;
  /** Seconds of training over all sittings. */
  readonly seconds: number;
  /** Why training ended. */
  readonly ended: string;
  /** `complete`: the budget is used up or the learning rates are zero; `interrupted`: resume to go on; `failed`: diverged or collapsed. */
  readonly outcome: "complete" | "interrupted" | "failed";
  /** Images seen by the weights in `generator.onnx`; null where none was written. */
  readonly generatorImagesSeen: number | null;
  /** The state that is kept; null where none was measured. */
  readonly best: MeasuredState | null;
  /** The latest state that was measured. */
  readonly latest: MeasuredState | null;
  /** Further figures of the latest state that this sitting measured; null where it measured none. */
  readonly figures: Quality["figures"] | null;
  /** Drawn images that repeat training images, when last counted; null where nobody looked. */
  readonly copies: CopiedState | null;
  /** Nothing is left to train, whatever the budget. */
  readonly exhausted: boolean;
}

const LIVE = { stage: "train", unit: "images" };
const LIVE_MILLISECONDS = 1000;

/** True when the count of images passes a multiple of `interval` with the last batch. */
const passes = (imagesSeen: number, batch: number, interval: number): boolean =>
  Math.floor(imagesSeen / interval) > Math.floor((imagesSeen - batch) / interval);

/**
 * Trains until the budget of images or minutes is used up, learning rates are zero, the signal is given, or training has failed; leaves
 * `generator.onnx` with the averaged weights of the best checkpoint.
 * @throws GanglionError `run` or `checkpoint` when a resumed run does not fit, `files` when the disk refuses
 */
export async function train(options: TrainOptions): Promise<TrainResult> {
  const opened: Closeable[] = [];
  try {
    return await trainWith(options, opened);
  } finally {
    await Promise.allSettled(opened.map((resource) => resource.close()));
  }
}

interface Closeable {
  close(): Promise<void>;
}

/** @param opened Told of what is opened on the way, to be closed however training ends. */
async function trainWith(options: TrainOptions, opened: Closeable[]): Promise<TrainResult> {
  const {
    config,
    run,
    store,
    maps,
    records,
    monitor,
    copyMonitor,
    onProgress = silent,
    onWarning,
    onNote,
    signal,
  } = options;
  const [whole, family] = [architectureOf(config), trainingFamily(config)];
  const resumed = options.resume ? await resumeState(run, config) : null;
  // Networks are compiled for seconds, or for minutes, before the first step.
  const start = resumed?.progress ?? { imagesSeen: 0, seconds: 0 };
  const { images: wanted } = config;
  onProgress({ stage: "train", done: start.imagesSeen, ...(wanted === null ? {} : { total: wanted }), unit: "images" });
  await run.writeLive({ ...LIVE, done: start.imagesSeen, total: wanted, seconds: start.seconds, secondsLeft: null });
  const stage = stagesOf(config)[resumed?.progress.growth?.stage ?? 0]!;
  const architecture = architectureOf(config, stage);
  const state = resumed?.state ?? initialState(architecture, config.seed, options.weights);
  // Quality is measured on real images: to choose by it would tell of them.
  invariant(monitor === undefined || !isPrivate(config), "a private run keeps its last state, whatever its quality");
  const ledger = isPrivate(config) ? await PrivacyLedger.open(run.privacyPath, resumed?.progress.step ?? 0) : undefined;
  const trainer = await openTrainer({ config, architecture, stage, store, maps, state, records, ledger });
  opened.push(trainer);
  let sampled = { by: architecture, sampler: await openTrainingSampler({ config, store, maps, architecture }) };
  opened.push({ close: () => sampled.sampler.close() });
  /** Draws by the networks as they are now. */
  const samplerNow = async () => {
    const by = trainer.architecture;
    if (isDeepStrictEqual(by, sampled.by)) return sampled.sampler;
    const sampler = await openTrainingSampler({ config, store, maps, architecture: by });
    await sampled.sampler.close();
    sampled = { by, sampler };
    return sampler;
  };
  /** States of networks that are still to grow are measured, but only whole ones are kept as the best. */
  const isWhole = () => isDeepStrictEqual(trainer.architecture, whole);
  let best: MeasuredState | null = null;
  let latest: MeasuredState | null = null;
  let latestFigures: Quality["figures"] | null = null;
  const secondsBefore = resumed?.progress.seconds ?? 0;
  if (resumed !== null) trainer.restore(positionOf(resumed.progress));
  await run.truncateStats(trainer.imagesSeen);
  const events = await EventWriter.open(run.tensorboardPath, { step: trainer.imagesSeen });
  opened.push(events);

  const started = performance.now();
  const imagesBefore = trainer.imagesSeen;
  const secondsSpent = () => secondsBefore + (performance.now() - started) / 1000;
  const checkpoint = async (): Promise<Checkpoint> => ({
    architecture: trainer.architecture,
    classNames: config.dataset.classes,
    state: await trainer.readState(),
    progress: {
      ...progressOf(trainer, secondsSpent(), best),
      ...(config.minutes === null ? {} : { pace: trainer.position.pace }),
      ...(config.recipe.grow === undefined ? {} : { growth: trainer.position.growth }),
      window: window.sums,
    },
    configHash: configHash(config),
  });
  const window = new Window(resumed?.progress.window);
  const writeGrid = async () => {
    const { average } = await trainer.readState();
    const picture = await (await samplerNow()).grid(average);
    const png = await encodePng(picture);
    await run.writeSample(String(trainer.imagesSeen).padStart(9, "0"), png);
    events.image(trainer.imagesSeen, "samples", png, picture.width, picture.height, picture.channels);
  };
  /** Measures the quality and keeps the state when it is the best so far; without a monitor the latest is the best. */
  const drawFor = async (weights: Float32Array, by: QualityMonitor) =>
    (await samplerNow()).draw(weights, by.labels, "probe");
  /** `counted` since the last line of statistics. */
  const copying = { last: null as CopiedState | null, told: null as CopiedState | null, counted: false };
  const copyLabels = spreadLabels(store.labels);
  const followCopies = async (images: Uint8Array) => {
    if (copyMonitor === undefined) return;
    const last = { ...(await copyMonitor.count(images)), imagesSeen: trainer.imagesSeen };
    copying.last = last;
    copying.counted = true;
    events.scalars(last.imagesSeen, Date.now() / 1000, { "quality/copies": last.found / last.of });
    const warning = copyWarning(last, copying.told);
    if (warning === null) return;
    copying.told = last;
    onWarning?.(`warning: ${warning}`);
  };
  if (monitor !== undefined && resumed !== null)
    best = await measuredBest(
      run,
      resumed.progress.best,
      async (w) => (await monitor.measure(await drawFor(w, monitor))).distance,
    );
  const followQuality = async (): Promise<Quality | null> => {
    const { average } = await trainer.readState();
    if (checkWeights(average, trainer.imagesSeen, family.remedies) !== null) return null;
    if (monitor === undefined) {
      // Two or three images have no distance to follow, and are the soonest learned by heart.
      if (copyMonitor !== undefined && copying.last?.imagesSeen !== trainer.imagesSeen) {
        await followCopies(await (await samplerNow()).draw(average, copyLabels, "probe"));
      }
      if (isWhole()) await run.saveBest(await checkpoint());
      return null;
    }
    const drawn = await drawFor(average, monitor);
    const { distance, figures } = await monitor.measure(drawn);
    latest = { distance, imagesSeen: trainer.imagesSeen };
    latestFigures = figures;
    await followCopies(drawn);
    if (isWhole() && (best === null || latest.distance < best.distance)) {
      best = latest;
      await run.saveBest(await checkpoint());
    }
    const all = Object.entries({ distance, ...figures }).map(([name, value]) => [`quality/${name}`, value]);
    events.scalars(trainer.imagesSeen, Date.now() / 1000, Object.fromEntries(all));
    return { distance, figures };
  };

  let failure: string | null = null;
  let savedAt = performance.now();
  let liveAt = savedAt;
  const writeLive = (secondsLeft: number | null) =>
    run.writeLive({
      ...{ ...LIVE, done: trainer.imagesSeen, total: config.images, seconds: secondsSpent() },
      secondsLeft: secondsLeft !== null && Number.isFinite(secondsLeft) ? secondsLeft : null,
    });
  let lastQuality: Quality | null = null;
  let lastReport: StepReport | null = null;
  if (resumed === null) {
    await run.writeSample("real", await encodePng(sampled.sampler.realGrid()));
    await run.saveCheckpoint(await checkpoint());
  }
  const end = () => endOf(config, trainer, secondsSpent());
  const before = { imagesSeen: imagesBefore, seconds: secondsBefore };
  let warned = isPrivate(config);
  /** Says once what the budget comes to, at the rate of the steps so far. */
  const checkBudget = () => {
    const seconds = secondsSpent() - secondsBefore;
    if (warned || seconds < TIMED_SECONDS) return;
    warned = true;
    const first = (trainer.imagesSeen - imagesBefore) / seconds;
    const rate = first * meanRate(config, stage);
    const warning = budgetWarning(config, rate, before);
    if (warning !== null) return onWarning?.(`warning: ${warning}`);
    const expectation = expectationNote(config, rate, before);
    if (expectation !== null) onNote?.(expectation);
  };
  while (end() === null && !signal?.aborted) {
    const report = await trainer.advance();
    const { imagesSeen } = trainer;
    const { batch } = config.recipe;
    checkBudget();
    if (trainer.position.step % PACE_STEPS === 0) trainer.notePace?.(secondsSpent());
    if (report !== null) {
      window.add(report);
      failure = trainer.checkHealth();
      if (failure !== null) break;
      lastReport = report;
    }
    if (measuresAt(imagesSeen, batch, config.reporting.probeImages)) lastQuality = await followQuality();
    if (passes(imagesSeen, batch, config.reporting.gridImages)) await writeGrid();
    if (passes(imagesSeen, batch, config.reporting.statsImages)) {
      const means = window.take();
      const line: StatsLine = {
        imagesSeen,
        seconds: round(secondsSpent(), 2),
        imagesPerSecond: round((imagesSeen - imagesBefore) / (secondsSpent() - secondsBefore), 2),
        ...Object.fromEntries(Object.entries(means).map(([name, value]) => [name, round(value, 5)])),
        ...Object.fromEntries(Object.entries(trainer.figures).map(([name, value]) => [name, round(value, 5)])),
        augmentProbability: round(trainer.position.augmentProbability, 4),
        ...(config.precision === "half"
          ? { lossScale: trainer.position.lossScale.scale, skippedSteps: trainer.position.skippedSteps }
          : {}),
        distance: lastQuality?.distance ?? null,
        ...Object.fromEntries(
          Object.entries(lastQuality?.figures ?? {}).map(([name, value]) => [name, round(value, 5)]),
        ),
        ...(copying.counted && copying.last !== null ? { copies: copying.last.found / copying.last.of } : {}),
      };
      await run.appendStats(line);
      events.scalars(imagesSeen, Date.now() / 1000, numbersOf(line));
      await events.flush();
      lastQuality = null;
      copying.counted = false;
    }
    const line = progressLine(config, trainer, lastReport, imagesBefore, secondsBefore, secondsSpent());
    onProgress(line);
    if (performance.now() - liveAt > LIVE_MILLISECONDS) {
      await writeLive(line.secondsLeft);
      liveAt = performance.now();
    }
    if (performance.now() - savedAt > config.reporting.checkpointSeconds * 1000) {
      await run.saveCheckpoint(await checkpoint());
      await events.flush();
      savedAt = performance.now();
    }
  }
  await writeLive(null);
  failure ??= checkWeights((await trainer.readState()).average, trainer.imagesSeen, family.remedies);
  if (failure === null) {
    await run.saveCheckpoint(await checkpoint());
    await writeGrid();
    const unmeasured = (latest ?? best)?.imagesSeen !== trainer.imagesSeen;
    if (unmeasured && (!signal?.aborted || (best === null && trainer.imagesSeen > 0))) await followQuality();
    // A run that is gone on with after its end must know what it has to beat; one that was interrupted goes on as
    // if it had not been.
    if (!signal?.aborted) await run.saveCheckpoint(await checkpoint());
  }
  const chosen = await run.bestCheckpoint();
  if (chosen !== null) {
    const guarantee = isPrivate(config) ? await readDifferentialPrivacy(run.path) : null;
    await writeRunGenerator(run.generatorPath, config, chosen, guarantee);
  }
  if (failure !== null && chosen === null) {
    throw new GanglionError("training", `training ${failure}; no good checkpoint was reached before`);
  }
  const outcome = failure !== null ? "failed" : signal?.aborted ? "interrupted" : "complete";
  if (outcome === "complete" && !isWhole()) {
    const message = `training ended before its networks had ${config.resolution} pixels; --resume it with more --images or --minutes`;
    throw new GanglionError("training", message);
  }
  return {
    imagesSeen: trainer.imagesSeen,
    seconds: secondsSpent(),
    ended: failure ?? (signal?.aborted ? "stopped on request" : (end() ?? USED_UP)),
    outcome,
    generatorImagesSeen: chosen?.progress.imagesSeen ?? null,
    best,
    latest,
    figures: latestFigures,
    copies: copying.last,
    exhausted: exhaustion(config, trainer) !== null,
  };
}

/**
 * The best state so far with its distance. One that an earlier version chose by another measure is measured anew, so that the
 * states of a run are compared by one measure.
 */
async function measuredBest(
  run: RunFolder,
  kept: TrainingProgress["best"],
  measure: (weights: Float32Array) => Promise<number>,
): Promise<MeasuredState | null> {
  if (kept === null || "distance" in kept) return kept;
  const checkpoint = await run.bestCheckpoint();
  if (checkpoint === null) return null;
  return { distance: await measure(checkpoint.state.average), imagesSeen: checkpoint.progress.imagesSeen };
}

/** Images that are drawn to look for copies where no quality is measured. */
const LOOKED_AT = 64;

/** Classes of {@link LOOKED_AT} images, in the shares of the training images. */
const spreadLabels = (labels: ArrayLike<number>): Uint16Array =>
  Uint16Array.from({ length: LOOKED_AT }, (_, i) => labels[Math.floor((i * labels.length) / LOOKED_AT)]!);

const USED_UP = "the budget is used up";

/** Why there is nothing left to train, or null. */
function endOf(config: RunConfig, trainer: TrainingSteps, seconds: number): string | null {
  const { imagesSeen } = trainer;
  const { images, minutes } = config;
  if ((images !== null && imagesSeen >= images) || (minutes !== null && seconds >= minutes * 60)) return USED_UP;
  return exhaustion(config, trainer);
}

/** Why there is nothing left to train whatever the budget, or null. */
const exhaustion = (config: RunConfig, { imagesSeen, exhausted }: TrainingSteps): string | null =>
  exhausted ?? trainingFamily(config).end?.(config, imagesSeen) ?? null;

/** Seconds after which the rate of the first steps is known well enough. */
const TIMED_SECONDS = 3;

function progressOf(trainer: TrainingSteps, seconds: number, best: TrainingProgress["best"]): TrainingProgress {
  const { step, augmentProbability, pendingOrderSigns, signals, lossScale, skippedSteps } = trainer.position;
  return {
    step,
    imagesSeen: trainer.imagesSeen,
    seconds,
    augmentProbability,
    signals: {
      gap: signals?.gap ?? null,
      spreadRatio: signals?.spreadRatio ?? null,
      pendingOrderSigns,
      lossScale: lossScale.scale,
      lossScaleGoodSteps: lossScale.goodSteps,
      skippedSteps,
    },
    best,
  };
}

function positionOf({
  step,
  augmentProbability,
  signals,
  imagesSeen,
  seconds,
  pace,
  growth,
}: TrainingProgress): TrainerPosition {
  const { gap, spreadRatio, pendingOrderSigns, lossScale, lossScaleGoodSteps, skippedSteps } = signals;
  return {
    step,
    augmentProbability,
    pendingOrderSigns: pendingOrderSigns ?? 0,
    signals: typeof gap === "number" && typeof spreadRatio === "number" ? { gap, spreadRatio } : null,
    lossScale:
      typeof lossScale === "number" ? { scale: lossScale, goodSteps: lossScaleGoodSteps ?? 0 } : FIRST_LOSS_SCALE,
    skippedSteps: skippedSteps ?? 0,
    // A run that had a budget of images so far: its mean pace.
    pace: pace ?? nextPace(FIRST_PACE, imagesSeen, seconds),
    growth: growth ?? NO_GROWTH,
  };
}

const round = (value: number, digits: number): number => Number(value.toFixed(digits));

function numbersOf(line: StatsLine): Record<string, number> {
  const entries = Object.entries(line).filter(([name, value]) => typeof value === "number" && name !== "imagesSeen");
  return Object.fromEntries(entries.map(([name, value]) => [`train/${name}`, value as number]));
}

function progressLine(
  config: RunConfig,
  trainer: TrainingSteps,
  report: StepReport | null,
  imagesBefore: number,
  secondsBefore: number,
  seconds: number,
) {
  const { images, minutes } = config;
  const rate = (trainer.imagesSeen - imagesBefore) / (seconds - secondsBefore);
  const lefts = [
    images === null ? Number.POSITIVE_INFINITY : (images - trainer.imagesSeen) / rate,
    minutes === null ? Number.POSITIVE_INFINITY : minutes * 60 - seconds,
  ];
  return {
    stage: "train",
    done: trainer.imagesSeen,
    ...(images === null ? {} : { total: images }),
    unit: "images",
    secondsLeft: Math.max(0, Math.min(...lefts)),
    figures: {
      ...(report === null ? {} : { "loss G": report.lossG.toFixed(3) }),
      ...(typeof report?.lossD === "number" ? { "loss D": report.lossD.toFixed(3) } : {}),
      ...(typeof report?.penalty === "number" ? { penalty: report.penalty.toFixed(3) } : {}),
      ...Object.fromEntries(
        Object.entries(trainer.figures).map(([name, value]) => [
          name,
          Number.isInteger(value) ? String(value) : value.toFixed(3),
        ]),
      ),
      ...(isPrivate(config) ? {} : { p: trainer.position.augmentProbability.toFixed(2) }),
    },
  };
}
