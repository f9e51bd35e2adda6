import type { ArmDifference, StudyFindings } from "./study-findings.ts";
import type { StudyTestSet } from "./study-outcome.ts";
import { coverage, fixed, metricWords, signed } from "./words.ts";

/** The table of one test set as text without any markup: an arm a row. */
export interface StudyTable {
  readonly testSet: StudyTestSet;
  readonly header: readonly string[];
  /** As many cells each as the header has. */
  readonly rows: readonly (readonly string[])[];
}

/** Differences have a column a control; what the controls are in most arms names it. */
const CONTROLS = ["real images", "their repeats"];
const controlTitle = (k: number) => CONTROLS[k] ?? `control ${k + 1}`;

/** What the columns hold, for captions; without the table's own name. */
export function tableCaption({ outcome: { config } }: StudyFindings): string {
  const { seeds, primary, alpha } = config;
  const trainings = seeds.length === 1 ? "one training" : `mean over ${seeds.length} trainings (standard deviation)`;
  return `${trainings}; differences of ${metricWords(primary)} from the arm's controls: the real images without the synthetic ones, and their repeats to the same number, with ${coverage(alpha)} intervals over trainings and patients; verdicts after Holm over the arms of the test set`;
}

const differenceText = ({ value, interval }: ArmDifference): string =>
  interval === null ? signed(value) : `${signed(value)} (${signed(interval.low)} to ${signed(interval.high)})`;

/** One table a test set, to be pasted into a paper. */
export function studyTables(findings: StudyFindings): StudyTable[] {
  const { arms, sizes, config, testSets } = findings.outcome;
  const most = Math.max(...arms.map(({ controls }) => controls.length));
  const controls = Array.from({ length: most }, (_, k) => k);
  return testSets.map((testSet) => {
    const shown = config.metrics.filter((metric) =>
      arms.some(({ name }) => findings.figures(testSet.name, name, metric)),
    );
    const header = [
      "Arm",
      "Real",
      "Synthetic",
      ...shown.map(metricWords),
      ...controls.map((k) => `Δ to ${controlTitle(k)}`),
      "Verdict",
    ];
    const rows = arms.map(({ name }) => {
      const size = sizes[name];
      const compared = findings.differences(testSet.name, name, config.primary);
      return [
        name,
        size === undefined ? "–" : realText(size.real, size.shown),
        size === undefined ? "–" : String(size.synthetic),
        ...shown.map((metric) => {
          const found = findings.figures(testSet.name, name, metric);
          if (found === null) return "–";
          return found.deviation === null ? fixed(found.mean) : `${fixed(found.mean)} (${fixed(found.deviation)})`;
        }),
        ...controls.map((k) => (compared[k] === undefined ? "" : differenceText(compared[k]))),
        findings.judgement(testSet.name, name)?.verdict ?? "",
      ];
    });
    return { testSet, header, rows };
  });
}

/** `1600`, or `1600 as 3200` where images are repeated. */
const realText = (real: number, shown: number): string => (real === shown ? String(real) : `${real} as ${shown}`);
