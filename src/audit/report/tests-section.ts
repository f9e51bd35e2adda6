import { count } from "../../report/format.ts";
import { type Html, html } from "../../report/html.ts";
import type { Part } from "../../report/page.ts";
import type { AuditTest } from "../audit-file.ts";
import type { AuditFindings } from "../audit-findings.ts";
import { scopeWords, severityBadge, spanned } from "./words.ts";

/** The figures that there are; too few images for a rate leave it out. */
const figures = (list: AuditTest["figures"]): Html[] =>
  Object.entries(list).flatMap(([name, value]) =>
    value === null ? [] : html`<div class="figure"><span class="muted">${name}</span> ${spanned(value)}</div>`,
  );

/** A test without a single figure: what it lacks is said once below the table. */
const isEmpty = ({ figures: found, control, severity }: AuditTest): boolean =>
  severity === null && [...Object.values(found), ...Object.values(control ?? {})].every((value) => value === null);

function table(title: string, list: readonly AuditTest[]): Html {
  const shown = list.filter((test) => !isEmpty(test));
  const empty = list.filter(isEmpty);
  const hasControl = shown.some(({ control }) => control !== null);
  const why = [...new Set(empty.map(({ reason }) => reason ?? "too few images"))].join("; ");
  const left =
    empty.length === 0
      ? null
      : html`<p class="muted">Not made: ${empty.map(({ id, scope }) => `${id} (${scopeWords(scope)})`).join(", ")}: ${why}.</p>`;
  if (shown.length === 0) return html`${left}`;
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${title}"><table>
<thead><tr><th scope="col">Test</th><th scope="col" class="left">About</th><th scope="col">n</th><th scope="col" class="left">Measured (95 % interval)</th>${hasControl ? html`<th scope="col" class="left">Control</th>` : null}<th scope="col" class="left">Result</th></tr></thead>
<tbody>${shown.map(
    (test) =>
      html`<tr><th scope="row"><code>${test.id}</code></th><td class="left">${scopeWords(test.scope)}</td><td>${count(test.n)}</td><td class="left">${figures(test.figures)}</td>${hasControl ? html`<td class="left">${test.control === null ? "–" : figures(test.control)}</td>` : null}<td class="left">${severityBadge(test.severity)}${test.made === false && test.severity !== null ? severityBadge(null) : null}</td></tr>`,
  )}</tbody></table></div>${left}`;
}

/** Every test with what an attacker needs for it and what it cannot find. */
export function testsSection({ rated }: AuditFindings): Part {
  const sections = new Map<string, AuditTest[]>();
  for (const { test, kind } of rated) sections.set(kind.section, [...(sections.get(kind.section) ?? []), test]);
  const tables = [...sections].map(([title, list]) => {
    const notes = [...new Map(list.map((test) => [`${test.needs}${test.limits}`, test])).values()];
    return html`<h3>${title}</h3>
${table(title, list)}
<dl>${notes.map((test) => html`<dt>${test.title}</dt><dd>An attacker needs: ${test.needs}<br>Limits: ${test.limits}</dd>`)}</dl>`;
  });
  const content = html`<p>Each test with what an attacker needs for it and what it cannot find. The control of membership attacks is the same attack on members against members: where the control succeeds too, the attack proves nothing.</p>${tables}`;
  return { id: "tests", title: "All tests", hint: String(rated.length), content };
}
