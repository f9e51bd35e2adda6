import { count } from "../../report/format.ts";
import { type Html, html } from "../../report/html.ts";
import type { Part } from "../../report/page.ts";
import type { AuditFile } from "../audit-file.ts";
import { scopeWords, severityBadge, toneOf } from "./words.ts";

/** How many tests were made, and how many raised an alarm. */
function testsSentence({ tests }: AuditFile): string {
  const made = tests.filter((test) => test.severity !== null).length;
  const alarms = tests.filter((test) => test.severity === "critical" || test.severity === "warning").length;
  return `${count(made)} of ${count(tests.length)} tests were made, ${alarms === 0 ? "none" : count(alarms)} raised an alarm.`;
}

/** Why the answer is what it is, most severe first: objections and findings, then how much was tested. */
export function reasonsOf(audit: AuditFile): (Html | string)[] {
  const { findings, objections, train, holdout, synthetic, run } = audit;
  const compared = `${count(synthetic.n)} synthetic images were compared with the ${count(train.n)} images the generator was trained on and ${count(holdout.n)} of the same kind that it never saw.`;
  return [
    ...findings.map(
      ({ severity, title, text }) => html`<b class="title">${severityBadge(severity)} ${title}</b> ${text}`,
    ),
    ...(objections ?? []).map(({ message }) => message),
    testsSentence(audit),
    compared,
    run === null
      ? "No run was named, so nothing ties the training set to the generator."
      : "Each test finds only its kind of leak; its limits are given with it below.",
  ];
}

/** All findings, most severe first. */
export function findingsSection(audit: AuditFile): Part {
  const { findings, objections } = audit;
  const content = html`<p>${testsSentence(audit)} Most severe first.</p>
${(objections ?? []).map(({ message }) => html`<p>${message}</p>`)}${
  findings.length === 0
    ? objections?.length
      ? html`<p>With such sets a leak may be missed.</p>`
      : html`<p>No test found a leak. Each test finds only its kind of leak; its limits are given with it below.</p>`
    : html`<ol class="findings">${findings.map(
        (finding) =>
          html`<li class="${toneOf(finding.severity)}">${severityBadge(finding.severity)}<h3>${finding.title}</h3><p>${finding.text}</p><p class="muted">Test ${finding.test}, ${scopeWords(finding.scope)}.</p></li>`,
      )}</ol>`
}`;
  return { id: "findings", title: "Findings", hint: findings.length === 0 ? "none" : String(findings.length), content };
}
