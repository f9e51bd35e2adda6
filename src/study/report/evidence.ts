import type { Arm } from "../arms.ts";
import type { Comparison } from "../statistics/compare-arms.ts";
import type { Judgement } from "../statistics/judge-arms.ts";
import type { StudyOutcome } from "./study-outcome.ts";
import {
  armKind,
  coverage,
  distributionWords,
  fixed,
  listed,
  metricSign,
  metricWords,
  pWords,
  signed,
} from "./words.ts";

/** What a study comes to. */
export interface Recommendation {
  /** `mixed`: what helps on one test set hurts on another. */
  readonly answer: "use" | "mixed" | "do not use" | "not shown";
  /** The arm to follow, or the one that the evidence is about; null where there is none. */
  readonly arm: string | null;
  /** What to do, without full stop. */
  readonly claim: string;
  /** What that stands on, without full stop. */
  readonly evidence: string;
  /** Claim and evidence in one sentence. */
  readonly sentence: string;
  /** What else a reader has to know, a sentence each. */
  readonly further: readonly string[];
}

/** A recommendation without what is said beside it. */
export type Answer = Pick<Recommendation, "answer" | "arm" | "claim" | "evidence">;

/** What the sentences are made from. */
export interface Evidence {
  readonly outcome: StudyOutcome;
  /** The arms that the recommendation is about. */
  readonly asked: readonly Arm[];
  /** In the order of the test sets. */
  judgements(arm: string): readonly Judgement[];
  /** `isic (in distribution)` */
  testSet(name: string): string;
}

export function evidenceOf(outcome: StudyOutcome): Evidence {
  const { arms, judgements, testSets } = outcome;
  const synthetic = arms.filter((arm) => arm.synthetic !== null);
  const whole = synthetic.filter((arm) => armKind(arm) !== "filled");
  return {
    outcome,
    asked: whole.length > 0 ? whole : synthetic,
    judgements: (arm) => judgements.filter((judgement) => judgement.arm === arm),
    testSet(name) {
      const set = testSets.find((each) => each.name === name);
      return set === undefined ? name : `${name} (${distributionWords(set.distribution)})`;
    },
  };
}

/** How much better the arm is than the control it gains least on; below 0 where it is worse. */
export const leastGain = ({ comparisons, metric }: Judgement): number =>
  Math.min(...comparisons.map(({ value }) => metricSign(metric) * value));

/** `+0.021 against real (95 % interval +0.005 to +0.037)` */
export function differenceWords({ value, controlName, interval }: Comparison, alpha: number): string {
  const span =
    interval === null
      ? "no interval"
      : `${coverage(alpha)} interval ${signed(interval.low)} to ${signed(interval.high)}`;
  return `${signed(value)} against ${controlName} (${span})`;
}

/** What a judgement says, with its numbers: `on isic (in distribution) it helps: AUC 0.822, +0.021 against ...`. */
export function judgementWords(judgement: Judgement, evidence: Evidence): string {
  const { alpha } = evidence.outcome.config;
  const { testSet, metric, verdict, comparisons, adjustedP } = judgement;
  const differences = listed(comparisons.map((comparison) => differenceWords(comparison, alpha)));
  const word = verdict === "not shown" ? "no effect is shown" : `it ${verdict}`;
  const p = verdict === "not shown" ? "" : `, p ${pWords(adjustedP)}`;
  return `on ${evidence.testSet(testSet)} ${word} (${metricWords(metric)} ${fixed(comparisons[0]!.arm)}: ${differences}${p})`;
}
