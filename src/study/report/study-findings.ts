import { deviation, mean } from "../../math/mean.ts";
import { questionsOf } from "../arms.ts";
import { type Comparison, compareArms } from "../statistics/compare-arms.ts";
import type { Judgement } from "../statistics/judge-arms.ts";
import { parseOutcomeMetric } from "../statistics/outcome-metric.ts";
import { patientsPerClass } from "../statistics/test-set.ts";
import type { Recommendation } from "./evidence.ts";
import { recommendation } from "./recommendation.ts";
import type { StudyOutcome } from "./study-outcome.ts";

/** A metric of one arm on one test set. */
interface ArmFigures {
  /** One a seed, in the order of the configuration. */
  readonly seeds: readonly { readonly seed: number; readonly value: number }[];
  readonly mean: number;
  /** Standard deviation over seeds, divisor n - 1; null with one seed. */
  readonly deviation: number | null;
}

/** The outcome with every figure that the report shows. */
export interface StudyFindings {
  readonly outcome: StudyOutcome;
  /** Metrics of single classes: those that are configured and F1, with three classes or more AUC, of each. */
  readonly classMetrics: readonly string[];
  /** Null where the test set has no image of the metric's class, or the arm no trial. */
  figures(testSet: string, arm: string, metric: string): ArmFigures | null;
  /** Against each control, in the order of the arm's; metrics of classes that are not configured have intervals for one arm. */
  differences(testSet: string, arm: string, metric: string): readonly ArmDifference[];
  /** Null for an arm without controls. */
  judgement(testSet: string, arm: string): Judgement | null;
  readonly recommendation: Recommendation;
}

const keyOf = (...parts: readonly string[]) => JSON.stringify(parts);

/** Metrics of each class by name. One class of two has the AUC of the other, which is that of the whole. */
function metricsOfClasses({ config, classes }: StudyOutcome): string[] {
  const configured = config.metrics.filter((name) => parseOutcomeMetric(name).ofClass !== null);
  const nameable = classes.filter((name) => /^.+$/.test(name));
  const auc = classes.length > 2 ? nameable.map((name) => `auc:${name}`) : [];
  return [...new Set([...configured, ...auc, ...nameable.map((name) => `f1:${name}`)])];
}

function figuresOf(outcome: StudyOutcome, metrics: readonly string[]): Map<string, ArmFigures> {
  const { table, arms, config } = outcome;
  const found = new Map<string, ArmFigures>();
  const trials = new Map(table.trials.map((trial) => [keyOf(trial.testSet, trial.arm, String(trial.seed)), trial]));
  for (const set of table.testSets) {
    const ones = new Float64Array(set.labels.length).fill(1);
    const counts = patientsPerClass(set);
    for (const name of metrics) {
      const metric = parseOutcomeMetric(name);
      if (metric.ofClass !== null && !(counts[set.classes.indexOf(metric.ofClass)]! > 0)) continue;
      for (const arm of arms) {
        const seeds = config.seeds.flatMap((seed) => {
          const trial = trials.get(keyOf(set.name, arm.name, String(seed)));
          return trial === undefined ? [] : [{ seed, value: metric.prepare(trial.scores, set)(ones) }];
        });
        if (seeds.length === 0) continue;
        const values = seeds.map(({ value }) => value);
        const ofSeeds = seeds.length < 2 ? null : deviation(values);
        found.set(keyOf(set.name, arm.name, name), { seeds, mean: mean(values), deviation: ofSeeds });
      }
    }
  }
  return found;
}

/** An arm against one of its controls. */
export type ArmDifference = Pick<
  Comparison,
  "controlName" | "arm" | "control" | "value" | "interval" | "p" | "standardError" | "spread"
>;

/** Without interval: means over seeds alone. */
function plainDifference(controlName: string, arm: ArmFigures, control: ArmFigures): ArmDifference {
  const value = arm.mean - control.mean;
  const known = { controlName, arm: arm.mean, control: control.mean, value };
  return { ...known, interval: null, p: 1, standardError: null, spread: null };
}

/**
 * Measures what the outcome does not hold yet: every metric of every trial, and how the recommended arm differs by metrics of
 * single classes. Those of other arms have no interval: that would cost more than all that was asked for.
 * @throws GanglionError `run` that lists every trial, arm and metric that does not fit
 */
export function studyFindings(outcome: StudyOutcome): StudyFindings {
  const { config, table, arms } = outcome;
  const classMetrics = metricsOfClasses(outcome);
  const found = recommendation(outcome);
  const figures = figuresOf(outcome, [...new Set([...config.metrics, ...classMetrics])]);
  const more = classMetrics.filter((name) => !config.metrics.includes(name));
  const { alpha, resamples } = config;
  const questions = questionsOf(arms).filter(({ arm }) => arm === found.arm);
  const ofClasses =
    more.length === 0 || questions.length === 0
      ? []
      : compareArms(table, { questions, metrics: more, alpha, resamples });
  const compared = new Map<string, ArmDifference[]>();
  for (const comparison of [...outcome.comparisons, ...ofClasses]) {
    const key = keyOf(comparison.testSet, comparison.armName, comparison.metric);
    const group = compared.get(key);
    if (group === undefined) compared.set(key, [comparison]);
    else group.push(comparison);
  }
  const armOf = new Map(arms.map((arm) => [arm.name, arm]));
  const judged = new Map(outcome.judgements.map((judgement) => [keyOf(judgement.testSet, judgement.arm), judgement]));
  const figuresAt = (...of: readonly string[]) => figures.get(keyOf(...of)) ?? null;
  return {
    outcome,
    classMetrics,
    figures: figuresAt,
    differences(testSet, arm, metric) {
      const known = compared.get(keyOf(testSet, arm, metric));
      if (known !== undefined) return known;
      const own = figuresAt(testSet, arm, metric);
      return (armOf.get(arm)?.controls ?? []).flatMap((control) => {
        const other = figuresAt(testSet, control, metric);
        return own === null || other === null ? [] : [plainDifference(control, own, other)];
      });
    },
    judgement: (...of) => judged.get(keyOf(...of)) ?? null,
    recommendation: found,
  };
}
