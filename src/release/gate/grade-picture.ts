import { join } from "node:path";
import { writeInside } from "../../core/inside-folder.ts";
import { encodePng, type RawImage } from "../../data/index.ts";
import type { RemadeGrade } from "../../evaluate/remake-grade.ts";

/** Smallest side of a shown image in pixels. */
const SHOWN = 96;
const GAP = 6;
const HEADING = 26;

/** One row of images with a heading, `top` pixels down. */
async function row(images: readonly RawImage[], title: string, side: number, top: number): Promise<string> {
  const shown = await Promise.all(
    images.map(async (image, k) => {
      const uri = `data:image/png;base64,${Buffer.from(await encodePng(image)).toString("base64")}`;
      const x = GAP + k * (side + GAP);
      return `<image x="${x}" y="${top + HEADING}" width="${side}" height="${side}" style="image-rendering: pixelated" href="${uri}"/>`;
    }),
  );
  return `<text x="${GAP}" y="${top + HEADING - 8}">${title}</text>${shown.join("")}`;
}

/** Real images above synthetic ones, drawn at random, as an SVG that a browser shows. */
async function picture({ real, synthetic, resolution }: RemadeGrade): Promise<string> {
  const side = Math.max(1, Math.ceil(SHOWN / resolution)) * resolution;
  const height = HEADING + side + GAP;
  const width = GAP + Math.max(real.length, synthetic.length) * (side + GAP);
  const rows = [await row(real, "Real images", side, 0), await row(synthetic, "Synthetic images", side, height)];
  const style = `<style>text { font: 16px sans-serif }</style><rect width="100%" height="100%" fill="#fff"/>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${2 * height}" width="${width}" height="${2 * height}" role="img" aria-label="Real images above synthetic ones">${style}${rows.join("")}</svg>\n`;
}

/** What shows why images are refused; it holds real images and stays inside. */
const PICTURE = "refused.svg";

/** Writes real and synthetic images side by side into a folder of evidence. @returns path of the picture */
export async function writeGradePicture(folder: string, remade: RemadeGrade): Promise<string> {
  await writeInside(folder, PICTURE, await picture(remade));
  return join(folder, PICTURE);
}
