import { Figures, type Report } from "../../report/figures.ts";
import { type Html, html } from "../../report/html.ts";
import { page, REASONS, warningsPart } from "../../report/page.ts";
import { GRADES } from "../verdict/grade.ts";
import type { Verdict } from "../verdict/verdict-schema.ts";
import { controlsSection } from "./controls-section.ts";
import { dataSection } from "./data-section.ts";
import { groupsSection } from "./groups-section.ts";
import { headSentences } from "./head-sentences.ts";
import { headStrip, imagesSection } from "./images-section.ts";
import { ladderSection } from "./ladder-section.ts";
import { methodsSection } from "./methods-section.ts";
import { metricsSection } from "./metrics-section.ts";
import { nearestSection } from "./nearest-section.ts";
import type { ReportInput } from "./report-input.ts";

/** The five grades, the set's own marked, and the grades of the parts that it is the worst of. */
const scale = ({ grade, parts }: Verdict): Html =>
  html`<ol class="scale" aria-label="Grade, from worst to best">${GRADES.map((name) =>
    name === grade ? html`<li aria-current="true">${name}</li>` : html`<li>${name}</li>`,
  )}</ol>${parts === undefined ? null : html`<p class="muted">The worst of: ${Object.entries(parts).map(([part, own], i) => html`${i === 0 ? "" : ", "}${part} <b>${own}</b>`)}.</p>`}`;

/** One HTML file without scripts, with pictures and drawings inside: it asks no host for anything. */
export async function renderReport(input: ReportInput): Promise<Report> {
  const { metrics, sets } = input;
  const { verdict, warnings, protocol } = metrics;
  const figures = new Figures();
  const [real, synthetic] = [sets.real, sets.synthetic];
  const shown = [
    { label: "real", kind: "real", set: real },
    { label: "synthetic", kind: "synthetic", set: synthetic },
  ] as const;
  const sentences = headSentences(metrics);
  const further = sentences.slice(REASONS);
  const rendered = page({
    title: `Synthetic images of ${real.name}: evaluation`,
    answer: verdict.sentence,
    picture: html`${scale(verdict)}${await headStrip(shown, sets.classes, sets.resolution, protocol.seed)}`,
    reasons: sentences.slice(0, REASONS),
    notes: [`This file contains real images of ${real.name}. Share it only with people who may see them.`],
    parts: [
      further.length === 0
        ? null
        : {
            id: "further",
            title: "What else the numbers say",
            content: html`<ul class="list">${further.map((sentence) => html`<li>${sentence}</li>`)}</ul>`,
          },
      ladderSection(metrics, figures),
      await imagesSection(input),
      metricsSection(metrics, figures),
      groupsSection(metrics, figures),
      await controlsSection(input),
      await nearestSection(input),
      dataSection(input, figures),
      warningsPart(warnings),
      methodsSection(metrics),
    ],
    footer: html`Made by ganglion evaluate. The same values in machine-readable form: metrics.json; the drawings and their numbers as SVG and CSV: ${figures.folder}.`,
  });
  return { page: rendered, figures: figures.files };
}
