import { percentFixed } from "../../core/percent.ts";
import { type CopyThreshold, copyThreshold, hillExponent, MIN_CALIBRATION, STEEPEST } from "./threshold.ts";

/**
 * A pair nearer than this is one picture, whatever the held-out images say: the distance of {@link FinePairs}, then the score.
 * Measured: docs/audit.md, "Leaking splits".
 */
export const SURE = { distance: 0.2, score: 0.25 } as const;
/** Expected number of clean held-out images that are taken for near duplicates of training images. */
const LEAK_ALARMS = 0.03;
/** So many held-out images below the usual threshold, and not sure to be near duplicates: more of their kind are among the rest. */
const SEVERAL = 3;
/**
 * Least exponent of the clean scores, fitted to the lowest tenth and to the lower half. Clean splits had 10 to 45 and 8 to 20
 * (docs/audit.md); near duplicates that nothing found draw one of the two down, wherever among the scores they lie.
 */
const MIN_EXPONENT = 6;
/** Shares of the lowest scores that exponents are fitted to: near duplicates far below the others show in the first, a fifth of all in the second. */
const TAILS = [0.1, 0.5] as const;

/** Scores of held-out images against the training set. */
export interface HeldOutScores {
  readonly distance: ArrayLike<number>;
  readonly score: ArrayLike<number>;
}

/** Held-out images that a threshold may be made from, and those that must not. */
export interface CopyReference {
  /** Positions of near duplicates of training images, ascending: the split leaks. */
  readonly leaks: readonly number[];
  /** Positions of the images that cannot be copies, ascending. */
  readonly clean: readonly number[];
  /** Why no threshold can be made from them; null where one can. */
  readonly reason: string | null;
}

/** Whether a pair is one picture by the absolute limits alone. */
export const isSure = (distance: number, score: number): boolean => distance < SURE.distance || score < SURE.score;

/** Score below which `alarms` of `n` images are expected where half lie below `median`, by the steepest tail that is believed. */
const usualThreshold = (median: number, n: number, alarms: number): number =>
  median * Math.min(1, alarms / n / 0.5) ** (1 / STEEPEST);

/**
 * Takes out of the held-out images what must not set the threshold of copies: near duplicates of training images, which
 * would hide all copies as near as they are, and further images of the training patients. What it asks of the rest holds
 * for up to 30 % of near duplicates: they are found by the absolute limits, or below the usual threshold made from the
 * median (which they hardly move), or by an exponent that is not that of different patients' images.
 * @param sharesPatient Whether an image is of a patient who has training images too.
 * @param sureAt Whether an image is a near duplicate by an absolute limit. Defaults to those of pixels.
 */
export function copyReference(
  { distance, score }: HeldOutScores,
  sharesPatient: (position: number) => boolean,
  sureAt: (position: number) => boolean = (i) => isSure(distance[i]!, score[i]!),
): CopyReference {
  const all = Array.from({ length: score.length }, (_, i) => i);
  const sure = all.filter(sureAt);
  const unsure = all.filter((i) => !sureAt(i));
  const others = unsure.filter((i) => !sharesPatient(i));
  const sorted = Float64Array.from(others, (i) => score[i]!).sort();
  const limit = others.length === 0 ? 0 : usualThreshold(sorted[others.length >> 1]!, others.length, LEAK_ALARMS);
  const below = unsure.filter((i) => score[i]! < limit);
  const clean = others.filter((i) => score[i]! >= limit);
  const leaks = [...sure, ...below].sort((a, b) => a - b);
  const strangers = others.length - clean.length;
  return { leaks, clean, reason: reasonAgainst(sorted.slice(strangers), strangers) };
}

/** @param scores Scores of the clean images, ascending. @param below Number of other patients' images below the usual threshold only. */
function reasonAgainst(scores: Float64Array, below: number): string | null {
  if (scores.length < MIN_CALIBRATION) {
    return `${scores.length} held-out images remain that are neither near duplicates nor of training patients, and ${MIN_CALIBRATION} are needed to distinguish copies from similar images`;
  }
  if (below >= SEVERAL) {
    return `${below} held-out images are below the usual threshold without being certain near duplicates, so there are probably more among the others`;
  }
  for (const tail of TAILS) {
    const exponent = hillExponent(scores, tail);
    if (exponent >= MIN_EXPONENT) continue;
    const share = percentFixed(tail);
    return `the held-out images nearest to training images are nearer than those of different patients are (exponent ${exponent.toFixed(1)} of the lowest ${share}, at least ${MIN_EXPONENT} is expected)`;
  }
  return null;
}

/** Threshold from the clean images of a reference; null where it has a reason against one. */
export function referenceThreshold(
  { clean, reason }: CopyReference,
  scores: ArrayLike<number>,
  queries: number,
  falseAlarms: number,
): CopyThreshold | null {
  if (reason !== null) return null;
  return copyThreshold(
    Float64Array.from(clean, (i) => scores[i]!),
    queries,
    falseAlarms,
  );
}
