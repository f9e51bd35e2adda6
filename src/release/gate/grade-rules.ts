import type { MetricsFile } from "../../evaluate/metrics-file.ts";
import { rank } from "../../evaluate/verdict/grade.ts";
import type { GateConfig } from "../config.ts";
import type { Reasons } from "./reasons.ts";

/** What the picture of an evaluation is in, which shows real images and stays inside. */
const REPORT = "report.html";

/**
 * Images that show nothing of what they are labelled with do harm as data. Noise is refused always, lower grades than
 * `minGrade` where the config asks for one; metrics must then be given.
 * @param folder Folder of the metrics; null where none are given.
 */
export function checkGrade(
  metrics: MetricsFile | null,
  folder: string | null,
  { minGrade }: GateConfig,
  reasons: Reasons,
): void {
  if (metrics === null) {
    if (minGrade === null) return;
    const message = `no metrics are given, and the grade must be at least ${minGrade} (gate.minGrade); run \`ganglion evaluate\` and give its folder`;
    reasons.add("no-metrics", "--metrics", message);
    return;
  }
  const { grade, sentence } = metrics.verdict;
  const least = minGrade ?? "unlike";
  if (grade === "unknown" ? minGrade === null : rank(grade) >= rank(least)) return;
  const picture =
    folder === null ? "" : `; ${folder}/${REPORT} shows real and synthetic images side by side (keep it inside)`;
  reasons.add(
    "grade",
    "metrics.json",
    `${sentence} (grade ${grade}, at least ${least} is released)${picture}; train longer or with more images`,
  );
}
