import { formatSheetRow } from "../../data/index.ts";
import type { StudyFindings } from "./study-findings.ts";

const COLUMNS = [
  "test_set",
  "distribution",
  "arm",
  "real",
  "real_shown",
  "synthetic",
  "metric",
  "mean",
  "deviation",
  "seeds",
  "control",
  "difference",
  "low",
  "high",
  "p",
  "adjusted_p",
  "verdict",
];

/** Nine digits, more than any of these figures has. */
const figure = (value: number | null | undefined): string | number =>
  value === null || value === undefined || !Number.isFinite(value) ? "" : Number(value.toPrecision(9));

/** Every figure in long form: a row for each test set, metric, arm and control; an arm without control has one row. */
export function csvTable(findings: StudyFindings): string {
  const { arms, sizes, config, testSets } = findings.outcome;
  const metrics = [...new Set([...config.metrics, ...findings.classMetrics])];
  const rows = testSets.flatMap(({ name: testSet, distribution }) =>
    metrics.flatMap((metric) =>
      arms.flatMap(({ name }) => {
        const found = findings.figures(testSet, name, metric);
        if (found === null) return [];
        const size = sizes[name];
        const judged = metric === config.primary ? findings.judgement(testSet, name) : null;
        const known = [
          testSet,
          distribution,
          name,
          size?.real ?? "",
          size?.shown ?? "",
          size?.synthetic ?? "",
          metric,
          figure(found.mean),
          figure(found.deviation),
          found.seeds.length,
        ];
        const compared = findings.differences(testSet, name, metric);
        if (compared.length === 0) return [[...known, "", "", "", "", "", "", ""]];
        return compared.map(({ controlName, value, interval, p }) => [
          ...known,
          controlName,
          figure(value),
          figure(interval?.low),
          figure(interval?.high),
          interval === null ? "" : figure(p),
          figure(judged?.adjustedP),
          judged?.verdict ?? "",
        ]);
      }),
    ),
  );
  return [COLUMNS, ...rows].map((row) => formatSheetRow(row)).join("");
}
