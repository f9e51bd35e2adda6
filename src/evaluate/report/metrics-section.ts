import type { Figures } from "../../report/figures.ts";
import { count, number } from "../../report/format.ts";
import { type Html, html } from "../../report/html.ts";
import type { Part } from "../../report/page.ts";
import type { Estimates, MetricsFile } from "../metrics-file.ts";
import { IMAGE_METRICS, type MetricName, metricRegistry, metricsOf } from "../quality/registry.ts";
import { leftOutLine, shownMetrics } from "./left-out.ts";
import { metricFigure } from "./metric-figure.ts";

/** What to look for in a metric, in words. */
export const DIRECTIONS = {
  lower: "lower is better",
  higher: "higher is better",
  parity: "as for other real images: lower suggests copies, higher suggests unlike images",
} as const;

/** What the marks of a dot plot are. */
export const DOT_KEY = html`<ul class="key"><li><span class="dot"></span>synthetic against real</li><li><span class="line"></span>95 % interval</li><li><span class="tick"></span>floor: real against real</li></ul>`;

/** Names of the further figures of a metric of the images. */
const FIGURES: Readonly<Record<string, string>> = {
  auc: "AUC",
  ratio: "synthetic over real",
  aucRatio: "AUC, synthetic over real",
};

const range = (low: number, high: number): string => `${number(low)} to ${number(high)}`;

function overallTable(name: string, overall: Estimates, n: number, floorN: number): Html {
  const { shown, missing } = shownMetrics(metricsOf(name), [overall]);
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Metrics of ${name}"><table>
<caption>${count(n)} real against ${count(n)} synthetic images; floor: ${count(floorN)} real against ${count(floorN)} other real images</caption>
<thead><tr><th scope="col">Metric</th><th scope="col">Value</th><th scope="col">95 % interval</th><th scope="col">Floor</th><th scope="col" class="left">Reading</th></tr></thead>
<tbody>${shown.map((metric) => {
    const { value, low, high, floor } = overall[metric]!;
    const { title, direction } = metricRegistry[metric];
    return html`<tr><th scope="row">${title}</th><td>${number(value)}</td><td class="interval">${range(low, high)}</td><td>${number(floor)}</td><td class="words">${DIRECTIONS[direction]}</td></tr>`;
  })}</tbody></table></div>${leftOutLine(missing)}`;
}

/** A value above its floor; a dash where it is not defined. */
export const besideFloor = (found: { readonly value: number; readonly floor: number | null } | null): Html =>
  found === null
    ? html`<td>–</td>`
    : html`<td>${number(found.value)}<br><span class="interval">(${number(found.floor)})</span></td>`;

function classTable(
  name: string,
  perClass: Readonly<Record<string, Estimates>>,
  protocol: MetricsFile["protocol"],
  metrics: readonly MetricName[] = metricsOf(name),
): Html | null {
  const { shown, missing } = shownMetrics(metrics, Object.values(perClass));
  const measured = Object.entries(perClass).filter(([, found]) => shown.some((metric) => found[metric] !== null));
  const without = Object.keys(perClass).filter((label) => !measured.some(([known]) => known === label));
  const few =
    without.length === 0
      ? null
      : html`<p class="muted">Classes with too few images for any metric: ${without.join(", ")}.</p>`;
  if (measured.length === 0) return few;
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Metrics of ${name} per class"><table class="across">
<caption>Per class: value, floor in brackets</caption>
<thead><tr><th scope="col">Metric</th>${measured.map(([label]) => html`<th scope="col">${label}</th>`)}</tr></thead>
<tbody><tr><th scope="row">n per side</th>${measured.map(([label]) => html`<td>${count(protocol.perClass[label]!.n)}</td>`)}</tr>
${shown.map(
  (metric) =>
    html`<tr><th scope="row">${metricRegistry[metric].title}</th>${measured.map(([, found]) => besideFloor(found[metric]))}</tr>`,
)}</tbody></table></div>${few}${leftOutLine(missing)}`;
}

function metricChart(
  figures: Figures,
  extractor: string,
  metric: MetricName,
  overall: Estimates[MetricName],
  perClass: Readonly<Record<string, Estimates>>,
): Html | null {
  const ofClasses = Object.entries(perClass).map(([label, found]) => [label, found[metric]] as const);
  const rows = [["all", overall] as const, ...ofClasses].flatMap(([label, cell]) =>
    cell === null ? [] : [{ label, ...cell }],
  );
  return metricFigure(figures, extractor, metric, rows);
}

/** Metrics that no extractor changes: the result in words, then the figures. */
function imageMetricsBlock({ imageMetrics, features, protocol }: MetricsFile, figures: Figures): Html | null {
  const shown = IMAGE_METRICS.filter((name) => imageMetrics[name] !== undefined);
  if (shown.length === 0) return null;
  const rows = shown.flatMap((name) => {
    const { overall, figures: further, n, floorN } = imageMetrics[name]!;
    const others = Object.entries(further).filter(([figure]) => figure !== "real");
    return [["", overall] as const, ...others].flatMap(([figure, found]) =>
      found === null
        ? []
        : [
            html`<tr><th scope="row">${metricRegistry[name].title}${figure === "" ? "" : `, ${FIGURES[figure] ?? figure}`}</th><td>${count(n)}</td><td>${number(found.value)}</td><td class="interval">${range(found.low, found.high)}</td><td>${number(found.floor)}</td><td>${count(floorN)}</td><td class="words">${DIRECTIONS[metricRegistry[name].direction]}</td></tr>`,
          ],
    );
  });
  const perClass = Object.values(features)[0]?.perClass ?? {};
  return html`<h3>Of the images themselves</h3>
<p class="muted">These do not depend on the extractor.</p>
${shown.map((name) => html`<p>${imageMetrics[name]!.sentence}</p>`)}
${
  rows.length === 0
    ? null
    : html`<div class="scroll" tabindex="0" role="region" aria-label="Metrics of the images themselves"><table>
<thead><tr><th scope="col">Metric</th><th scope="col">n</th><th scope="col">Value</th><th scope="col">95 % interval</th><th scope="col">Floor</th><th scope="col">n of the floor</th><th scope="col" class="left">Reading</th></tr></thead>
<tbody>${rows}</tbody></table></div>`
}
<div class="charts">${shown.map((metric) => metricChart(figures, "images", metric, imageMetrics[metric]!.overall, perClass))}</div>
${Object.keys(perClass).length === 0 ? null : classTable("the images themselves", perClass, protocol, shown)}`;
}

/** Every metric of every extractor: table with intervals and floors, one dot plot a metric, table per class. */
export function metricsSection(file: MetricsFile, figures: Figures): Part {
  const { features, protocol } = file;
  const blocks = Object.entries(features).map(([name, { overall, perClass }]) => {
    const { n, floorN } = protocol.overall;
    const { shown } = shownMetrics(metricsOf(name), [overall, ...Object.values(perClass)]);
    return html`<h3>${name}</h3>
<p class="muted">${protocol.extractors[name]!.description}</p>
${overallTable(name, overall, n, floorN)}
${DOT_KEY}
<div class="charts">${shown.map((metric) => metricChart(figures, name, metric, overall[metric], perClass))}</div>
${Object.keys(perClass).length === 0 ? null : classTable(name, perClass, protocol)}`;
  });
  const content = html`<p>Each value is shown with its floor: the same metric between real images and other real images. Only the distance from the floor is meaningful, and values of different extractors are not comparable.</p>
${imageMetricsBlock(file, figures)}
${blocks}`;
  return { id: "metrics", title: "Metrics", hint: `by ${Object.keys(features).join(", ")}`, content };
}
