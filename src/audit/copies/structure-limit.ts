import type { Match } from "../../likeness/match.ts";
import { type CopyReference, copyReference, referenceThreshold } from "./reference.ts";

/** Evidence of a match in full, and the part of it that sets the training image apart from others (`match.ts`). */
export type Evidence = Pick<Match, "value" | "distinct">;

/**
 * Evidence from which a pair shows one picture, whatever the held-out images say (docs/audit.md). They were
 * chosen while black rims of the lens still counted, which reached 37 in full, of which at most 13 set a training image apart.
 */
export const SURE_EVIDENCE: Evidence = { value: 48, distinct: 16 };
/**
 * Evidence in full below which no pair is called by it, however little the held-out images have: two pictures of ISIC 2017 that
 * share no more than the rim of the lens reach 14 where a limit of 13 had been set (docs/audit.md).
 */
export const LEAST_EVIDENCE = 20;
/** Least distance of the upper quartile of the held-out images' evidence from its median that is believed. */
const LEAST_SPREAD = 0.3;
/**
 * Exponent that scores have where evidence has an exponential tail like that between its median and its upper quartile.
 * With it the rules for scores (`reference.ts`) hold for evidence as they are.
 */
const EXPONENT = 10;

/** What the held-out images say about evidence. */
export interface StructureReference {
  /** Evidence from which an image is called a copy, by either; {@link SURE_EVIDENCE} where held-out images set none. */
  readonly limits: Evidence;
  /** Positions of held-out images that repeat training images for sure, ascending. */
  readonly leaks: readonly number[];
}

/** What images are judged by. */
interface StructureLimits {
  /** Number of images to be judged. */
  readonly queries: number;
  /** Expected number of them wrongly called a copy. */
  readonly falseAlarms: number;
  /** Whether a held-out image repeats a training image for sure, by the comparison of whole images. */
  readonly repeats: (position: number) => boolean;
}

/** The limit of one kind of evidence, at most the sure one. */
function limitOf(
  evidence: readonly number[],
  sureAt: (position: number) => boolean,
  sharesPatient: (position: number) => boolean,
  { queries, falseAlarms, most }: { queries: number; falseAlarms: number; most: number },
): number {
  const others = evidence.filter((_, i) => !sureAt(i) && !sharesPatient(i)).sort((a, b) => a - b);
  const at = (share: number) => others[Math.floor(share * others.length)] ?? 0;
  const rate = Math.LN2 / Math.max(LEAST_SPREAD, at(0.75) - at(0.5));
  const score = evidence.map((value) => Math.exp((-rate * value) / EXPONENT));
  const reference: CopyReference = copyReference({ distance: score, score }, sharesPatient, sureAt);
  const threshold = referenceThreshold(reference, score, queries, falseAlarms);
  return threshold === null ? most : Math.min(most, (-Math.log(threshold.value) * EXPONENT) / rate);
}

/**
 * The limits of evidence that held-out images set. Evidence of unrelated images has an exponential tail; its rate is taken
 * from the median and the upper quartile, which near duplicates hardly move, so that exp(-rate * evidence / 10) is a score
 * with the power law that `copyReference` expects. Images below its usual threshold are near duplicates or have some accessory in common with
 * training images, which cannot be told: they have no part in the limit, and several of them leave only what is sure. Near
 * duplicates that either search is sure of are told.
 * @param sharesPatient Whether an image is of a patient who has training images too.
 */
export function structureReference(
  evidence: readonly (Evidence | null)[],
  sharesPatient: (position: number) => boolean,
  { queries, falseAlarms, repeats }: StructureLimits,
): StructureReference {
  const of = (kind: keyof Evidence) => evidence.map((match) => match?.[kind] ?? 0);
  const [values, distinct] = [of("value"), of("distinct")];
  const sureAt = (i: number) => values[i]! >= SURE_EVIDENCE.value || distinct[i]! >= SURE_EVIDENCE.distinct;
  const near = (i: number) => sureAt(i) || repeats(i);
  const half = { queries, falseAlarms: falseAlarms / 2 };
  return {
    limits: {
      value: Math.max(LEAST_EVIDENCE, limitOf(values, near, sharesPatient, { ...half, most: SURE_EVIDENCE.value })),
      distinct: limitOf(distinct, near, sharesPatient, { ...half, most: SURE_EVIDENCE.distinct }),
    },
    leaks: [...evidence.keys()].filter(sureAt),
  };
}
