import { encodePng, type RawImage, resizeSquare } from "../data/index.ts";
import { montage } from "../data/montage.ts";
import { type Html, html } from "./html.ts";

/** Larger images are shown at this size, in pixels. */
const MAX_SHOWN = 128;

/** One picture of several images as an `img` with a data URI; small images keep their pixels when enlarged. */
export async function pictureOf(list: readonly RawImage[], columns: number, alt: string): Promise<Html> {
  const shown = await Promise.all(list.map((image) => resizeSquare(image, Math.min(image.width, MAX_SHOWN))));
  const sheet = montage(shown, columns, { gap: Math.max(1, Math.round(shown[0]!.width / 32)) });
  const uri = `data:image/png;base64,${Buffer.from(await encodePng(sheet)).toString("base64")}`;
  const kind = list[0]!.width <= 64 ? "pixels" : "smooth";
  return html`<img class="${kind}" src="${uri}" width="${sheet.width}" height="${sheet.height}" alt="${alt}">`;
}
