import { percentFixed } from "../../core/percent.ts";
import { html } from "../../report/html.ts";
import type { Part } from "../../report/page.ts";
import type { Judgement } from "../statistics/judge-arms.ts";
import { foldedIfLong } from "./folded.ts";
import type { StudyFindings } from "./study-findings.ts";
import { armHead } from "./verdict-section.ts";
import { fixed, metricWords } from "./words.ts";

/** Greatest share of the variance that comes from seeds, over the controls. */
function seedShare({ comparisons }: Judgement): string {
  const shares = comparisons.flatMap(({ spread }) => (spread === null ? [] : [spread.seedShare]));
  return shares.length === 0 ? "–" : percentFixed(Math.max(...shares));
}

/** What the study could have found; null where nothing has an interval. */
export function powerSection(findings: StudyFindings): Part | null {
  const { arms, testSets, config } = findings.outcome;
  const judged = arms.filter(({ name }) => testSets.some((set) => findings.judgement(set.name, name)?.power != null));
  if (judged.length === 0) return null;
  const rows = judged.map(({ name }) => {
    const cells = testSets.map((set) => {
      const judgement = findings.judgement(set.name, name);
      if (judgement === null || judgement.power === null) return html`<td>–</td><td>–</td><td>–</td>`;
      const { smallest, smallestWithAnySeeds } = judgement.power;
      return html`<td>${smallest >= 1 ? "none" : fixed(smallest)}</td><td>${smallestWithAnySeeds < 0.0005 ? "below 0.001" : fixed(smallestWithAnySeeds)}</td><td>${seedShare(judgement)}</td>`;
    });
    return html`<tr>${armHead(arms, name)}${cells}</tr>`;
  });
  const notes = new Set(findings.outcome.judgements.flatMap(({ power }) => (power?.note == null ? [] : [power.note])));
  const table = html`<div class="scroll" tabindex="0" role="region" aria-label="Smallest differences that can be shown"><table class="matrix">
<thead><tr><th scope="col" rowspan="2">Arm</th>${testSets.map(({ name }) => html`<th scope="colgroup" colspan="3">${name}</th>`)}</tr>
<tr>${testSets.map(() => html`<th scope="col">Smallest shown</th><th scope="col">With any seeds</th><th scope="col">From seeds</th>`)}</tr></thead>
<tbody>${rows}</tbody></table></div>`;
  const content = html`<p>The smallest true difference in ${metricWords(config.primary)} that a study like this one shows with a probability of 80 %, after Holm’s first step; what it would be with any number of trainings on the same patients; and how much of the variance comes from the trainings: if that share is large, more seeds help, otherwise only more patients.${notes.size > 0 ? ` ${config.seeds.length} seeds are few.` : ""}</p>
${foldedIfLong(judged.length, `Smallest differences of ${judged.length} arms`, table)}`;
  return { id: "power", title: "What could have been missed", content };
}
