import { toneColumn } from "../../data/maps/image-map.ts";
import { parseBoxCells } from "../../data/maps/lesion-boxes.ts";
import type { Box, Tone } from "../../data/maps/semantic-map.ts";
import { parseTone } from "../../data/maps/tone-name.ts";
import type { Dataset, Sample } from "../../data/types.ts";

/** Tone that the dataset states of an image; null for none, and for a value that is no Fitzpatrick type. */
export function toneOf(dataset: Dataset, { attributes }: Sample): Tone | null {
  const column = toneColumn(dataset);
  return column === undefined ? null : parseTone(attributes[column] ?? "");
}

/**
 * Boxes that the dataset states of an image, in shares of its size. None where one of them is not of the image: `inspect` is
 * where that is reported.
 */
export function boxesOf(
  { columns }: Dataset,
  { attributes }: Sample,
  size: { readonly width: number; readonly height: number } | null,
): Box[] {
  if (columns.box === undefined || size === null) return [];
  const cells = columns.box.map((name) => attributes[name] ?? "");
  return parseBoxCells(cells, columns.box, size).boxes.map(({ xMin, yMin, xMax, yMax }) => ({
    xMin: xMin / size.width,
    yMin: yMin / size.height,
    xMax: xMax / size.width,
    yMax: yMax / size.height,
  }));
}
