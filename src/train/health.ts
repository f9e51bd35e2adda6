import { percentFixed } from "../core/percent.ts";

/** Signs that a training has failed, so that it ends by itself, says why, and keeps the best checkpoint. */

export interface StepSigns {
  readonly lossG: number;
  readonly lossD: number;
  /** Mean difference of the logits of real and generated images of a pair. */
  readonly gap: number;
  /** Variance of generated over variance of real images. */
  readonly spreadRatio: number;
  /** Mean penalty of the gradient of D, as the step of the family says it, or null in a step without penalty. */
  readonly penalty: number | null;
}

/** Moving averages that {@link checkHealth} decides by; kept in checkpoints. */
export interface HealthSignals {
  readonly gap: number;
  readonly spreadRatio: number;
}

/** Steps that a moving average looks back on. */
const MEMORY = 100;
/** Before so many images a generator may still draw one picture. */
const GRACE_IMAGES = 10_000;
/** Generated images that differ less than this share of what real ones do are one picture. */
const MIN_SPREAD_RATIO = 0.03;
/** Beyond this gap of logits the losses of G are linear and its gradient says nothing of the picture. */
const WON_GAP = 25;

export function updateSignals(signals: HealthSignals | null, signs: StepSigns): HealthSignals {
  const mix = (old: number | undefined, now: number) => (old === undefined ? now : old + (now - old) / MEMORY);
  return { gap: mix(signals?.gap, signs.gap), spreadRatio: mix(signals?.spreadRatio, signs.spreadRatio) };
}

/** What makes a training of a family steadier: words that name options of its recipe. */
export interface Remedies {
  readonly diverged: string;
  readonly collapsed: string;
  /** Null where a large difference of logits says nothing: the logits have no bound. */
  readonly won: string | null;
}

const diverged = (what: string, imagesSeen: number, remedies: Remedies): string =>
  `diverged: ${what} is no longer a number after ${imagesSeen} images; ${remedies.diverged}`;

/** Why weights are not worth keeping, or null: a step whose losses were numbers may leave weights that are none. */
export const checkWeights = (weights: Float32Array, imagesSeen: number, remedies: Remedies): string | null =>
  weights.every(Number.isFinite) ? null : diverged("a weight", imagesSeen, remedies);

/** Why training should end now, or null. */
export function checkHealth(
  signals: HealthSignals,
  signs: StepSigns,
  imagesSeen: number,
  remedies: Remedies,
): string | null {
  const { lossG, lossD, gap, spreadRatio, penalty } = signs;
  if (![lossG, lossD, gap, spreadRatio, penalty ?? 0].every(Number.isFinite)) {
    return diverged("a loss", imagesSeen, remedies);
  }
  if (imagesSeen < GRACE_IMAGES) return null;
  if (signals.spreadRatio < MIN_SPREAD_RATIO) {
    return `collapsed: generated images vary ${percentFixed(signals.spreadRatio, 1)} as much as real ones; ${remedies.collapsed}`;
  }
  if (remedies.won !== null && signals.gap > WON_GAP) {
    return `the discriminator has won: its logits differ by ${signals.gap.toFixed(1)} on average; ${remedies.won}`;
  }
  return null;
}
