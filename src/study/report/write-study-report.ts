import { writeInside, writeJsonInside } from "../../core/inside-folder.ts";
import { writeReport } from "../../report/figures.ts";
import { csvTable } from "./csv-table.ts";
import { latexTables } from "./latex-table.ts";
import { markdownTables } from "./markdown-table.ts";
import { methodsMarkdown } from "./methods.ts";
import { renderStudyReport } from "./render-study-report.ts";
import { studyResultsFile } from "./results-file.ts";
import { studyFindings } from "./study-findings.ts";
import type { StudyOutcome } from "./study-outcome.ts";

/**
 * Writes what a study found into a folder: `report.html`, `results.json` (docs/study-results.schema.json), `table.csv`,
 * `table.md`, `table.tex`, `methods.md` and the figures as SVG and CSV. Equal outcomes give equal bytes.
 * @throws GanglionError `run` when the outcome does not fit together, `files`
 */
export async function writeStudyReport(outcome: StudyOutcome, folder: string): Promise<void> {
  const findings = studyFindings(outcome);
  await writeJsonInside(folder, "results.json", studyResultsFile(findings));
  await writeInside(folder, "table.csv", csvTable(findings));
  await writeInside(folder, "table.md", markdownTables(findings));
  await writeInside(folder, "table.tex", latexTables(findings));
  await writeInside(folder, "methods.md", methodsMarkdown(outcome));
  await writeReport(folder, "report.html", await renderStudyReport(findings));
}
