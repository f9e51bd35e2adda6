import type { Figures } from "../../report/figures.ts";
import { html } from "../../report/html.ts";
import type { Part } from "../../report/page.ts";
import { FOREST_WIDTH, forestChart } from "./charts/forest-chart.ts";
import type { StudyFindings } from "./study-findings.ts";
import { armNumber } from "./verdict-section.ts";
import { coverage, distributionWords, metricSign, metricWords, signed } from "./words.ts";

/** Differences of all arms to their controls in one plot a test set; null where no arm has a control. */
export function forestSection(findings: StudyFindings, figures: Figures): Part | null {
  const { arms, config, testSets } = findings.outcome;
  const { primary, alpha } = config;
  const charts = testSets.flatMap(({ name, distribution }) => {
    const rows = arms.flatMap((arm) => {
      const differences = findings.differences(name, arm.name, primary).map(({ controlName, value, interval }) => {
        const span = interval === null ? "" : ` (${signed(interval.low)} to ${signed(interval.high)})`;
        return { controlName, value, interval, title: `${arm.name}: ${signed(value)}${span} to ${controlName}` };
      });
      if (differences.length === 0) return [];
      const verdict = findings.judgement(name, arm.name)?.verdict ?? "not shown";
      const colour = { "not shown": "var(--muted)", helps: "var(--good)", hurts: "var(--bad)" }[verdict];
      return { label: `${armNumber(arms, arm.name)} ${arm.name}`, colour, differences };
    });
    if (rows.length === 0) return [];
    const words = rows.flatMap(({ differences }) => differences.map(({ title }) => title)).join("; ");
    return figures.show({
      name: `differences ${name}`,
      title: name,
      note: distributionWords(distribution),
      width: FOREST_WIDTH,
      draw: (width) => forestChart(rows, `Differences of ${metricWords(primary)} on ${name}: ${words}`, width),
      columns: ["arm", "control", "difference", "low", "high"],
      rows: rows.flatMap(({ label, differences }) =>
        differences.map(({ controlName, value, interval }) => [
          label,
          controlName,
          value,
          interval?.low,
          interval?.high,
        ]),
      ),
    });
  });
  if (charts.length === 0) return null;
  const direction = metricSign(primary) > 0 ? "Right" : "Left";
  const content = html`<p>${metricWords(primary)} of the arm minus that of its control, with the ${coverage(alpha)} interval over trainings and patients. ${direction} of the line the arm is better.</p>
<ul class="key"><li><span class="dot" style="background:var(--muted)"></span>to the first control, mostly the real images without the synthetic ones</li><li><span class="hollow"></span>to the others, mostly their repeats</li><li><span class="dot" style="background:var(--good)"></span>helps</li><li><span class="dot" style="background:var(--bad)"></span>hurts</li></ul>
<div class="charts full">${charts}</div>`;
  return { id: "differences", title: "Differences to the controls", content };
}
