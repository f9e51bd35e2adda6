import { isDeepStrictEqual } from "node:util";
import { GanglionError, invariant } from "../core/errors.ts";
import { silent } from "../core/progress.ts";
import { encodePng } from "../data/index.ts";
import type { Checkpoint } from "../model/index.ts";
import { PACE_STEPS } from "./budget-share.ts";
import { budgetTeller } from "./budget-teller.ts";
import { architectureOf } from "./config.ts";
import { PrivacyLedger } from "./dp/ledger.ts";
import { isPrivate } from "./dp/private-config.ts";
import { readDifferentialPrivacy } from "./dp/read-differential-privacy.ts";
import { endOf, exhaustion, USED_UP } from "./end-of-training.ts";
import { stagesOf } from "./growth/stages.ts";
import { checkWeights } from "./health.ts";
import { initialState } from "./initial-state.ts";
import { trainingFamily } from "./known-families.ts";
import { openTrainer } from "./open-trainer.ts";
import { progressLine } from "./progress-line.ts";
import { positionOf, progressOf } from "./progress-position.ts";
import { QualityFollower } from "./quality-follower.ts";
import { measuresAt } from "./quality-monitor.ts";
import { resumeState } from "./resume-state.ts";
import { configHash } from "./run-config.ts";
import { StageSampler } from "./stage-sampler.ts";
import { scalarsOf, statsLine } from "./stats-line.ts";
import { EventWriter } from "./tensorboard.ts";
import type { TrainOptions, TrainResult } from "./train-options.ts";
import type { StepReport } from "./training-steps.ts";
import { Window } from "./window.ts";
import { writeRunGenerator } from "./write-run-generator.ts";

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
  const { config, run, store, maps, records, monitor, copyMonitor, onProgress = silent, onWarning, signal } = options;
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
  const sampler = await StageSampler.open({ config, store, maps }, architecture);
  opened.push(sampler);
  if (resumed !== null) trainer.restore(positionOf(resumed.progress));
  await run.truncateStats(trainer.imagesSeen);
  const events = await EventWriter.open(run.tensorboardPath, { step: trainer.imagesSeen });
  opened.push(events);

  const started = performance.now();
  const before = { imagesSeen: trainer.imagesSeen, seconds: start.seconds };
  const secondsSpent = () => before.seconds + (performance.now() - started) / 1000;
  /** Images a second of this sitting. */
  const rate = () => (trainer.imagesSeen - before.imagesSeen) / (secondsSpent() - before.seconds);
  const window = new Window(resumed?.progress.window);
  const isWhole = () => isDeepStrictEqual(trainer.architecture, whole);
  const checkpoint = async (): Promise<Checkpoint> => ({
    architecture: trainer.architecture,
    classNames: config.dataset.classes,
    state: await trainer.readState(),
    progress: {
      ...progressOf(trainer, secondsSpent(), quality.best),
      ...(config.minutes === null ? {} : { pace: trainer.position.pace }),
      ...(config.recipe.grow === undefined ? {} : { growth: trainer.position.growth }),
      window: window.sums,
    },
    configHash: configHash(config),
  });
  const quality = new QualityFollower({
    ...{ run, trainer, sampler, events, monitor, copyMonitor, isWhole, checkpoint, onWarning },
    labels: store.labels,
    remedies: family.remedies,
  });
  if (resumed !== null) await quality.restore(resumed.progress.best);
  const writeGrid = async () => {
    const { average } = await trainer.readState();
    const picture = await (await sampler.at(trainer.architecture)).grid(average);
    const png = await encodePng(picture);
    await run.writeSample(String(trainer.imagesSeen).padStart(9, "0"), png);
    events.image(trainer.imagesSeen, "samples", png, picture.width, picture.height, picture.channels);
  };
  const writeStats = async () => {
    const figures = { seconds: secondsSpent(), rate: rate(), means: window.take(), measured: quality.take() };
    const line = statsLine(config, trainer, figures);
    await run.appendStats(line);
    events.scalars(trainer.imagesSeen, Date.now() / 1000, scalarsOf(line));
    await events.flush();
  };
  const writeLive = (secondsLeft: number | null) =>
    run.writeLive({
      ...{ ...LIVE, done: trainer.imagesSeen, total: config.images, seconds: secondsSpent() },
      secondsLeft: secondsLeft !== null && Number.isFinite(secondsLeft) ? secondsLeft : null,
    });

  let savedAt = performance.now();
  let liveAt = savedAt;
  if (resumed === null) {
    const real = (await sampler.at(architecture)).realGrid();
    await run.writeSample("real", await encodePng(real));
    await run.saveCheckpoint(await checkpoint());
  }
  let failure: string | null = null;
  let lastReport: StepReport | null = null;
  const end = () => endOf(config, trainer, secondsSpent());
  const tellBudget = budgetTeller({ config, stage, before, onWarning, onNote: options.onNote });
  while (end() === null && !signal?.aborted) {
    const report = await trainer.advance();
    const { imagesSeen } = trainer;
    const { batch } = config.recipe;
    tellBudget(secondsSpent() - before.seconds, rate());
    if (trainer.position.step % PACE_STEPS === 0) trainer.notePace?.(secondsSpent());
    if (report !== null) {
      window.add(report);
      failure = trainer.checkHealth();
      if (failure !== null) break;
      lastReport = report;
    }
    if (measuresAt(imagesSeen, batch, config.reporting.probeImages)) await quality.measure();
    if (passes(imagesSeen, batch, config.reporting.gridImages)) await writeGrid();
    if (passes(imagesSeen, batch, config.reporting.statsImages)) await writeStats();
    const line = progressLine(config, trainer, lastReport, { seconds: secondsSpent(), rate: rate() });
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
    const { best, latest } = quality;
    const unmeasured = (latest ?? best)?.imagesSeen !== trainer.imagesSeen;
    if (unmeasured && (!signal?.aborted || (best === null && trainer.imagesSeen > 0))) await quality.measure();
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
    best: quality.best,
    latest: quality.latest,
    copies: quality.copies,
    exhausted: exhaustion(config, trainer) !== null,
  };
}
