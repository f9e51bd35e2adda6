import { type Html, html } from "../../report/html.ts";
import type { StudyFindings } from "./study-findings.ts";
import type { StudyGenerator, StudyOutcome } from "./study-outcome.ts";
import { distributionWords, listed } from "./words.ts";

const whole = (n: number): string => n.toLocaleString("en-US");

function sample({ name, description, hash, grid }: StudyGenerator, classes: readonly string[]): Html {
  const uri = grid === null ? null : `data:image/png;base64,${Buffer.from(grid).toString("base64")}`;
  const rows = `rows: ${listed(classes)}`;
  const picture =
    uri === null
      ? html`<p class="muted">No images were kept for display.</p>`
      : html`<img src="${uri}" alt="Synthetic images of ${name}; ${rows}"><p class="muted">The first synthetic images that it drew for an arm, not selected; ${rows}; a class with few images has no row.</p>`;
  return html`<div class="card sample"><h3 style="margin-top:0">${name}</h3>${picture}<p class="muted">${description}. SHA-256 <code>${hash.slice(0, 12)}</code></p></div>`;
}

/** Samples of each generator; null where the study has none. */
export function generatorSection({ generators, classes }: StudyOutcome): Html | null {
  if (generators.length === 0) return null;
  return html`<section id="generators"><h2>Generators</h2>
<div class="cards">${generators.map((generator) => sample(generator, classes))}</div></section>`;
}

/** Real images and test images, class by class. */
export function dataSection({ outcome }: StudyFindings): Html {
  const { classes, data, validation, testSets } = outcome;
  const row = (role: string, name: string, n: number, patients: string, counts: readonly number[], hash: string) =>
    html`<tr><th scope="row">${role}</th><td class="left">${name}</td><td>${whole(n)}</td><td>${patients}</td>${classes.map((_, c) => html`<td>${counts[c]! > 0 ? whole(counts[c]!) : "–"}</td>`)}<td><code title="${hash}">${hash.slice(0, 12)}</code></td></tr>`;
  return html`<section id="data"><h2>Data</h2>
<p>${whole(validation)} of the real images are used for early stopping and not for training. This file contains no real image of a person, only images drawn by generators.</p>
<div class="scroll" tabindex="0" role="region" aria-label="Data"><table>
<thead><tr><th scope="col">Role</th><th scope="col" class="left">Dataset</th><th scope="col">Images</th><th scope="col">Patients</th>${classes.map((name) => html`<th scope="col">${name}</th>`)}<th scope="col">SHA-256</th></tr></thead>
<tbody>${row("Training", data.name, data.n, "", data.perClass, data.hash)}${testSets.map((set) =>
    row(
      `Test: ${set.name} (${distributionWords(set.distribution)})`,
      set.dataset,
      set.n,
      whole(set.patients),
      set.perClass,
      set.hash,
    ),
  )}</tbody></table></div></section>`;
}
