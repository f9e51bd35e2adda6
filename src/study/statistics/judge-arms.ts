import { percentUpTo } from "../../core/percent.ts";
import { holmAdjusted } from "../../math/holm.ts";
import { ALPHA, type Comparison } from "./compare-arms.ts";
import { parseOutcomeMetric } from "./outcome-metric.ts";
import { MIN_SEEDS } from "./paired-difference.ts";
import { type Power, powerOf } from "./power.ts";

type Verdict = "helps" | "hurts" | "not shown";

/** What a study shows of one arm on one test set. */
export interface Judgement {
  readonly testSet: string;
  readonly arm: string;
  readonly metric: string;
  readonly verdict: Verdict;
  /** The greatest p-value over the controls where the arm lies on the same side of all of them, else 1. */
  readonly p: number;
  /** The same after Holm over the arms of this test set. */
  readonly adjustedP: number;
  /** The verdict's evidence in a sentence. */
  readonly reason: string;
  /** One a control. */
  readonly comparisons: readonly Comparison[];
  /** What the study could have found; null where there is no interval. */
  readonly power: Power | null;
}

export interface JudgeOptions {
  /** Name of the one metric that decides. */
  readonly metric: string;
  /** Chance per test set that any arm without effect is said to help or hurt. Defaults to 0.05. */
  readonly alpha?: number;
}

/**
 * Says of every arm on every test set whether it helps, hurts, or neither is shown, by one metric chosen beforehand.
 * An arm helps when it is better than every one of its controls: testing each at the level keeps the level of all together
 * (intersection-union test, Berger 1982, Technometrics 24:295-300), so that its p-value is the greatest of them. Over the arms of
 * a test set p-values are adjusted after Holm 1979; each test set is a question of its own.
 * @param comparisons As `compareArms` returns them; other metrics are passed over.
 * @returns by test set, then arm, in the order of the comparisons
 */
export function judgeArms(comparisons: readonly Comparison[], options: JudgeOptions): Judgement[] {
  const { metric, alpha = ALPHA } = options;
  const sign = parseOutcomeMetric(metric).better === "higher" ? 1 : -1;
  const ofMetric = comparisons.filter((comparison) => comparison.metric === metric);
  return [...grouped(ofMetric, (comparison) => comparison.testSet)].flatMap(([testSet, ofSet]) => {
    const arms = [...grouped(ofSet, (comparison) => comparison.armName)];
    const raw = arms.map(([, ofArm]) => jointP(ofArm));
    const adjusted = holmAdjusted(raw);
    return arms.map(([arm, ofArm], i): Judgement => {
      const shown = adjusted[i]! <= alpha;
      const verdict = !shown ? "not shown" : sign * ofArm[0]!.value > 0 ? "helps" : "hurts";
      return {
        testSet,
        arm,
        metric,
        verdict,
        p: raw[i]!,
        adjustedP: adjusted[i]!,
        reason: reasonOf(ofArm, { verdict, adjustedP: adjusted[i]!, arms: arms.length, alpha, sign }),
        comparisons: ofArm,
        power: powerOf(ofArm, { alpha, arms: arms.length }),
      };
    });
  });
}

function grouped<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}

/** p-value of being better than every control, or worse than every one, whichever the signs say; 1 where they differ. */
function jointP(comparisons: readonly Comparison[]): number {
  const signs = new Set(comparisons.map(({ value }) => Math.sign(value)));
  return signs.size === 1 ? Math.max(...comparisons.map(({ p }) => p)) : 1;
}

interface ReasonFacts {
  readonly verdict: Verdict;
  readonly adjustedP: number;
  readonly arms: number;
  readonly alpha: number;
  readonly sign: 1 | -1;
}

function reasonOf(comparisons: readonly Comparison[], { verdict, adjustedP, arms, alpha, sign }: ReasonFacts): string {
  const lacking = comparisons.find(({ interval }) => interval === null);
  if (lacking !== undefined) {
    const seeds = lacking.seeds.length;
    return seeds < MIN_SEEDS
      ? `${seeds} ${seeds === 1 ? "seed" : "seeds"} in common with ${lacking.controlName}; an interval needs ${MIN_SEEDS}`
      : `neither seeds nor patients vary against ${lacking.controlName}; the metric cannot tell the arms apart`;
  }
  const found = comparisons.map(({ controlName, value, interval }) => {
    const { low, high } = interval as { low: number; high: number };
    const word = value === 0 ? "equal to" : sign * value > 0 ? "better than" : "worse than";
    return `${word} ${controlName} by ${figure(Math.abs(value))} (difference ${signed(value)}, ${percentUpTo(1 - alpha, 1)} interval ${signed(low)} to ${signed(high)})`;
  });
  const over = arms === 1 ? "of one arm" : `after Holm over ${arms} arms`;
  const end = verdict === "not shown" ? `above ${alpha}` : `at most ${alpha}`;
  return `${found.join("; ")}; p ${over} ${adjustedP.toPrecision(2)}, ${end}`;
}

const figure = (value: number) => value.toFixed(3);
const signed = (value: number) => `${value < 0 ? "-" : "+"}${figure(Math.abs(value))}`;
