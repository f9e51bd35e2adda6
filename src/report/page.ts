import { type Html, html, trusted } from "./html.ts";
import { STYLE } from "./style.ts";

/** Details of a report: folded below the answer. */
export interface Part {
  /** Of the section; names it in links. */
  readonly id: string;
  readonly title: string;
  /** A few words that are read without opening it. Defaults to none. */
  readonly hint?: string;
  readonly content: Html;
}

/** What a reader sees of a report, in this order. */
export interface PageContent {
  /** What it is about and which report it is, e.g. `Synthetic images of skin: evaluation`. */
  readonly title: string;
  /** Whole width, above everything. Defaults to nothing. */
  readonly banner?: Html;
  /** The answer in one sentence. */
  readonly answer: string;
  /** Of the bar beside the answer. Defaults to no bar. */
  readonly tone?: "good" | "notice" | "warning" | "bad" | "unknown";
  /** What is seen below the answer: images, mostly. */
  readonly picture: Html | null;
  /** Why, most important first. */
  readonly reasons: readonly (Html | string)[];
  /** What has to be read too, a paragraph each. */
  readonly notes: readonly (Html | string)[];
  /** Null where the report has nothing of it. */
  readonly parts: readonly (Part | null)[];
  readonly footer: Html | string;
  /** Rules that follow those of all reports. Defaults to none. */
  readonly style?: string;
}

/** Reasons that a report shows above the details. */
export const REASONS = 3;

const folded = ({ id, title, hint, content }: Part): Html =>
  html`<section class="folded" id="${id}"><details><summary><h2>${title}</h2>${hint === undefined ? null : html`<span class="muted">${hint}</span>`}</summary><div class="inside">${content}</div></details></section>`;

/** The whole page: one HTML file without scripts that asks no host for anything. */
export function page(content: PageContent): string {
  const { title, banner = null, answer, tone, picture, reasons, notes, parts, footer, style = "" } = content;
  const verdict = tone === undefined ? "" : ` verdict ${tone}`;
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>${title}</title><link rel="icon" href="data:,"><style>${trusted(STYLE + style)}</style></head>
<body><header>${banner}<div class="top"><h1>${title}</h1></div></header><main>
<p class="headline${verdict}">${answer}</p>
${picture}
${reasons.length === 0 ? null : html`<ol class="reasons">${reasons.map((reason) => html`<li>${reason}</li>`)}</ol>`}
${notes.map((note) => html`<p class="note">${note}</p>`)}
<div class="details-head"></div>
${parts.map((part) => (part === null ? null : folded(part)))}
</main><footer>${footer}</footer></body></html>
`.html;
}

/** Warnings as a part of a page. */
export const warningsPart = (warnings: readonly string[]): Part => ({
  id: "warnings",
  title: "Warnings",
  hint: warnings.length === 0 ? "none" : String(warnings.length),
  content:
    warnings.length === 0
      ? html`<p>None.</p>`
      : html`<ul class="list">${warnings.map((warning) => html`<li>${warning}</li>`)}</ul>`,
});
