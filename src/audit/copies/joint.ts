import type { Match } from "../../likeness/match.ts";
import type { FinePairs } from "./fine.ts";

/** Evidence by which the distance of structure falls to 1/e. */
const EVIDENCE_SCALE = 10;
/** Evidence of local structure as a distance, 1 (nothing in common) to 0. */
export const structureDistance = (evidence: number): number => Math.exp(-evidence / EVIDENCE_SCALE);

/**
 * The score of each image times the {@link structureDistance} of the evidence that sets its training image apart, where both
 * searches find the same patient: neither alone tells a small image with much noise from others, but unrelated images
 * are seldom near to one patient by both.
 */
export function jointScores(
  pairs: Pick<FinePairs, "target" | "score">,
  structure: readonly (Match | null)[],
  groups: Int32Array,
): Float64Array {
  return pairs.score.map((score, i) => {
    const match = structure[i];
    const agree = match != null && groups[match.target] === groups[pairs.target[i]!];
    return agree ? score * structureDistance(match.distinct) : score;
  });
}
