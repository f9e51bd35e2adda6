import { type Box, TONE_NAMES } from "../../data/maps/semantic-map.ts";
import type { Dataset, Sample } from "../../data/types.ts";

/** Tone that the dataset states of an image, 1 to 6, written as such a number or I to VI; null for none or another value. */
export function toneOf({ columns }: Dataset, { attributes }: Sample): number | null {
  const cell = columns.tone === undefined ? "" : (attributes[columns.tone] ?? "").trim().toUpperCase();
  if (/^[1-6](\.0+)?$/.test(cell)) return Number.parseInt(cell, 10);
  const at = (TONE_NAMES as readonly string[]).indexOf(cell);
  return at < 0 ? null : at + 1;
}

/**
 * Boxes that the dataset states of an image, in shares of its size; several are separated by `;` in each of the four columns.
 * Boxes that are not of the image are left out: `inspect` is where they are reported.
 */
export function boxesOf(
  { columns }: Dataset,
  { attributes }: Sample,
  size: { readonly width: number; readonly height: number } | null,
): Box[] {
  if (columns.box === undefined || size === null) return [];
  const cells = columns.box.map((name) => (attributes[name] ?? "").split(";").map((cell) => cell.trim()));
  const [left, top, right, bottom] = cells;
  const boxes: Box[] = [];
  for (const [i, cell] of left.entries()) {
    const numbers = [cell, top[i], right[i], bottom[i]].map((text) => (text ? Number(text) : Number.NaN));
    const [xMin, xMax] = [numbers[0] / size.width, numbers[2] / size.width];
    const [yMin, yMax] = [numbers[1] / size.height, numbers[3] / size.height];
    if (xMin >= 0 && xMin < xMax && xMax <= 1 && yMin >= 0 && yMin < yMax && yMax <= 1) {
      boxes.push({ xMin, yMin, xMax, yMax });
    }
  }
  return boxes;
}
