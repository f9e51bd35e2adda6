import { encodePng, type RawImage, resizeSquare } from "../../data/index.ts";
import { montage } from "../../data/montage.ts";
import type { ImageSource } from "../features/extractor.ts";
import { type Html, html } from "./html.ts";

/** Larger images are shown at this size, in pixels. */
const MOST_SHOWN = 128;

/** Reads images as `HWC`. */
export function readImages(source: ImageSource, indices: readonly number[]): RawImage[] {
  const { resolution, channels } = source;
  const area = resolution * resolution;
  const planes = new Uint8Array(indices.length * channels * area);
  source.readInto(indices, planes);
  return indices.map((_, k) => {
    const data = new Uint8Array(channels * area);
    for (let c = 0; c < channels; c++) {
      const from = (k * channels + c) * area;
      for (let i = 0; i < area; i++) data[i * channels + c] = planes[from + i];
    }
    return { width: resolution, height: resolution, channels, data };
  });
}

/** One picture of several images as an `img` with a data URI; small images keep their pixels when enlarged. */
export async function pictureOf(list: readonly RawImage[], columns: number, alt: string): Promise<Html> {
  const shown = await Promise.all(list.map((image) => resizeSquare(image, Math.min(image.width, MOST_SHOWN))));
  const sheet = montage(shown, columns, { gap: Math.max(1, Math.round(shown[0].width / 32)) });
  const uri = `data:image/png;base64,${Buffer.from(await encodePng(sheet)).toString("base64")}`;
  const kind = list[0].width <= 64 ? "pixels" : "smooth";
  return html`<img class="${kind}" src="${uri}" width="${sheet.width}" height="${sheet.height}" alt="${alt}">`;
}
