import { percentUpTo } from "../../core/percent.ts";
import { WIDE } from "../../report/charts.ts";
import type { Figures } from "../../report/figures.ts";
import { type Html, html } from "../../report/html.ts";
import type { Part } from "../../report/page.ts";
import type { KindComparison } from "../generator-kinds.ts";
import type { GroupComparison } from "../statistics/compare-groups.ts";
import { DIFFERENCE_COLUMNS, differenceCells, differenceChart } from "./charts/difference-chart.ts";
import type { StudyFindings } from "./study-findings.ts";
import type { StudyOutcome } from "./study-outcome.ts";
import {
  counted,
  coverage,
  distributionWords,
  fixed,
  listed,
  metricSign,
  metricWords,
  pWords,
  signed,
} from "./words.ts";

/** Interval of a difference, and p where there is one. @param p Of the row, adjusted or not. */
function differenceCell({ value, interval }: GroupComparison, p: number): Html {
  if (interval === null) return html`<td class="start">${signed(value)}</td><td>–</td>`;
  return html`<td class="start">${signed(value)} <span class="interval">${signed(interval.low)} to ${signed(interval.high)}</span></td><td>${pWords(p)}</td>`;
}

function groupTable(
  { testSets }: StudyOutcome,
  groups: readonly GroupComparison[],
  words: { readonly label: string; readonly first: string; readonly arms: string; readonly others: string },
  pOf: (group: GroupComparison) => number,
): Html {
  const names = [...new Set(groups.map(({ name }) => name))];
  const rows = names.map((name) => {
    const cells = testSets.map((set) => {
      const group = groups.find((each) => each.testSet === set.name && each.name === name);
      if (group === undefined) return html`<td>–</td><td>–</td><td class="start">–</td><td>–</td>`;
      return html`<td>${fixed(group.arm)}</td><td>${fixed(group.control)}</td>${differenceCell(group, pOf(group))}`;
    });
    return html`<tr><th scope="row">${name}</th>${cells}</tr>`;
  });
  const heads = testSets.map(
    () =>
      html`<th scope="col">${words.arms}</th><th scope="col">${words.others}</th><th scope="col" class="left start">Difference</th><th scope="col">p</th>`,
  );
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${words.label}"><table class="matrix">
<thead><tr><th scope="col" rowspan="2">${words.first}</th>${testSets.map(({ name, distribution }) => html`<th scope="colgroup" colspan="4">${name} <span class="muted">${distributionWords(distribution)}</span></th>`)}</tr><tr>${heads}</tr></thead>
<tbody>${rows}</tbody></table></div>`;
}

/** `real + 0.5: 260 (33 % of the images)` of each amount, or every count where they differ. */
function countWords(
  { sizes }: StudyOutcome,
  { cells }: KindComparison,
): { readonly text: string; readonly equal: boolean } {
  const counted = cells.map(({ amount, noise, maps }) => {
    const numbers = (arms: typeof noise) => [...new Set(arms.map(({ name }) => sizes[name]?.synthetic ?? 0))];
    const [ofNoise, ofMaps] = [numbers(noise), numbers(maps)];
    const equal = ofNoise.length === 1 && ofMaps.length === 1 && ofNoise[0] === ofMaps[0];
    const { shown, synthetic } = sizes[noise[0]!.name] ?? { shown: 0, synthetic: 0 };
    const share = shown + synthetic === 0 ? "" : ` (${percentUpTo(synthetic / (shown + synthetic), 0)} of the images)`;
    const text = equal
      ? `${ofNoise[0]}${share}`
      : `${ofNoise.join(", ")} from noise and ${ofMaps.join(", ")} from maps`;
    return { equal, text: `${amount}: ${text}` };
  });
  return { text: counted.map(({ text }) => text).join("; "), equal: counted.every(({ equal }) => equal) };
}

/** The review's findings, each with what this study says of it. */
function besideReview({ outcome, judgement }: StudyFindings, { between }: KindComparison): Html {
  const { testSets, arms, config } = outcome;
  const synthetic = arms.filter((arm) => arm.synthetic !== null);
  const helping = testSets.map(({ name, distribution }) => {
    const count = synthetic.filter((arm) => judgement(name, arm.name)?.verdict === "helps").length;
    return `${count} of ${counted(synthetic.length, "arm")} on ${name} (${distributionWords(distribution)})`;
  });
  const sides = testSets.flatMap(({ name }) => {
    const group = between.find(({ testSet }) => testSet === name);
    if (group === undefined) return [];
    const { value, interval, adjustedP } = group;
    if (interval === null) return [`${signed(value)} on ${name}, without interval`];
    const better = metricSign(config.primary) * value > 0 ? "maps better" : "noise better";
    const word = adjustedP <= config.alpha ? `shown, ${better}` : "no difference shown";
    return [
      `${signed(value)} on ${name} (${signed(interval.low)} to ${signed(interval.high)}, p ${pWords(adjustedP)}: ${word})`,
    ];
  });
  return html`<h3>Beside the review</h3><p>Bissoto, Valle and Avila 2021 (arXiv 2104.10603) on skin lesions:</p>
<ul class="list"><li>Gains only out of distribution. Here synthetic images are shown to help in ${listed(helping)}.</li>
<li>Translation of masks above generation from noise. Here, from maps minus from noise: ${listed(sides)}.</li>
<li>Its arms from masks had 16 % synthetic images and those from noise 50 %, so that amount and kind were compared together. Here each amount is compared with the same.</li></ul>`;
}

/** Generators from noise against those from maps; null where a study has not both. */
export function kindsSection(findings: StudyFindings, figures: Figures): Part | null {
  const { outcome } = findings;
  const { kinds, testSets, config } = outcome;
  if (kinds === null) return null;
  const { primary, alpha } = config;
  const metric = metricWords(primary);
  const charts = testSets.flatMap(({ name, distribution }) => {
    const rows = kinds.between
      .filter(({ testSet }) => testSet === name)
      .map(({ name: label, value, interval }) => ({ label, value, interval }));
    if (rows.length === 0) return [];
    const words = rows.map(({ label, value }) => `${label} ${signed(value)}`).join("; ");
    return figures.show({
      name: `kinds ${name}`,
      title: name,
      note: distributionWords(distribution),
      below: `${metric}, mean of the arms from maps minus that of the arms from noise, with ${coverage(alpha)} interval.`,
      width: WIDE,
      draw: (width) => differenceChart(rows, `From maps minus from noise on ${name}: ${words}`, width),
      columns: DIFFERENCE_COLUMNS,
      rows: differenceCells(rows),
    });
  });
  const { text, equal } = countWords(outcome, kinds);
  const none = kinds.between.every(({ interval }) => interval === null)
    ? html`<p>There are no intervals and no p-values: they need three seeds.</p>`
    : null;
  const content = html`<p>Arms of one amount and one sampler are compared, ${equal ? "at equal counts of synthetic images" : "whose counts of synthetic images differ"}. ${text}.</p>${none}
<div class="charts wide">${charts}</div>
<p>By ${metric}, mean of the arms of a kind. Intervals and p-values are those of single arms, with the mean over arms as the metric; p after Holm over the rows of a test set.</p>
${groupTable(outcome, kinds.between, { label: "From maps against from noise", first: "Amount", arms: "Maps", others: "Noise" }, ({ adjustedP }) => adjustedP)}
<h3>Gain by kind, family, sampler and amount</h3>
<p>Mean of the arms of a group, of their first controls (the real images without the synthetic ones) and of the differences. Rows without an amount are of arms with real and synthetic images; rows of an amount are of the samplers that both kinds have. A p-value is of its row alone and no verdict: among so many some are small by chance.</p>
${groupTable(outcome, kinds.gains, { label: "Gains of groups of arms", first: "Arms", arms: "With", others: "Without" }, ({ p }) => p)}
${besideReview(findings, kinds)}`;
  return { id: "kinds", title: "From noise and from maps", content };
}
