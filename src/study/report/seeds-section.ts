import { type Html, html } from "../../report/html.ts";
import { armColour, kindKey } from "./arm-colour.ts";
import { seedChart } from "./charts/seed-chart.ts";
import type { StudyFindings } from "./study-findings.ts";
import { armNumber } from "./verdict-section.ts";
import { distributionWords, fixed, metricWords } from "./words.ts";

/** Every single training of every arm. */
export function seedsSection(findings: StudyFindings): Html {
  const { arms, config, testSets } = findings.outcome;
  const figures = testSets.flatMap(({ name, distribution }) => {
    const rows = arms.flatMap((arm) => {
      const found = findings.figures(name, arm.name, config.primary);
      if (found === null) return [];
      const values = found.seeds.map(({ value }) => value);
      return { label: `${armNumber(arms, arm.name)} ${arm.name}`, values, mean: found.mean, colour: armColour(arm) };
    });
    if (rows.length === 0) return [];
    const words = rows.map(({ label, mean }) => `${label} ${fixed(mean)}`).join("; ");
    const chart = seedChart(
      rows,
      rows[0]!.mean,
      `${metricWords(config.primary)} of every training on ${name}; ${words}`,
    );
    return html`<figure><h4>${name} <span class="muted">${distributionWords(distribution)}</span></h4>${chart}</figure>`;
  });
  return html`<section id="seeds"><h2>Every training</h2>
<p>${metricWords(config.primary)} of each classifier. If the dots of an arm lie among those of its control, chance explains as much of the difference as the images.</p>
${kindKey(arms, [html`<li><span class="mean"></span>mean</li>`, html`<li><span class="dashed"></span>mean of the real images alone</li>`])}
<div class="charts full">${figures}</div></section>`;
}
