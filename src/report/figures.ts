import { writeInside } from "../core/inside-folder.ts";
import { formatSheetRow } from "../data/index.ts";
import { NARROW } from "./charts.ts";
import { type Html, html } from "./html.ts";
import { svgFile } from "./palette.ts";

/** Folder of the figures' files, beside the report. */
const FIGURES = "figures";

/** Cell of a figure's table. */
type Cell = string | number | null | undefined;

/** A drawing with the numbers that it shows. */
export interface Figure {
  /** Words that name its files: `fid encoder` => `fid-encoder.svg`. */
  readonly name: string;
  readonly title: string;
  /** A few words beside the title. Defaults to none. */
  readonly note?: Html | string;
  /** What stands below the drawing. Defaults to nothing. */
  readonly below?: Html | string;
  /** Width in CSS pixels where there is room. Defaults to {@link NARROW}. */
  readonly width?: number;
  /** Draws at a width in CSS pixels. */
  draw(width: number): Html;
  /** The numbers: names of columns, then rows. */
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

/** Letters, digits and hyphens. */
const slug = (text: string): string =>
  text
    .normalize("NFKD")
    .replace(/[^A-Za-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .toLowerCase()
    .slice(0, 80) || "figure";

/** Figures of one report: each is shown in the page, and written as SVG and as CSV beside it. */
export class Figures {
  readonly #files = new Map<string, string>();
  readonly #folder: string;

  /** @param folder Of the files, as the page names it. Defaults to {@link FIGURES}. */
  constructor(folder = FIGURES) {
    this.#folder = folder;
  }

  /** Files by path below the report's folder. */
  get files(): ReadonlyMap<string, string> {
    return this.#files;
  }

  /** Folder of the files, as the page names it. */
  get folder(): string {
    return this.#folder;
  }

  /** Shows a figure; a second one of the same name gets a number. */
  show({ name, title, note = "", below = "", width = NARROW, draw, columns, rows }: Figure): Html {
    let path = `${this.#folder}/${slug(name)}`;
    for (let n = 2; this.#files.has(`${path}.svg`); n++) path = `${this.#folder}/${slug(name)}-${n}`;
    const whole = draw(width);
    this.#files.set(`${path}.svg`, svgFile(whole.html));
    this.#files.set(
      `${path}.csv`,
      [columns, ...rows].map((row) => formatSheetRow(row.map((cell) => cell ?? ""))).join(""),
    );
    const drawings =
      width === NARROW ? whole : html`<div class="on-phone">${draw(NARROW)}</div><div class="on-desk">${whole}</div>`;
    return html`<figure class="chart"><figcaption class="title">${title}${note === "" ? null : html` <span class="muted">${note}</span>`}</figcaption>${drawings}${below === "" ? null : html`<p class="below">${below}</p>`}<p class="files"><a href="${path}.svg" aria-label="${title}: SVG">SVG</a> <a href="${path}.csv" aria-label="${title}: CSV">CSV</a></p></figure>`;
  }
}

/** A page with the files of its figures. */
export interface Report {
  readonly page: string;
  readonly figures: ReadonlyMap<string, string>;
}

/** Writes the figures of a page, then the page. @throws GanglionError `files` */
export async function writeReport(out: string, name: string, { page, figures }: Report): Promise<void> {
  for (const [path, content] of figures) await writeInside(out, path, content);
  await writeInside(out, name, page);
}
