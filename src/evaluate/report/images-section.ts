import { Rng } from "../../core/rng.ts";
import type { LabelledSet } from "../../features/labelled-set.ts";
import { readImages } from "../../features/raw-images.ts";
import { images as imagesText } from "../../report/format.ts";
import { type Html, html } from "../../report/html.ts";
import { pictureOf } from "../../report/pictures.ts";
import type { ReportInput } from "./report-input.ts";

const SHOWN = 12;
const COLUMNS = 4;

/** Whole rows only: an empty cell would look like an image. */
const shownOf = (n: number): number => Math.min(SHOWN, n < COLUMNS ? n : n - (n % COLUMNS));

/** Some images of a class, drawn with the seed, in a grid with a caption. */
export async function imageSheet(
  set: LabelledSet,
  c: number,
  kind: "real" | "synthetic",
  name: string,
  seed: number,
): Promise<Html> {
  const members = [...set.labels.keys()].filter((i) => set.labels[i] === c);
  const chosen = new Rng(seed, "shown", kind, c).shuffle(members).slice(0, shownOf(members.length));
  if (chosen.length === 0) return html`<figure class="${kind}"><p class="muted">No ${kind} images.</p></figure>`;
  const alt = `${chosen.length} ${kind} images${name === "" ? "" : ` of class ${name}`}`;
  const picture = await pictureOf(readImages(set.store, chosen), COLUMNS, alt);
  return html`<figure class="${kind}">${picture}<figcaption>${kind}, ${chosen.length} of ${imagesText(members.length)}</figcaption></figure>`;
}

/** Real and synthetic images of each class side by side. */
export async function imagesSection({ sets, metrics }: ReportInput): Promise<Html> {
  const { seed } = metrics.protocol;
  const cards: Html[] = [];
  for (const [c, name] of sets.classes.entries()) {
    const real = await imageSheet(sets.real, c, "real", name, seed);
    const synthetic = await imageSheet(sets.synthetic, c, "synthetic", name, seed);
    cards.push(
      html`<div class="card"><h3 style="margin-top:0">${name || "all images"}</h3><div class="pair">${real}${synthetic}</div></div>`,
    );
  }
  return html`<section id="images"><h2>Real and synthetic, side by side</h2>
<p>Drawn at random with the seed, not selected.</p>
<div class="cards">${cards}</div></section>`;
}
