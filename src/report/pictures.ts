import { encodePng, type RawImage, resizeSquare } from "../data/index.ts";
import { type Html, html } from "./html.ts";

/** Larger images are shown at this size, in pixels. */
const MAX_SHOWN = 160;
/** Images up to this size are enlarged pixel by pixel. */
const PIXELS = 64;

/** How images of a size are shown, as a sentence. */
export const shownAs = (size: number): string =>
  size <= PIXELS
    ? `Images of ${size} × ${size} px, each pixel enlarged (nearest neighbour).`
    : size > MAX_SHOWN
      ? `Images of ${size} × ${size} px, shown at ${MAX_SHOWN} px.`
      : `Images of ${size} × ${size} px.`;

/** An image as an `img` with a data URI, at least 96 CSS pixels wide where the style sheet places it. */
async function imageOf(image: RawImage, alt: string): Promise<Html> {
  const shown = await resizeSquare(image, Math.min(image.width, MAX_SHOWN));
  const uri = `data:image/png;base64,${Buffer.from(await encodePng(shown)).toString("base64")}`;
  const kind = shown.width <= PIXELS ? "pixels" : "smooth";
  return html`<img class="${kind}" src="${uri}" width="${shown.width}" height="${shown.height}" alt="${alt}">`;
}

/** Some images side by side: in so many columns, else as many in a row as there is room for, of usual or of large size. */
export async function tilesOf(
  list: readonly RawImage[],
  alt: (i: number) => string,
  layout: number | "usual" | "large" = "usual",
): Promise<Html> {
  const shown = await Promise.all(list.map((image, i) => imageOf(image, alt(i))));
  const grid = typeof layout === "number" ? `grid-template-columns: repeat(${layout}, minmax(0, 1fr))` : "";
  return html`<div class="tiles ${layout === "large" ? "large" : ""}" style="${grid}">${shown}</div>`;
}

/** An image of a strip; null for one that is not there. */
interface StripCell {
  readonly label: string;
  readonly kind: "real" | "synthetic";
  readonly image: RawImage | null;
}

/** Images of one class below each other. */
export interface StripColumn {
  readonly title: string;
  readonly cells: readonly StripCell[];
}

/** Classes side by side, each with an image of every set. */
export async function strip(columns: readonly StripColumn[]): Promise<Html> {
  const items = columns.map(async ({ title, cells }) => {
    const shown = cells.map(async ({ label, kind, image }) => {
      const alt = `${label} image${title === "" ? "" : ` of class ${title}`}`;
      const picture = image === null ? html`<div class="missing">no image</div>` : await imageOf(image, alt);
      return html`${picture}<span class="kind ${kind}">${label}</span>`;
    });
    return html`<li>${title === "" ? null : html`<p class="class">${title}</p>`}${await Promise.all(shown)}</li>`;
  });
  return html`<ul class="strip">${await Promise.all(items)}</ul>`;
}
