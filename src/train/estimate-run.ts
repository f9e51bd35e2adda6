import { stateLayouts, stateNames } from "../model/index.ts";
import { architectureOf } from "./config.ts";
import { Accountant } from "./dp/accountant.ts";
import type { Privacy } from "./dp/privacy.ts";
import { isPrivate } from "./dp/private-config.ts";
import { meanCost } from "./growth/grow-recipe.ts";
import { measureStep } from "./measure-step.ts";
import { budgetWarning, type ExpectedQuality, expectedQuality } from "./measured-runs.ts";
import type { RunConfig } from "./run-config.ts";

/** What a private training is going to spend. */
export interface PrivacyPlan extends Privacy {
  /** Steps done and epsilon spent after some of the epochs. */
  readonly spent: readonly { readonly epoch: number; readonly steps: number; readonly epsilon: number }[];
}

/** A training of a length. */
interface Budget {
  readonly minutes: number;
  /** Images seen at the end. */
  readonly images: number;
  /** Null where no training like it was measured. */
  readonly expected: ExpectedQuality | null;
}

/** Lengths that are offered, in minutes: a look, an hour, half a day, a night. */
const OFFERED = [10, 60, 240, 600] as const;

/** Sizes of a run and the time that it takes. */
export interface RunEstimate {
  readonly generatorWeights: number;
  readonly discriminatorWeights: number;
  /** 10^6 bytes, to one decimal place. */
  readonly checkpointMegabytes: number;
  /** Resident 10^6 bytes of a process that trains. */
  readonly peakMemoryMegabytes: number;
  /** To three digits. */
  readonly imagesPerSecond: number;
  /** Images of a batch that was timed for these; where it is less than the run's, time and memory are scaled by the graphs. */
  readonly measuredBatch: number;
  /** Images seen at the end. */
  readonly images: number;
  /** To one decimal place. */
  readonly minutes: number;
  /** What trainings of about as many images came to; null where none was measured. */
  readonly expected: ExpectedQuality | null;
  /** What to say of a budget that reaches nothing recognisable; null where nothing speaks against it. */
  readonly budgetWarning: string | null;
  /** What other lengths of the same training come to at this rate, shortest first; none of a private one, whose steps are fixed. */
  readonly budgets: readonly Budget[];
  /** Of private runs. */
  readonly differentialPrivacy?: PrivacyPlan;
}

/** Sizes of a run, and its time from training steps on random data that are timed here; takes some seconds at any size and writes nothing. */
export async function estimateRun(config: RunConfig): Promise<RunEstimate> {
  const architecture = architectureOf(config);
  const layouts = stateLayouts(architecture);
  const { peakMemoryBytes, batch, ...measured } = await measureStep(config);
  const imagesPerSecond = measured.imagesPerSecond / meanCost(config);
  const stateBytes = 4 * stateNames(architecture).reduce((sum, name) => sum + layouts[name]!.length, 0);
  const limit = config.minutes === null ? Number.POSITIVE_INFINITY : config.minutes * 60 * imagesPerSecond;
  const images = Math.round(Math.min(config.images ?? Number.POSITIVE_INFINITY, limit));
  const minutes = images / imagesPerSecond / 60;
  return {
    generatorWeights: layouts.generator!.length,
    discriminatorWeights: layouts.discriminator!.length,
    checkpointMegabytes: Math.round(stateBytes / 1e5) / 10,
    peakMemoryMegabytes: Math.round(peakMemoryBytes / 1e6),
    imagesPerSecond: Number(imagesPerSecond.toPrecision(3)),
    measuredBatch: batch,
    images,
    minutes: Math.round(minutes * 10) / 10,
    expected: isPrivate(config) ? null : expectedQuality(config, images),
    budgetWarning: isPrivate(config) ? null : budgetWarning(config, imagesPerSecond),
    budgets: isPrivate(config)
      ? []
      : OFFERED.map((length) => {
          const seen = Math.round(length * 60 * imagesPerSecond);
          return { minutes: length, images: seen, expected: expectedQuality(config, seen) };
        }),
    ...(isPrivate(config) && {
      differentialPrivacy: privacyPlan(config.differentialPrivacy, config.recipe.batch, images),
    }),
  };
}

/** Epochs whose spent epsilon is listed. */
const LISTED = 12;

/** What a private training is going to spend, epoch by epoch: an epoch is as many steps as take each record once on average. */
function privacyPlan(privacy: Privacy, batch: number, images: number): PrivacyPlan {
  const steps = Math.min(privacy.steps, Math.ceil(images / batch));
  const accountant = new Accountant(privacy, privacy.delta);
  const epochs = Math.max(1, Math.round(steps * privacy.samplingRate));
  const every = Math.ceil(epochs / LISTED);
  const spent: { epoch: number; steps: number; epsilon: number }[] = [];
  for (let epoch = every; epoch < epochs + every; epoch += every) {
    const done = epoch >= epochs ? steps : Math.round(epoch / privacy.samplingRate);
    spent.push({ epoch: Math.min(epoch, epochs), steps: done, epsilon: accountant.epsilon(done) });
  }
  return { ...privacy, spent };
}
