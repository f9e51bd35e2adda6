import { type CopyReference, copyReference, referenceThreshold } from "./reference.ts";
import type { CopyThreshold } from "./threshold.ts";

/**
 * Evidence from which a pair shows one picture, whatever the held-out images say. The rims of the lens are what images of
 * different patients have most in common: at 32 px they reach 32 (one pair of 1,500 images of ISIC 2017), at 64 px 20.
 * @param side Width of the images in pixels.
 */
export const sureEvidence = (side: number): number => (side < 48 ? 35 : 28);
/** Least distance of the upper quartile of the held-out images' evidence from its median that is believed. */
const LEAST_SPREAD = 0.3;
/**
 * Exponent that scores have where evidence has an exponential tail like that between its median and its upper quartile.
 * With it the rules for scores (`reference.ts`) hold for evidence as they are.
 */
const EXPONENT = 10;

/** What the held-out images say about evidence. */
export interface StructureReference extends CopyReference {
  /** Evidence from which an image is called a copy; {@link sureEvidence} where they set none. */
  readonly limit: number;
  readonly threshold: CopyThreshold | null;
}

/**
 * The limit of evidence that held-out images set. Evidence of unrelated images has an exponential tail; its rate is taken
 * from the median and the upper quartile, which near duplicates hardly move, so that exp(-rate * evidence / 10) is a score
 * with the power law that `copyReference` expects: near duplicates among the held-out images are found and left out.
 * @param sharesPatient Whether an image is of a patient who has training images too.
 * @param limits Number of images to be judged, expected number of them wrongly called a copy, evidence that is sure.
 */
export function structureReference(
  evidence: readonly number[],
  sharesPatient: (position: number) => boolean,
  limits: { readonly queries: number; readonly falseAlarms: number; readonly sure: number },
): StructureReference {
  const { queries, falseAlarms, sure } = limits;
  const others = evidence.filter((value, i) => value < sure && !sharesPatient(i)).sort((a, b) => a - b);
  const at = (share: number) => others[Math.floor(share * others.length)] ?? 0;
  const rate = Math.LN2 / Math.max(LEAST_SPREAD, at(0.75) - at(0.5));
  const score = evidence.map((value) => Math.exp((-rate * value) / EXPONENT));
  const reference = copyReference({ distance: score, score }, sharesPatient, (i) => evidence[i]! >= sure);
  const threshold = referenceThreshold(reference, score, queries, falseAlarms);
  const limit = threshold === null ? sure : (-Math.log(threshold.value) * EXPONENT) / rate;
  return { ...reference, threshold, limit: Math.min(sure, limit) };
}
