import { type Html, html } from "../../report/html.ts";
import type { Part } from "../../report/page.ts";
import { parseOutcomeMetric } from "../statistics/outcome-metric.ts";
import { foldedIfLong } from "./folded.ts";
import type { StudyFindings } from "./study-findings.ts";
import { studyTables, tableCaption } from "./study-table.ts";
import { coverage, distributionWords, metricWords } from "./words.ts";

/** How each column of the tables is computed. */
function columns({ outcome: { config } }: StudyFindings): Html {
  const { metrics, primary, alpha, resamples } = config;
  return html`<dl>
<dt>Real</dt><dd>Distinct real training images; “100 as 200” where they are repeated.</dd>
<dt>Synthetic</dt><dd>Synthetic training images.</dd>
${metrics.map((name) => html`<dt>${metricWords(name)}</dt><dd>${parseOutcomeMetric(name).protocol}; ${parseOutcomeMetric(name).better} is better. Mean over trainings, their standard deviation (divisor n − 1) in parentheses.</dd>`)}
<dt>Δ</dt><dd>${metricWords(primary)} of the arm minus that of its control, mean over the seeds; ${coverage(alpha)} interval from the spread of the seeds and from ${resamples.toLocaleString("en-US")} resamples of the patients (methods).</dd>
<dt>Verdict</dt><dd>helps: better than every control; hurts: worse than every control; at the level ${alpha} after Holm over the arms of the test set.</dd>
<dt>table.csv</dt><dd>The same values in long form, one row for each test set, metric, arm and control, including metrics of single classes; “p” is for the difference alone, “adjusted_p” for the verdict.</dd>
</dl>`;
}

/** What stands in parentheses goes below. */
function cellOf(text: string): Html {
  const match = /^(\S+) \((.+)\)$/.exec(text);
  if (match === null) return html`<td>${text}</td>`;
  return html`<td>${match[1]}<br><span class="interval">(${match[2]})</span></td>`;
}

/** The tables for a paper, with how they are computed. */
export function tableSection(findings: StudyFindings): Part {
  const tables = studyTables(findings).map(
    ({ testSet, header, rows }) =>
      html`<div class="scroll" tabindex="0" role="region" aria-label="All metrics on ${testSet.name}"><table class="pinned">
<caption>${testSet.name} (${distributionWords(testSet.distribution)})</caption>
<thead><tr>${header.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
<tbody>${rows.map(([name, ...cells]) => html`<tr><th scope="row">${name}</th>${cells.map(cellOf)}</tr>`)}</tbody></table></div>`,
  );
  const content = html`<p>${capital(tableCaption(findings))}. The same as Markdown, LaTeX and CSV: table.md, table.tex, table.csv.</p>
${foldedIfLong(findings.outcome.arms.length, `All metrics of ${findings.outcome.arms.length} arms`, tables)}
<h3>How the columns are computed</h3>${columns(findings)}`;
  return { id: "tables", title: "All metrics", hint: "for a paper", content };
}

const capital = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
