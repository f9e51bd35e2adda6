import { type Html, html } from "../../report/html.ts";
import type { Part } from "../../report/page.ts";
import { shownAs, strip, tilesOf } from "../../report/pictures.ts";
import type { StudyFindings } from "./study-findings.ts";
import type { StudyGenerator, StudyOutcome } from "./study-outcome.ts";
import { distributionWords } from "./words.ts";

const whole = (n: number): string => n.toLocaleString("en-US");

/** Images of each class at the head of the report. */
const HEAD_COLUMNS = 8;
/** Generators at the head of the report: the answer's reasons stand below them. */
const HEAD_GENERATORS = 4;

/** Images of each class by the first generators, for the head of the report; null where none was kept. */
export async function generatorStrip({ generators, classes }: StudyOutcome): Promise<Html | null> {
  const kept = generators.filter(({ samples }) => samples.length > 0);
  if (kept.length === 0) return null;
  const shown = kept.slice(0, HEAD_GENERATORS);
  const columns = Array.from({ length: HEAD_COLUMNS }, (_, k) => {
    const [name, round] = [classes[k % classes.length]!, Math.floor(k / classes.length)];
    const cells = shown.map((generator) => {
      const own = generator.samples.find((each) => each.class === name);
      return { label: generator.name, kind: "synthetic" as const, image: own?.images[round] ?? null };
    });
    return { title: name, cells };
  }).filter(({ cells }) => cells.some(({ image }) => image !== null));
  const size = shown[0]!.samples[0]!.images[0]!.width;
  const others =
    kept.length === shown.length
      ? null
      : html` ${shown.length} of ${kept.length} generators; the others are under <a href="#generators">Generators</a>.`;
  return html`${await strip(columns)}<p class="muted">Synthetic images: the first that each generator drew for an arm, not selected.${others} ${shownAs(size)}</p>`;
}

async function sample({ name, description, hash, samples }: StudyGenerator): Promise<Html> {
  const rows = await Promise.all(
    samples.map(async ({ class: own, images }) => {
      const tiles = await tilesOf(images, () => `synthetic image of class ${own}`);
      return html`<span class="kind">${own}</span>${tiles}`;
    }),
  );
  const none = rows.length === 0 ? html`<p class="muted">No images were kept for display.</p>` : null;
  return html`<h3>${name}</h3><p class="muted">${description}. SHA-256 <code>${hash.slice(0, 12)}</code></p>${none}${rows}`;
}

/** Samples of each generator; null where the study has none. */
export async function generatorSection({ generators }: StudyOutcome): Promise<Part | null> {
  if (generators.length === 0) return null;
  const content = html`<p>The first synthetic images that each drew for an arm, not selected.</p>${await Promise.all(generators.map(sample))}`;
  return { id: "generators", title: "Generators", hint: String(generators.length), content };
}

/** Real images and test images, class by class. */
export function dataSection({ outcome }: StudyFindings): Part {
  const { classes, data, validation, testSets } = outcome;
  const row = (role: string, name: string, n: number, patients: string, counts: readonly number[], hash: string) =>
    html`<tr><th scope="row">${role}</th><td class="left">${name}</td><td>${whole(n)}</td><td>${patients}</td>${classes.map((_, c) => html`<td>${counts[c]! > 0 ? whole(counts[c]!) : "–"}</td>`)}<td><code title="${hash}">${hash.slice(0, 12)}</code></td></tr>`;
  const content = html`<p>${whole(validation)} of the real images are used for early stopping and not for training. This file contains no real image of a person, only images drawn by generators.</p>
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
  )}</tbody></table></div>`;
  return { id: "data", title: "Data", hint: `${whole(data.n)} real images`, content };
}
