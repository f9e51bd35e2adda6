import { WIDE } from "../../report/charts.ts";
import { Figures, type Report } from "../../report/figures.ts";
import { type Html, html } from "../../report/html.ts";
import { page, REASONS } from "../../report/page.ts";
import { DIFFERENCE_COLUMNS, differenceCells, differenceChart } from "./charts/difference-chart.ts";
import { classSection } from "./class-section.ts";
import { costSection } from "./cost-section.ts";
import { distributionSection } from "./distribution-section.ts";
import { forestSection } from "./forest-section.ts";
import { kindsSection } from "./kinds-section.ts";
import { dataSection, generatorSection, generatorStrip } from "./material-section.ts";
import { limitsSection, methodsSection } from "./methods-section.ts";
import { powerSection } from "./power-section.ts";
import { ratioSection } from "./ratio-section.ts";
import { reducedSection } from "./reduced-section.ts";
import { rocSection } from "./roc-section.ts";
import { seedsSection } from "./seeds-section.ts";
import type { StudyFindings } from "./study-findings.ts";
import { STUDY_STYLE } from "./study-style.ts";
import { tableSection } from "./table-section.ts";
import { verdictSection } from "./verdict-section.ts";
import { coverage, distributionWords, metricWords, signed } from "./words.ts";

const TONES = { use: "good", mixed: "bad", "do not use": "bad", "not shown": "unknown" } as const;

/** The arm that the answer is about against each of its controls, a chart a test set; null without such an arm. */
function answerCharts(findings: StudyFindings, figures: Figures): Html | null {
  const { outcome, recommendation } = findings;
  const { arm } = recommendation;
  if (arm === null) return null;
  const { primary, alpha } = outcome.config;
  const charts = outcome.testSets.flatMap(({ name, distribution }) => {
    const rows = findings
      .differences(name, arm, primary)
      .map(({ controlName, value, interval }) => ({ label: controlName, value, interval }));
    if (rows.length === 0) return [];
    const words = rows.map(({ label, value }) => `${label} ${signed(value)}`).join(", ");
    return figures.show({
      name: `answer ${name}`,
      title: `${arm} on ${name}`,
      note: distributionWords(distribution),
      below: `${metricWords(primary)} minus that of each control, with ${coverage(alpha)} interval.`,
      width: WIDE,
      draw: (width) => differenceChart(rows, `${arm} against its controls on ${name}: ${words}`, width),
      columns: DIFFERENCE_COLUMNS,
      rows: differenceCells(rows),
    });
  });
  return charts.length === 0 ? null : html`<div class="charts wide">${charts}</div>`;
}

/** One HTML file without scripts, with pictures and drawings inside: it asks no host for anything. */
export async function renderStudyReport(findings: StudyFindings): Promise<Report> {
  const { outcome, recommendation } = findings;
  const figures = new Figures();
  const { answer, claim, evidence, further } = recommendation;
  const reasons = [sentence(evidence), ...further];
  const rest = reasons.slice(REASONS);
  const rendered = page({
    title: `Do synthetic images help on ${outcome.data.name}?`,
    answer: claim,
    tone: TONES[answer],
    picture: html`${answerCharts(findings, figures)}${await generatorStrip(outcome)}`,
    reasons: reasons.slice(0, REASONS),
    notes: [],
    parts: [
      rest.length === 0
        ? null
        : {
            id: "further",
            title: "What else the numbers say",
            content: html`<ul class="list">${rest.map((each) => html`<li>${each}</li>`)}</ul>`,
          },
      verdictSection(findings),
      forestSection(findings, figures),
      ratioSection(findings, figures),
      reducedSection(findings, figures),
      kindsSection(findings, figures),
      distributionSection(findings, figures),
      classSection(findings, figures),
      seedsSection(findings, figures),
      rocSection(findings, figures),
      costSection(findings, figures),
      powerSection(findings),
      tableSection(findings),
      await generatorSection(outcome),
      dataSection(findings),
      limitsSection(outcome),
      methodsSection(findings),
    ],
    footer: html`Made by ganglion study. The same values in machine-readable form: results.json; for a paper: table.md, table.tex, table.csv, methods.md; the drawings and their numbers as SVG and CSV: ${figures.folder}.`,
    style: STUDY_STYLE,
  });
  return { page: rendered, figures: figures.files };
}

const sentence = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
