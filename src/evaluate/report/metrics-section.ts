import { dotPlot } from "../../report/charts.ts";
import { count, number, percent } from "../../report/format.ts";
import { type Html, html } from "../../report/html.ts";
import type { Estimates, MetricsFile } from "../metrics-file.ts";
import { IMAGE_METRICS, type MetricName, metricRegistry, metricsOf } from "../quality/registry.ts";
import { degradationWords } from "../verdict/degrade.ts";
import type { SelfTest } from "../verdict/verdict-schema.ts";

/** What to look for in a metric, in words. */
export const DIRECTIONS = {
  lower: "lower is better",
  higher: "higher is better",
  parity: "as for other real images: lower suggests copies, higher suggests unlike images",
} as const;

/** Names of the further figures of a metric of the images. */
const FIGURES: Readonly<Record<string, string>> = {
  auc: "AUC",
  ratio: "synthetic over real",
  aucRatio: "AUC, synthetic over real",
};

const range = (low: number, high: number): string => `${number(low)} to ${number(high)}`;

function overallTable(name: string, overall: Estimates, n: number, floorN: number): Html {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Metrics of ${name}"><table>
<caption>${count(n)} real against ${count(n)} synthetic images; floor: ${count(floorN)} real against ${count(floorN)} other real images</caption>
<thead><tr><th scope="col">Metric</th><th scope="col">Value</th><th scope="col">95 % interval</th><th scope="col">Floor</th><th scope="col" class="left">Reading</th></tr></thead>
<tbody>${metricsOf(name).map((metric) => {
    const found = overall[metric];
    const { title, direction } = metricRegistry[metric];
    return found === null
      ? html`<tr><th scope="row">${title}</th><td>–</td><td>–</td><td>–</td><td class="words">not defined at this number of images</td></tr>`
      : html`<tr><th scope="row">${title}</th><td>${number(found.value)}</td><td class="interval">${range(found.low, found.high)}</td><td>${number(found.floor)}</td><td class="words">${DIRECTIONS[direction]}</td></tr>`;
  })}</tbody></table></div>`;
}

function classTable(
  name: string,
  perClass: Readonly<Record<string, Estimates>>,
  protocol: MetricsFile["protocol"],
  metrics: readonly MetricName[] = metricsOf(name),
): Html {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Metrics of ${name} per class"><table>
<caption>Per class: value, floor in brackets</caption>
<thead><tr><th scope="col">Class</th><th scope="col">n per side</th>${metrics.map((metric) => html`<th scope="col">${metricRegistry[metric].title}</th>`)}</tr></thead>
<tbody>${Object.entries(perClass).map(
    ([label, found]) =>
      html`<tr><th scope="row">${label}</th><td>${count(protocol.perClass[label]!.n)}</td>${metrics.map((metric) => {
        const cell = found[metric];
        if (cell === null) return html`<td>–</td>`;
        return html`<td>${number(cell.value)} <span class="interval">(${number(cell.floor)})</span></td>`;
      })}</tr>`,
  )}</tbody></table></div>`;
}

function metricChart(
  metric: MetricName,
  overall: Estimates,
  perClass: Readonly<Record<string, Estimates>>,
): Html | null {
  const rows = [["all", overall] as const, ...Object.entries(perClass)].flatMap(([label, found]) => {
    const cell = found[metric];
    return cell === null ? [] : [{ label, ...cell }];
  });
  if (rows.length === 0) return null;
  const { title, direction } = metricRegistry[metric];
  const words = rows.map((row) => `${row.label} ${number(row.value)}`).join(", ");
  return html`<figure><h4>${title} <span class="muted">${DIRECTIONS[direction]}</span></h4>${dotPlot(rows, `${title}: ${words}`)}</figure>`;
}

/** What an extractor sees of spoilt real images, in one paragraph. */
function selfTestLine({ fit, reason, ladder }: SelfTest): Html {
  const rungs = ladder.map(
    (rung) =>
      `${degradationWords(rung)} ${rung.detected ? "detected" : "not detected"} (in ${percent(rung.power)} of the draws)`,
  );
  const shown = rungs.length === 0 ? "" : ` Compared with real images: ${rungs.join("; ")}.`;
  return html`<p>Self-test: ${fit ? "passed" : `failed, ${reason}`}.${shown}</p>`;
}

/** Metrics that no extractor changes: the result in words, then the figures. */
function imageMetricsBlock({ imageMetrics, features, protocol }: MetricsFile): Html | null {
  const shown = IMAGE_METRICS.filter((name) => imageMetrics[name] !== undefined);
  if (shown.length === 0) return null;
  const rows = shown.flatMap((name) => {
    const { overall, figures, n, floorN } = imageMetrics[name]!;
    const others = Object.entries(figures).filter(([figure]) => figure !== "real");
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
${Object.keys(perClass).length === 0 ? null : classTable("the images themselves", perClass, protocol, shown)}`;
}

/** Every metric of every extractor: table with intervals and floors, one dot plot a metric, table per class. */
export function metricsSection(file: MetricsFile): Html {
  const { features, protocol, selfTest } = file;
  const blocks = Object.entries(features).map(([name, { overall, perClass }]) => {
    const { n, floorN } = protocol.overall;
    return html`<h3>${name}</h3>
<p class="muted">${protocol.extractors[name]!.description}</p>
${selfTestLine(selfTest[name]!)}
${overallTable(name, overall, n, floorN)}
<ul class="key"><li><span class="dot"></span>synthetic against real</li><li><span class="line"></span>95 % interval</li><li><span class="tick"></span>floor: real against real</li></ul>
<div class="charts">${metricsOf(name).map((metric) => metricChart(metric, overall, perClass))}</div>
${Object.keys(perClass).length === 0 ? null : classTable(name, perClass, protocol)}`;
  });
  return html`<section id="metrics"><h2>Metrics</h2>
<p>Each value is shown with its floor: the same metric between real images and other real images. Only the distance from the floor is meaningful, and values of different extractors are not comparable.</p>
${imageMetricsBlock(file)}
${blocks}</section>`;
}
