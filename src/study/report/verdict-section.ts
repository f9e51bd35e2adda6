import { type Html, html } from "../../report/html.ts";
import type { Part } from "../../report/page.ts";
import type { Arm } from "../arms.ts";
import type { Comparison } from "../statistics/compare-arms.ts";
import type { StudyFindings } from "./study-findings.ts";
import { counted, coverage, distributionWords, fixed, metricWords, pWords, signed } from "./words.ts";

/** Number of an arm in tables and plots, counted from 1. */
export const armNumber = (arms: readonly Arm[], name: string): number => arms.findIndex((arm) => arm.name === name) + 1;

/** Head of a row: number and name, and whether it is the one to follow. */
export const armHead = (arms: readonly Arm[], name: string, recommended = false): Html =>
  html`<th scope="row"><span class="no">${armNumber(arms, name)}</span> ${name}${recommended ? html` <span class="tag">recommended</span>` : null}</th>`;

function differenceLine({ controlName, value, interval }: Comparison): Html {
  const span =
    interval === null ? null : html` <span class="interval">${signed(interval.low)} to ${signed(interval.high)}</span>`;
  return html`<span class="line">${signed(value)}${span} <span class="muted">to ${controlName}</span></span>`;
}

function verdictCell(findings: StudyFindings, testSet: string, arm: Arm): Html {
  const { primary } = findings.outcome.config;
  const found = findings.figures(testSet, arm.name, primary);
  if (found === null) return html`<td class="start">–</td>`;
  const judgement = findings.judgement(testSet, arm.name);
  const deviation = found.deviation === null ? null : html` <span class="muted">(${fixed(found.deviation)})</span>`;
  const mean = html`${fixed(found.mean)}${deviation}`;
  if (judgement === null) return html`<td class="start">${mean}</td>`;
  const { verdict, adjustedP, comparisons } = judgement;
  const colour = { "not shown": "", helps: "good", hurts: "bad" }[verdict];
  const p = comparisons.some(({ interval }) => interval === null)
    ? null
    : html` <span class="muted">p ${pWords(adjustedP)}</span>`;
  return html`<td class="start ${colour}"><span class="badge ${colour}">${verdict}</span> ${mean}${p}${comparisons.map(differenceLine)}</td>`;
}

/** Images that an arm is trained on, in few words. */
function sizeWords({ outcome: { sizes } }: StudyFindings, name: string): string {
  const size = sizes[name];
  if (size === undefined) return "–";
  const real = size.real === size.shown ? fixed(size.real, 0) : `${fixed(size.real, 0)} as ${fixed(size.shown, 0)}`;
  return `${real} + ${fixed(size.synthetic, 0)}`;
}

/** Arm by test set: helps, hurts or not shown, with the numbers that it stands on. */
export function verdictSection(findings: StudyFindings): Part {
  const { arms, config, testSets } = findings.outcome;
  const { primary, alpha, seeds } = config;
  const { answer, arm: recommended } = findings.recommendation;
  const heads = testSets.map(
    ({ name, distribution, n, patients }) =>
      html`<th scope="col" class="left start">${name}<br><span class="muted">${distributionWords(distribution)}, ${counted(n, "image")}, ${counted(patients, "patient")}</span></th>`,
  );
  const content = html`<p>By ${metricWords(primary)}, the mean over ${counted(seeds.length, "training")}${seeds.length > 1 ? " (standard deviation in parentheses)" : ""}. Each arm is compared with the controls that could otherwise explain a gain; the difference to each is given below the verdict, with its ${coverage(alpha)} interval. The p-value is the largest over the controls, after Holm over the arms of the test set. Numbers name the arms in the plots.</p>
<div class="scroll" tabindex="0" role="region" aria-label="Verdicts"><table class="matrix">
<thead><tr><th scope="col">Arm</th><th scope="col">Real + synthetic</th>${heads}</tr></thead>
<tbody>${arms.map(
    (arm) =>
      html`<tr>${armHead(arms, arm.name, answer === "use" && arm.name === recommended)}<td>${sizeWords(findings, arm.name)}</td>${testSets.map(({ name }) => verdictCell(findings, name, arm))}</tr>`,
  )}</tbody></table></div>`;
  return { id: "verdicts", title: "Verdicts", hint: "arm by test set", content };
}
