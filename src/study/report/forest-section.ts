import { type Html, html } from "../../report/html.ts";
import { forestChart } from "./charts/forest-chart.ts";
import type { StudyFindings } from "./study-findings.ts";
import { armNumber } from "./verdict-section.ts";
import { coverage, distributionWords, metricSign, metricWords, signed } from "./words.ts";

/** Differences of all arms to their controls in one plot a test set; null where no arm has a control. */
export function forestSection(findings: StudyFindings): Html | null {
  const { arms, config, testSets } = findings.outcome;
  const { primary, alpha } = config;
  const figures = testSets.flatMap(({ name, distribution }) => {
    const rows = arms.flatMap((arm) => {
      const differences = findings.differences(name, arm.name, primary).map(({ controlName, value, interval }) => {
        const span = interval === null ? "" : ` (${signed(interval.low)} to ${signed(interval.high)})`;
        return { value, interval, title: `${arm.name}: ${signed(value)}${span} to ${controlName}` };
      });
      if (differences.length === 0) return [];
      const verdict = findings.judgement(name, arm.name)?.verdict ?? "not shown";
      const colour = verdict === "not shown" ? "var(--muted)" : `var(--${verdict})`;
      return { label: `${armNumber(arms, arm.name)} ${arm.name}`, colour, differences };
    });
    if (rows.length === 0) return [];
    const words = rows.flatMap(({ differences }) => differences.map(({ title }) => title)).join("; ");
    const chart = forestChart(rows, `Differences of ${metricWords(primary)} on ${name}: ${words}`);
    return html`<figure><h4>${name} <span class="muted">${distributionWords(distribution)}</span></h4>${chart}</figure>`;
  });
  if (figures.length === 0) return null;
  const direction = metricSign(primary) > 0 ? "Right" : "Left";
  return html`<section id="differences"><h2>Differences to the controls</h2>
<p>${metricWords(primary)} of the arm minus that of its control, with the ${coverage(alpha)} interval over trainings and patients. ${direction} of the line the arm is better.</p>
<ul class="key"><li><span class="dot" style="background:var(--muted)"></span>to the first control, mostly the real images without the synthetic ones</li><li><span class="hollow"></span>to the others, mostly their repeats</li><li><span class="dot" style="background:var(--helps)"></span>helps</li><li><span class="dot" style="background:var(--hurts)"></span>hurts</li></ul>
<div class="charts full">${figures}</div></section>`;
}
