import { html } from "../../report/html.ts";
import type { Part } from "../../report/page.ts";
import { FOUND_BEFORE, limitsOf } from "./limits.ts";
import { methodsParts, methodsReferences } from "./methods.ts";
import type { StudyFindings } from "./study-findings.ts";
import type { StudyOutcome } from "./study-outcome.ts";

/** What the numbers do not say. */
export function limitsSection(outcome: StudyOutcome): Part {
  const content = html`<ul class="list">${limitsOf(outcome).map((sentence) => html`<li>${sentence}</li>`)}</ul>${
    outcome.notes.length === 0
      ? null
      : html`<h3>Notes</h3><ul class="list">${outcome.notes.map((note) => html`<li>${note}</li>`)}</ul>`
  }${outcome.arms.some(({ synthetic }) => synthetic !== null) ? html`<h3>Earlier results</h3><ul class="list">${FOUND_BEFORE.map((sentence) => html`<li>${sentence}</li>`)}</ul>` : null}`;
  return { id: "limits", title: "What the numbers do not cover", content };
}

/** The methods, ready to be pasted into a paper. */
export function methodsSection({ outcome }: StudyFindings): Part {
  const parts = methodsParts(outcome);
  const content = html`<p class="muted">Ready to be pasted into a paper; the same text is in methods.md.</p>
<div class="prose">${parts.map(({ title, text }) => html`<p><b>${title}.</b> ${text}</p>`)}</div>
<h3>References</h3><ul class="list">${methodsReferences(parts).map((reference) => html`<li>${reference}</li>`)}</ul>`;
  return { id: "methods", title: "Methods", hint: "ready to be pasted into a paper", content };
}
