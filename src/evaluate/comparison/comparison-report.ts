import { Figures, type Report } from "../../report/figures.ts";
import { count, number, percent } from "../../report/format.ts";
import { type Html, html } from "../../report/html.ts";
import { type Part, page, warningsPart } from "../../report/page.ts";
import { shownAs } from "../../report/pictures.ts";
import type { EvaluatedSets } from "../datasets.ts";
import { METRICS, type MetricName, metricRegistry } from "../quality/registry.ts";
import { headStrip, imageSheet } from "../report/images-section.ts";
import { metricFigure } from "../report/metric-figure.ts";
import { DIRECTIONS, DOT_KEY } from "../report/metrics-section.ts";
import type { ComparedScope, ComparisonFile } from "./comparison-file.ts";

const link = (folder: string): string => `${encodeURIComponent(folder)}/report.html`;

const cells = (metric: ComparedScope[MetricName], names: readonly string[]): Html[] =>
  names.map((name) => {
    const found = metric.sets[name]!;
    if (found === null) return html`<td>–</td>`;
    const interval = html`<span class="interval">${number(found.low)} to ${number(found.high)}</span>`;
    return metric.best === name
      ? html`<td class="best"><b>${number(found.value)}</b> <span class="tag">best</span><br>${interval}</td>`
      : html`<td>${number(found.value)}<br>${interval}</td>`;
  });

function overallTable(label: string, scope: ComparedScope, names: readonly string[]): Html {
  const shown = METRICS.filter((metric) => names.some((name) => scope[metric].sets[name] !== null));
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${label}"><table>
<thead><tr><th scope="col">Metric</th>${names.map((name) => html`<th scope="col">${name}</th>`)}<th scope="col">Floor</th><th scope="col" class="left">Reading</th></tr></thead>
<tbody>${shown.map(
    (metric) =>
      html`<tr><th scope="row">${metricRegistry[metric].title}</th>${cells(scope[metric], names)}<td>${number(scope[metric].floor)}</td><td class="words">${DIRECTIONS[metricRegistry[metric].direction]}</td></tr>`,
  )}</tbody></table></div>`;
}

function chart(
  figures: Figures,
  extractor: string,
  metric: MetricName,
  scope: ComparedScope,
  names: readonly string[],
): Html | null {
  const { floor, sets } = scope[metric];
  const rows = names.flatMap((name) => {
    const found = sets[name];
    return found === null ? [] : [{ label: name, ...found!, floor }];
  });
  return metricFigure(figures, extractor, metric, rows);
}

/** One metric per class: sets in columns. */
function classTable(
  metric: MetricName,
  perClass: Readonly<Record<string, ComparedScope>>,
  names: readonly string[],
  { protocol }: ComparisonFile,
): Html {
  const { title } = metricRegistry[metric];
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${title} per class"><table>
<caption>${title} per class</caption>
<thead><tr><th scope="col">Class</th><th scope="col">n per side</th>${names.map((name) => html`<th scope="col">${name}</th>`)}<th scope="col">Floor</th></tr></thead>
<tbody>${Object.entries(perClass).map(
    ([label, scope]) =>
      html`<tr><th scope="row">${label}</th><td>${count(protocol.perClass[label]!.n)}</td>${cells(scope[metric], names)}<td>${number(scope[metric].floor)}</td></tr>`,
  )}</tbody></table></div>`;
}

function groupTable(worst: ComparisonFile["features"][string]["worstGroup"]): Html | null {
  const rows = Object.entries(worst).flatMap(([name, found]) => (found === null ? [] : [{ name, ...found }]));
  if (rows.length === 0) return null;
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Worst covered groups"><table>
<caption>Worst covered group of each set; its report has all groups</caption>
<thead><tr><th scope="col">Set</th><th scope="col" class="left">Group</th><th scope="col">Real images</th><th scope="col">Covered</th><th scope="col">Floor</th><th scope="col" class="left">Against all images</th></tr></thead>
<tbody>${rows.map(
    ({ name, column, value, n, covered, floor, lags }) =>
      html`<tr><th scope="row">${name}</th><td class="left">${column}: ${value}</td><td>${count(n)}</td><td>${number(covered.value)} <span class="interval">${number(covered.low)} to ${number(covered.high)}</span></td><td>${number(floor)}</td><td class="left">${lags ? "covered less" : "not shown to lag"}</td></tr>`,
  )}</tbody></table></div>`;
}

function metricsSection(file: ComparisonFile, figures: Figures): Part {
  const names = file.sets.map(({ name }) => name);
  const blocks = Object.entries(file.features).map(([extractor, { overall, perClass, worstGroup }]) => {
    const tables = Object.keys(perClass).length < 2 ? [] : (["coverage", "kid"] as const);
    return html`<h3>${extractor}</h3>
<p class="muted">${file.protocol.extractors[extractor]!.description}</p>
${overallTable(`Metrics of ${extractor}`, overall, names)}
${DOT_KEY}
<div class="charts">${METRICS.map((metric) => chart(figures, extractor, metric, overall, names))}</div>
${tables.map((metric) => classTable(metric, perClass, names, file))}
${groupTable(worstGroup)}`;
  });
  const content = html`<p>Every set is compared with the same real images, on the same number of images with equal class counts. A set is marked “best” only where its 95 % interval overlaps that of no other set; values better than the floor count as equal to it. The intervals are over these images and do not cover another training of the same generator.</p>
${blocks}`;
  return { id: "metrics", title: "Metrics", hint: `by ${Object.keys(file.features).join(", ")}`, content };
}

/** A grid of each class: real images, then those of each set. */
async function imagesSection(file: ComparisonFile, all: readonly EvaluatedSets[]): Promise<Part> {
  const { seed } = file.protocol;
  const rows: Html[] = [];
  for (const [c, name] of all[0]!.classes.entries()) {
    const sheets = [html`<div><h4>real</h4>${await imageSheet(all[0]!.real, c, "real", name, seed)}</div>`];
    for (const [k, { synthetic }] of all.entries()) {
      const sheet = await imageSheet(synthetic, c, "synthetic", name, seed);
      sheets.push(html`<div><h4>${file.sets[k]!.name}</h4>${sheet}</div>`);
    }
    rows.push(html`<h3>${name || "all images"}</h3><div class="pair">${sheets}</div>`);
  }
  const content = html`<p>Drawn at random (seed ${seed}), not selected. ${shownAs(all[0]!.resolution)}</p>${rows}`;
  return { id: "images", title: "Images class by class", content };
}

function setsSection({ sets, real, holdout, protocol }: ComparisonFile): Part {
  const row = (role: string, name: Html | string, n: number, hash: string, suspects: string) =>
    html`<tr><th scope="row">${role}</th><td class="left">${name}</td><td>${count(n)}</td><td>${suspects}</td><td><code title="${hash}">${hash.slice(0, 12)}</code></td></tr>`;
  const content = html`<p>All images are compared at ${protocol.resolution} × ${protocol.resolution} px, ${protocol.channels === 3 ? "RGB" : "grey"}; ${count(protocol.overall.n)} real with ${count(protocol.overall.n)} synthetic images of each set.</p>
<div class="scroll" tabindex="0" role="region" aria-label="Sets"><table>
<thead><tr><th scope="col">Set</th><th scope="col" class="left">Report</th><th scope="col">Images</th><th scope="col">As near to a real image as 5 % of the real ones</th><th scope="col">SHA-256</th></tr></thead>
<tbody>${row("Real", real.name, real.n, real.hash, "")}${
    holdout === null ? null : row("Held out", holdout.name, holdout.n, holdout.hash, "")
  }${sets.map(({ name, folder, n, hash, suspects }) =>
    row(
      name,
      html`<a href="${link(folder)}">${folder}/report.html</a>`,
      n,
      hash,
      `${count(suspects)} (${percent(suspects / n)})`,
    ),
  )}</tbody></table></div>`;
  return { id: "sets", title: "Sets", hint: "with the report of each", content };
}

/** One HTML file without scripts that shows several synthetic sets beside each other and links to the report of each. */
export async function renderComparison(file: ComparisonFile, all: readonly EvaluatedSets[]): Promise<Report> {
  const { sets, real, protocol, features } = file;
  const figures = new Figures();
  const { classes, resolution, real: realSet } = all[0]!;
  const shown = [
    { label: "real", kind: "real" as const, set: realSet },
    ...all.map(({ synthetic }, k) => ({ label: sets[k]!.name, kind: "synthetic" as const, set: synthetic })),
  ];
  const rendered = page({
    title: `${sets.length} synthetic sets of ${real.name}: comparison`,
    answer: file.winner.sentence,
    picture: await headStrip(shown, classes, resolution, protocol.seed),
    reasons: sets.map(
      ({ name, folder, verdict }) =>
        html`<b>${name}</b>: ${verdict.sentence}. <a href="${link(folder)}" aria-label="Report of ${name}">Report</a>`,
    ),
    notes: [
      file.winner.rule,
      `By ${Object.keys(features)[0]}, on ${count(protocol.overall.n)} images per side. Which set is more useful for training a classifier is a different question, which this report does not answer.`,
      `This file contains real images of ${real.name}. Share it only with people who may see them.`,
    ],
    parts: [
      setsSection(file),
      await imagesSection(file, all),
      metricsSection(file, figures),
      warningsPart(file.warnings),
    ],
    footer: html`Made by ganglion evaluate. The same values in machine-readable form: comparison.json; the drawings and their numbers as SVG and CSV: ${figures.folder}; methods: the report of each set.`,
  });
  return { page: rendered, figures: figures.files };
}
