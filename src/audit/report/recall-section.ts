import { count } from "../../report/format.ts";
import { html } from "../../report/html.ts";
import type { Part } from "../../report/page.ts";
import type { AuditFile } from "../audit-file.ts";

/** What the search found of copies that the audit planted itself; null where an earlier version made the audit. */
export function recallSection({ recall }: AuditFile): Part | null {
  if (recall === undefined) return null;
  const content = html`<p>Altered copies of training images, drawn by chance, were searched in the same way as the synthetic images. A kind that was seldom found here would have been missed among the synthetic images too.</p>
<div class="scroll" tabindex="0" role="region" aria-label="Planted copies by kind"><table>
<thead><tr><th scope="col">Training images, altered</th><th scope="col">Planted</th><th scope="col">Found</th></tr></thead>
<tbody>${recall.map(
    ({ alteration, planted, found }) =>
      html`<tr><th scope="row">${alteration}</th><td>${count(planted)}</td><td>${count(found)}</td></tr>`,
  )}</tbody></table></div>`;
  return { id: "recall", title: "What this search finds", hint: "of planted copies, by kind", content };
}
