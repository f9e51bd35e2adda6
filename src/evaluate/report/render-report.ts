import { html, trusted } from "../../report/html.ts";
import { STYLE } from "../../report/style.ts";
import { controlsSection } from "./controls-section.ts";
import { dataSection } from "./data-section.ts";
import { groupsSection } from "./groups-section.ts";
import { headSentences } from "./head-sentences.ts";
import { imagesSection } from "./images-section.ts";
import { methodsSection } from "./methods-section.ts";
import { metricsSection } from "./metrics-section.ts";
import { nearestSection } from "./nearest-section.ts";
import type { ReportInput } from "./report-input.ts";

/** One HTML file without scripts, with pictures and drawings inside: it asks no host for anything. */
export async function renderReport(input: ReportInput): Promise<string> {
  const { metrics, sets } = input;
  const title = `Synthetic images of ${sets.real.name}`;
  const { warnings } = metrics;
  const groups = groupsSection(metrics);
  const page = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>${title} – evaluation</title><link rel="icon" href="data:,"><style>${trusted(STYLE)}</style></head>
<body><header><h1>${title}: evaluation</h1>
<p class="headline">${metrics.verdict.sentence}</p>
${headSentences(metrics).map((sentence) => html`<p>${sentence}</p>`)}
<p class="note">This file contains real images of ${sets.real.name}. Share it only with people who may see them.</p>
<nav aria-label="Sections"><ul><li><a href="#data">Data</a></li><li><a href="#images">Images</a></li><li><a href="#metrics">Metrics</a></li>${groups === null ? null : html`<li><a href="#groups">Groups</a></li>`}${input.controls === null ? null : html`<li><a href="#controls">Controls</a></li>`}<li><a href="#nearest">Nearest real images</a></li><li><a href="#warnings">Warnings (${warnings.length})</a></li><li><a href="#methods">Methods</a></li></ul></nav>
</header><main>
${dataSection(input)}
${await imagesSection(input)}
${metricsSection(metrics)}
${groups}
${await controlsSection(input)}
${await nearestSection(input)}
<section id="warnings"><h2>Warnings</h2>${
    warnings.length === 0
      ? html`<p>None.</p>`
      : html`<ul class="list">${warnings.map((warning) => html`<li>${warning}</li>`)}</ul>`
  }</section>
${methodsSection(metrics)}
</main><footer>Made by ganglion evaluate. The same values in machine-readable form: metrics.json.</footer></body></html>
`;
  return page.html;
}
