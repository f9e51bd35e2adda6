import type { Problem } from "../../core/errors.ts";
import { quoted } from "../../core/quoted.ts";
import type { Columns, RawImage, Sample } from "../types.ts";
import { type Component, connectedComponents } from "./components.ts";
import type { Box } from "./semantic-map.ts";

/** A part of a mask below this share of the image is a speck and gives no box, unless there are only specks. */
const SPECK = 0.005;

/** Parts of a square mask; specks are left out unless they are all there is. */
export function maskParts(mask: ArrayLike<number>, size: number): Component[] {
  const parts = connectedComponents(mask, size, size);
  const large = parts.filter(({ area }) => area >= SPECK * size * size);
  return large.length > 0 ? large : parts;
}

/** Boxes of {@link maskParts}, in shares of the mask. */
export function maskBoxes(mask: ArrayLike<number>, size: number): Box[] {
  return maskParts(mask, size).map(({ xMin, yMin, xMax, yMax }) => ({
    xMin: xMin / size,
    yMin: yMin / size,
    xMax: xMax / size,
    yMax: yMax / size,
  }));
}

/** A box in pixels, maximum exclusive, in shares of the centre square of its image (`cropSquare`); null outside of it. */
export function boxInSquare(box: Box, width: number, height: number): Box | null {
  const side = Math.min(width, height);
  const left = (width - side) >> 1;
  const top = (height - side) >> 1;
  const share = (value: number) => Math.min(1, Math.max(0, value / side));
  const inside = {
    xMin: share(box.xMin - left),
    yMin: share(box.yMin - top),
    xMax: share(box.xMax - left),
    yMax: share(box.yMax - top),
  };
  return inside.xMin < inside.xMax && inside.yMin < inside.yMax ? inside : null;
}

/** Numbers of a box cell, several separated by `;`; null where one is no number. */
function numbersOf(cell: string): number[] | null {
  if (cell.trim() === "") return [];
  const values = cell.split(";").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  return values.every(Number.isFinite) ? values : null;
}

/**
 * Reads four cells x_min, y_min, x_max, y_max, each with one number or several separated by `;`: so many boxes, in
 * pixels, maximum exclusive.
 * @param names Names of the four columns, for messages.
 * @param size What the boxes must lie in.
 * @returns Boxes in pixels, or what is wrong in words, one sentence a finding.
 */
export function parseBoxCells(
  cells: readonly string[],
  names: readonly string[],
  size: { readonly width: number; readonly height: number },
): { readonly boxes: readonly Box[]; readonly wrong: readonly { readonly code: string; readonly message: string }[] } {
  const wrong: { code: string; message: string }[] = [];
  const values = cells.map((cell, i) => {
    const numbers = numbersOf(cell);
    if (numbers === null) {
      const message = `${names[i]} is ${quoted(cell)}; give one number of pixels, or several separated by ";"`;
      wrong.push({ code: "box-number", message });
    }
    return numbers;
  });
  if (wrong.length > 0) return { boxes: [], wrong };
  const [lefts, tops, rights, bottoms] = values as number[][];
  const counts = values.map((numbers) => (numbers as number[]).length);
  if (new Set(counts).size > 1) {
    const message = `${names.join(", ")} hold ${counts.join(", ")} numbers; give one of each for every box`;
    return { boxes: [], wrong: [{ code: "box-count", message }] };
  }
  const boxes = lefts!.map((xMin, i): Box => ({ xMin, yMin: tops![i]!, xMax: rights![i]!, yMax: bottoms![i]! }));
  for (const { xMin, yMin, xMax, yMax } of boxes) {
    const shown = `box ${[xMin, yMin, xMax, yMax].join(", ")}`;
    if (xMin >= xMax || yMin >= yMax) {
      const message = `${shown} has no extent; ${names[0]} must be below ${names[2]} and ${names[1]} below ${names[3]}`;
      wrong.push({ code: "box-extent", message });
    } else if (xMin < 0 || yMin < 0 || xMax > size.width || yMax > size.height) {
      const message = `${shown} leaves the image of ${size.width} x ${size.height} pixels; move or cut the box`;
      wrong.push({ code: "box-outside", message });
    }
  }
  return { boxes: wrong.length > 0 ? [] : boxes, wrong };
}

/** Boxes that the box columns of a sample state, in shares of the centre square; null where its cells are empty. */
export function statedBoxes(
  sample: Sample,
  columns: Columns,
  { width, height }: Pick<RawImage, "width" | "height">,
  problems: Problem[],
): Box[] | null {
  const names = columns.box;
  if (names === undefined) return null;
  const cells = names.map((name) => sample.attributes[name] ?? "");
  if (cells.every((cell) => cell.trim() === "")) return null;
  const { boxes, wrong } = parseBoxCells(cells, names, { width, height });
  problems.push(...wrong.map((finding) => ({ ...finding, path: sample.fileName })));
  return boxes.flatMap((box) => boxInSquare(box, width, height) ?? []);
}
