import type { RawImage } from "../data/types.ts";
import { count } from "../report/format.ts";
import { html } from "../report/html.ts";
import { page } from "../report/page.ts";
import { shownAs, tilesOf } from "../report/pictures.ts";

/** Page of a synthetic set that shows some images of each class; no reader of images takes it for one. */
export const CONTACT_SHEET = "contact-sheet.html";

/** Images of each class. */
const SHOWN = 16;

/** Keeps the first images of each class while a set is written, and lays them out. */
export class ContactSheet {
  readonly #rows = new Map<string, RawImage[]>();
  #images = 0;

  add(label: string, image: RawImage): void {
    this.#images++;
    const row = this.#rows.get(label) ?? [];
    if (row.length < SHOWN) row.push(image);
    this.#rows.set(label, row);
  }

  /** One HTML file without scripts: a row of images a class. @param how The images were drawn, as a sentence. */
  async *page(how: string): AsyncGenerator<string> {
    const rows = [...this.#rows].map(async ([label, images]) => {
      const tiles = await tilesOf(images, () => `synthetic image of class ${label}`);
      return html`<h2>${label}</h2>${tiles}`;
    });
    const size = [...this.#rows.values()][0]?.[0]?.width ?? 0;
    const n = this.#rows.size;
    yield page({
      title: "Synthetic images: contact sheet",
      answer: `${count(this.#images)} synthetic images of ${n === 1 ? "one class" : `${count(n)} classes`}`,
      picture: html`<p class="muted">The first images of each class, in the order in which they were drawn, not selected by eye. ${shownAs(size)}</p>${await Promise.all(rows)}`,
      reasons: [],
      notes: [how],
      parts: [],
      footer: "Made by ganglion generate. How close the images are to real ones: ganglion evaluate.",
    });
  }
}
