import type { Figures } from "../../report/figures.ts";
import { type Html, html, trusted } from "../../report/html.ts";
import type { Part } from "../../report/page.ts";
import { DIFFERENCE_COLUMNS, differenceCells, differenceChart } from "./charts/difference-chart.ts";
import type { StudyFindings } from "./study-findings.ts";
import type { StudyTestSet } from "./study-outcome.ts";
import { armHead } from "./verdict-section.ts";
import { coverage, distributionWords, fixed, metricWords, signed } from "./words.ts";

/** `auc` of `auc:melanoma`. */
const formOf = (metric: string): string => metric.slice(0, metric.indexOf(":"));
const classOf = (metric: string): string => metric.slice(metric.indexOf(":") + 1);

/** What a form of metric is called over several classes. */
const formTitle = (form: string): string =>
  form.startsWith("sensitivity@")
    ? `Sensitivity at specificity ${form.slice("sensitivity@".length)}`
    : form === "auc"
      ? "AUC"
      : "F1";

/** How the recommended arm, or the one that came nearest, differs from its first control, class by class. */
function armCharts(findings: StudyFindings, figures: Figures, arm: string, form: string): Html[] {
  const { testSets, classes } = findings.outcome;
  const metrics = findings.classMetrics.filter((metric) => formOf(metric) === form);
  metrics.sort((a, b) => classes.indexOf(classOf(a)) - classes.indexOf(classOf(b)));
  return testSets.flatMap(({ name, distribution }) => {
    const rows = metrics.flatMap((metric) => {
      const [first] = findings.differences(name, arm, metric);
      if (first === undefined) return [];
      return { label: classOf(metric), value: first.value, interval: first.interval };
    });
    if (rows.length === 0) return [];
    const words = rows.map(({ label, value }) => `${label} ${signed(value)}`).join(", ");
    return figures.show({
      name: `classes ${form} ${name}`,
      title: `${formTitle(form)}, ${name}`,
      note: distributionWords(distribution),
      draw: (width) => differenceChart(rows, `${formTitle(form)} per class on ${name}: ${words}`, width),
      columns: DIFFERENCE_COLUMNS,
      rows: differenceCells(rows),
    });
  });
}

/** Greatest difference that is coloured in full. */
const FULL = 0.2;
const shade = (value: number): Html => {
  const share = Math.round(35 * Math.min(1, Math.abs(value) / FULL));
  if (share === 0 || !Number.isFinite(value)) return trusted("");
  return trusted(` style="background:color-mix(in srgb, var(--${value > 0 ? "good" : "bad"}) ${share}%, transparent)"`);
};

/** All arms: the metric of each class, and how it differs from the arm's first control. */
function armTable(findings: StudyFindings, set: StudyTestSet, form: string): Html | null {
  const { arms, classes } = findings.outcome;
  const metrics = findings.classMetrics.filter(
    (metric) => formOf(metric) === form && set.perClass[classes.indexOf(classOf(metric))]! > 0,
  );
  if (metrics.length === 0) return null;
  const rows = arms.map(({ name }) => {
    const cells = metrics.map((metric) => {
      const found = findings.figures(set.name, name, metric);
      const [first] = findings.differences(set.name, name, metric);
      if (found === null) return html`<td>–</td>`;
      if (first === undefined) return html`<td>${fixed(found.mean)}</td>`;
      return html`<td${shade(first.value)}>${fixed(found.mean)} <span class="muted">${signed(first.value)}</span></td>`;
    });
    return html`<tr>${armHead(arms, name)}${cells}</tr>`;
  });
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${formTitle(form)} per class on ${set.name}"><table class="matrix">
<caption>${formTitle(form)} per class on ${set.name}: mean over trainings, difference to the first control</caption>
<thead><tr><th scope="col">Arm</th>${metrics.map((metric) => html`<th scope="col">${classOf(metric)}<br><span class="muted">${fixed(set.perClass[classes.indexOf(classOf(metric))] ?? 0, 0)} images</span></th>`)}</tr></thead>
<tbody>${rows}</tbody></table></div>`;
}

/** Which classes gain and which pay; null without metrics of single classes. */
export function classSection(findings: StudyFindings, figures: Figures): Part | null {
  const { outcome, classMetrics, recommendation } = findings;
  const { testSets, classes, config } = outcome;
  const forms = [...new Set(classMetrics.map(formOf))];
  if (forms.length === 0) return null;
  const { arm } = recommendation;
  const charts = arm === null ? [] : forms.flatMap((form) => armCharts(findings, figures, arm, form));
  const lacking = testSets.flatMap(({ name, perClass }) => {
    const absent = classes.filter((_, c) => !(perClass[c]! > 0));
    return absent.length === 0 ? [] : [`${name} has no image of ${absent.join(", ")}`];
  });
  const control = arm === null ? undefined : outcome.arms.find(({ name }) => name === arm)?.controls[0];
  const tables = testSets.flatMap((set) => forms.map((form) => armTable(findings, set, form)));
  const content = html`${charts.length === 0 ? null : html`<p><b>${arm}</b> against <b>${control}</b>: difference with ${coverage(config.alpha)} interval. Right of the line the class is recognised better. There are no verdicts by class.</p>`}
${lacking.length === 0 ? null : html`<p class="muted">${lacking.join("; ")}.</p>`}
<div class="charts">${charts}</div>
<details><summary>All arms, class by class</summary>${tables}</details>
${classes.length === 2 ? html`<p class="muted">With two classes, both have the same ${metricWords("auc")}.</p>` : null}`;
  return { id: "classes", title: "Class by class", content };
}
