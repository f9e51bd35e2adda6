import type { Problem } from "../../core/errors.ts";
import { type Component, connectedComponents } from "../maps/components.ts";
import { parseBoxCells } from "../maps/lesion-boxes.ts";
import type { Box } from "../maps/semantic-map.ts";
import type { Columns, RawImage, Sample } from "../types.ts";

/** One object of an image: its box in pixels, maximum exclusive, and its region where there is a mask. */
export interface ExportObject {
  readonly box: Box;
  /** Null where only the box is known. */
  readonly region: Component | null;
}

/** An image as annotation files name it. */
export interface ExportImage {
  /** Name of its file, `000001.png`. */
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly label: string;
  readonly split: string;
  readonly objects: readonly ExportObject[];
}

const boxOf = ({ xMin, yMin, xMax, yMax }: Component): Box => ({ xMin, yMin, xMax, yMax });

/** The part of a mask within a box, no longer of the rest; null where there is none. */
function cutOut(left: Uint8Array, width: number, height: number, box: Box): Component | null {
  const pixels: number[] = [];
  const [from, to] = [Math.max(0, Math.floor(box.yMin)), Math.min(height, Math.ceil(box.yMax))];
  for (let y = from; y < to; y++) {
    for (let x = Math.max(0, Math.floor(box.xMin)); x < Math.min(width, Math.ceil(box.xMax)); x++) {
      if (left[y * width + x] === 0) continue;
      left[y * width + x] = 0;
      pixels.push(y * width + x);
    }
  }
  if (pixels.length === 0) return null;
  return { ...box, area: pixels.length, pixels: Int32Array.from(pixels) };
}

/**
 * Objects of an image: each box with the part of the mask within it, and the parts of the mask outside of all boxes.
 * @param problems Boxes that cannot be read are added.
 */
export function objectsOf(
  { attributes, fileName }: Sample,
  { box: names }: Columns,
  { width, height }: RawImage,
  mask: RawImage | null,
  problems: Problem[],
): ExportObject[] {
  const cells = names?.map((name) => attributes[name] ?? "") ?? [];
  const stated =
    names === undefined || cells.every((cell) => cell.trim() === "")
      ? { boxes: [], wrong: [] }
      : parseBoxCells(cells, names, { width, height });
  problems.push(...stated.wrong.map((finding) => ({ ...finding, path: fileName })));
  if (mask === null) return stated.boxes.map((box) => ({ box, region: null }));
  const left = Uint8Array.from(mask.data);
  const boxed = stated.boxes.map((box): ExportObject => ({ box, region: cutOut(left, width, height, box) }));
  const rest = connectedComponents(left, width, height).map((region) => ({
    box: boxOf(region),
    region: { ...region, pixels: region.pixels.slice() },
  }));
  return [...boxed, ...rest];
}
