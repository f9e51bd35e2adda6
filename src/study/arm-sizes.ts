import { sum } from "../math/mean.ts";
import { type Arm, syntheticCounts } from "./arms.ts";
import type { StudyFacts } from "./plan.ts";
import type { ArmSizes } from "./report/study-outcome.ts";

/** How many images the classifiers of an arm learn from. */
export function armSizes({ share, copies, oversampled, synthetic }: Arm, { shares }: StudyFacts): ArmSizes {
  const of = (wanted: number) => shares.find((facts) => facts.share === wanted)?.counts ?? [];
  const counts = of(share);
  const shown = oversampled
    ? counts.filter((count) => count > 0).length * Math.max(...counts)
    : sum(counts.map((count) => Math.round(copies * count)));
  return {
    real: copies === 0 ? 0 : sum(counts),
    shown,
    synthetic: synthetic === null ? 0 : sum(syntheticCounts(synthetic.amount, counts, of(1))),
  };
}
