import { join } from "node:path";
import { writeFileAtomic, writeJson } from "../../core/files.ts";
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
 * `table.md`, `table.tex` and `methods.md`. Equal outcomes give equal bytes.
 * @throws GanglionError `run` when the outcome does not fit together, `files`
 */
export async function writeStudyReport(outcome: StudyOutcome, folder: string): Promise<void> {
  const findings = studyFindings(outcome);
  await writeJson(join(folder, "results.json"), studyResultsFile(findings));
  await writeFileAtomic(join(folder, "table.csv"), csvTable(findings));
  await writeFileAtomic(join(folder, "table.md"), markdownTables(findings));
  await writeFileAtomic(join(folder, "table.tex"), latexTables(findings));
  await writeFileAtomic(join(folder, "methods.md"), methodsMarkdown(outcome));
  await writeFileAtomic(join(folder, "report.html"), renderStudyReport(findings));
}
