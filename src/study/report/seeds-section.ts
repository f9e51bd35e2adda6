import type { Figures } from "../../report/figures.ts";
import { html } from "../../report/html.ts";
import type { Part } from "../../report/page.ts";
import { armColour, kindKey } from "./arm-colour.ts";
import { SEED_WIDTH, seedChart } from "./charts/seed-chart.ts";
import type { StudyFindings } from "./study-findings.ts";
import { armNumber } from "./verdict-section.ts";
import { distributionWords, fixed, metricWords } from "./words.ts";

/** Every single training of every arm. */
export function seedsSection(findings: StudyFindings, figures: Figures): Part {
  const { arms, config, testSets } = findings.outcome;
  const charts = testSets.flatMap(({ name, distribution }) => {
    const rows = arms.flatMap((arm) => {
      const found = findings.figures(name, arm.name, config.primary);
      if (found === null) return [];
      const values = found.seeds.map(({ value }) => value);
      return { label: `${armNumber(arms, arm.name)} ${arm.name}`, values, mean: found.mean, colour: armColour(arm) };
    });
    if (rows.length === 0) return [];
    const words = rows.map(({ label, mean }) => `${label} ${fixed(mean)}`).join("; ");
    const label = `${metricWords(config.primary)} of every training on ${name}; ${words}`;
    return figures.show({
      name: `seeds ${name}`,
      title: name,
      note: distributionWords(distribution),
      width: SEED_WIDTH,
      draw: (width) => seedChart(rows, rows[0]!.mean, label, width),
      columns: ["arm", "seed", config.primary],
      rows: arms.flatMap((arm) =>
        (findings.figures(name, arm.name, config.primary)?.seeds ?? []).map(({ seed, value }) => [
          arm.name,
          seed,
          value,
        ]),
      ),
    });
  });
  const content = html`<p>${metricWords(config.primary)} of each classifier. If the dots of an arm lie among those of its control, chance explains as much of the difference as the images.</p>
${kindKey(arms, [html`<li><span class="mean"></span>mean</li>`, html`<li><span class="dashed"></span>mean of the real images alone</li>`])}
<div class="charts full">${charts}</div>`;
  return { id: "seeds", title: "Every training", content };
}
