import { mean } from "../../math/mean.ts";
import { rankImages, weightedSensitivity } from "../../math/ranking.ts";
import type { Figures } from "../../report/figures.ts";
import { html } from "../../report/html.ts";
import type { Part } from "../../report/page.ts";
import { parseOutcomeMetric } from "../statistics/outcome-metric.ts";
import type { Trial } from "../statistics/outcome-table.ts";
import type { TestSet } from "../statistics/test-set.ts";
import { type RocCurve, rocChart } from "./charts/roc-chart.ts";
import type { StudyFindings } from "./study-findings.ts";
import { distributionWords, listed } from "./words.ts";

/** Shares of false alarms at which curves are averaged. */
const STEPS = 100;

/** Sensitivity of a trial at each share of false alarms, mean over classes. */
function sensitivities({ scores }: Trial, set: TestSet, classes: readonly number[]): Float64Array {
  const ones = new Float64Array(set.labels.length).fill(1);
  const mean = new Float64Array(STEPS + 1);
  for (const c of classes) {
    const ranking = rankImages(scores, set.labels, set.classes.length, c);
    for (let i = 0; i <= STEPS; i++) mean[i]! += weightedSensitivity(ranking, ones, 1 - i / STEPS) / classes.length;
  }
  return mean;
}

function curveOf(
  trials: readonly Trial[],
  set: TestSet,
  classes: readonly number[],
  name: string,
  colour: string,
): RocCurve {
  const each = trials.map((trial) => sensitivities(trial, set, classes));
  const points = Array.from({ length: STEPS + 1 }, (_, i) => {
    const values = each.map((curve) => curve[i]!);
    return { x: i / STEPS, y: mean(values), low: Math.min(...values), high: Math.max(...values) };
  });
  return { name, colour, points };
}

/** Class that the curves are of; null for the mean over classes. */
function classOf({ outcome: { config } }: StudyFindings): string | null {
  return parseOutcomeMetric(config.primary).ofClass ?? config.data.positive;
}

/** ROC curves of the arm that the recommendation is about and of its first control; null without such an arm. */
export function rocSection(findings: StudyFindings, figures: Figures): Part | null {
  const { outcome, recommendation } = findings;
  const { arms, config, table, testSets } = outcome;
  const chosen = arms.find(({ name }) => name === recommendation.arm);
  if (chosen === undefined || chosen.controls.length === 0) return null;
  const ofClass = classOf(findings);
  const shown = [
    { name: chosen.name, colour: "var(--synthetic)" },
    { name: chosen.controls[0]!, colour: "var(--real)" },
  ];
  const charts = testSets.flatMap(({ name, distribution }) => {
    const set = table.testSets.find((each) => each.name === name);
    if (set === undefined) return [];
    const present = set.classes.map((_, c) => c).filter((c) => set.labels.includes(c));
    const classes = ofClass === null ? present : present.filter((c) => set.classes[c] === ofClass);
    if (classes.length === 0) return [];
    const curves = shown.flatMap((each) => {
      const trials = config.seeds.flatMap((seed) =>
        table.trials.filter((trial) => trial.arm === each.name && trial.testSet === name && trial.seed === seed),
      );
      return trials.length === 0 ? [] : [curveOf(trials, set, classes, each.name, each.colour)];
    });
    const label = `ROC curves on ${name} of ${listed(curves.map((curve) => curve.name))}`;
    return figures.show({
      name: `roc ${name}`,
      title: `Sensitivity by 1 − specificity, ${name}`,
      note: distributionWords(distribution),
      draw: (width) => rocChart(curves, label, width),
      columns: ["arm", "one_minus_specificity", "sensitivity", "lowest", "highest"],
      rows: curves.flatMap((curve) => curve.points.map(({ x, y, low, high }) => [curve.name, x, y, low, high])),
    });
  });
  if (charts.length === 0) return null;
  const content = html`<p>${ofClass === null ? "Each class against the rest, mean over the classes of the test set" : `${ofClass} against the rest`}: sensitivity averaged over trainings at equal specificity. The band spans from the lowest to the highest training and is not an interval.</p>
<ul class="key">${shown.map(({ name, colour }) => html`<li><span class="swatch" style="background:${colour}"></span>${name}</li>`)}</ul>
<div class="charts">${charts}</div>`;
  return { id: "roc", title: "ROC curves", content };
}
