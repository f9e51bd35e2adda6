import { GanglionError, type Problem, throwIfProblems } from "../../core/errors.ts";
import { type MeasureOptions, measureTrials } from "./measure-trials.ts";
import { type OutcomeMetric, parseOutcomeMetric } from "./outcome-metric.ts";
import { checkOutcomes, type OutcomeTable } from "./outcome-table.ts";
import { type PairedDifference, pairedDifference } from "./paired-difference.ts";
import { patientsPerClass } from "./test-set.ts";

/** An arm with the arms it has to be better than. */
export interface ArmQuestion {
  readonly arm: string;
  /** At least one, e.g. real only and the real images doubled to the same count. */
  readonly controls: readonly string[];
}

export interface CompareOptions extends MeasureOptions {
  readonly questions: readonly ArmQuestion[];
  /** Names of metrics; see `OUTCOME_METRICS`. */
  readonly metrics: readonly string[];
  /** One minus the coverage of intervals. Defaults to 0.05. */
  readonly alpha?: number;
}

/** One arm against one control on one test set by one metric. */
export interface Comparison extends PairedDifference {
  readonly testSet: string;
  readonly metric: string;
  readonly armName: string;
  readonly controlName: string;
  /** Patients of the test set. */
  readonly patients: number;
}

/** Chance of an error where none is asked for. */
export const ALPHA = 0.05;

function questionProblems({ trials, testSets }: OutcomeTable, options: CompareOptions): Problem[] {
  const problems: Problem[] = [];
  const say = (code: string, path: string, message: string) => problems.push({ code, path, message });
  const known = new Set(trials.map((trial) => trial.arm));
  const asked = new Set<string>();
  for (const { arm, controls } of options.questions) {
    const path = `arm ${arm}`;
    if (asked.has(arm)) say("arm", path, "is asked about twice; put its controls into one question");
    asked.add(arm);
    if (!known.has(arm)) say("arm", path, "has no trial; train it or leave it out");
    if (controls.length === 0) say("control", path, "has no control; name one");
    if (new Set(controls).size < controls.length) say("control", path, "names a control twice");
    for (const control of controls) {
      if (control === arm) say("control", path, "is its own control; name another arm");
      else if (!known.has(control)) say("control", path, `has the control ${control}, which has no trial; train it`);
    }
  }
  for (const name of options.metrics) {
    try {
      const { ofClass } = parseOutcomeMetric(name);
      if (ofClass !== null && !testSets.some((set) => set.classes.includes(ofClass))) {
        const classes = [...new Set(testSets.flatMap((set) => set.classes))];
        say("metric", name, `names the class ${ofClass}; the test sets have ${classes.join(", ")}`);
      }
    } catch (error) {
      if (!(error instanceof GanglionError)) throw error;
      say("metric", name, error.message);
    }
  }
  const { alpha = ALPHA } = options;
  if (!(alpha > 0 && alpha < 0.5)) say("alpha", "alpha", `is ${alpha}; give a number above 0 and below 0.5, e.g. 0.05`);
  return problems;
}

/**
 * Compares arms with their controls on every test set by every metric. A metric of a class is left out on a test set without
 * images of it.
 * @returns by test set, then metric, then question, then control
 * @throws GanglionError `run` that lists every trial, arm and metric that does not fit
 */
export function compareArms(table: OutcomeTable, options: CompareOptions): Comparison[] {
  checkOutcomes(table);
  throwIfProblems("run", "the arms cannot be compared", questionProblems(table, options));
  const { questions, alpha = ALPHA } = options;
  const wanted = new Set(questions.flatMap(({ arm, controls }) => [arm, ...controls]));
  return table.testSets.flatMap((set) => {
    const counts = patientsPerClass(set);
    const hasClass = ({ ofClass }: OutcomeMetric) => ofClass === null || counts[set.classes.indexOf(ofClass)]! > 0;
    const metrics = options.metrics.map(parseOutcomeMetric).filter(hasClass);
    const trials = table.trials.filter((trial) => trial.testSet === set.name && wanted.has(trial.arm));
    const patients = new Set(set.patients).size;
    return measureTrials(set, trials, metrics, options).flatMap((measured, m) => {
      const of = (arm: string) => measured.filter((trial) => trial.arm === arm);
      return questions.flatMap(({ arm, controls }) =>
        controls.map((control) => ({
          testSet: set.name,
          metric: metrics[m]!.name,
          armName: arm,
          controlName: control,
          patients,
          ...pairedDifference(of(arm), of(control), { alpha, patients }),
        })),
      );
    });
  });
}
