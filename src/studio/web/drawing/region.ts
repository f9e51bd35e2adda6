import { type Box, fillBoxes, type MapKind } from "../../../data/maps/semantic-map.ts";
import type { Paint } from "./paint.ts";
import { boundsOf, contains, type Shape } from "./shape.ts";

/** Writes 255 to the pixels of `region` [size * size] whose centre lies inside the shape. */
export function rasterise(region: Uint8Array, size: number, shape: Shape): void {
  const { xMin, yMin, xMax, yMax } = boundsOf(shape);
  const [left, right] = [Math.max(0, Math.floor(xMin * size)), Math.min(size, Math.ceil(xMax * size))];
  const [top, bottom] = [Math.max(0, Math.floor(yMin * size)), Math.min(size, Math.ceil(yMax * size))];
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) {
      if (contains(shape, (x + 0.5) / size, (y + 0.5) / size)) region[y * size + x] = 255;
    }
  }
}

/** Boxes around the connected parts (8 neighbours) of a region, in shares of the image, from top to bottom. */
export function partBoxes(region: ArrayLike<number>, size: number): Box[] {
  const seen = new Uint8Array(size * size);
  const boxes: Box[] = [];
  for (let start = 0; start < seen.length; start++) {
    if (region[start] === 0 || seen[start] !== 0) continue;
    let [left, right, top, bottom] = [size, 0, size, 0];
    const open = [start];
    seen[start] = 1;
    while (open.length > 0) {
      const at = open.pop()!;
      const [x, y] = [at % size, Math.floor(at / size)];
      left = Math.min(left, x);
      right = Math.max(right, x + 1);
      top = Math.min(top, y);
      bottom = Math.max(bottom, y + 1);
      for (let ny = Math.max(0, y - 1); ny <= Math.min(size - 1, y + 1); ny++) {
        for (let nx = Math.max(0, x - 1); nx <= Math.min(size - 1, x + 1); nx++) {
          const next = ny * size + nx;
          if (region[next] === 0 || seen[next] !== 0) continue;
          seen[next] = 1;
          open.push(next);
        }
      }
    }
    boxes.push({ xMin: left / size, yMin: top / size, xMax: right / size, yMax: bottom / size });
  }
  return boxes;
}

/** Box with its sides on pixel edges, or null where no pixel is left of it. */
function onPixels(box: Box, size: number): Box | null {
  const snap = (share: number) => Math.round(share * size) / size;
  const [xMin, yMin, xMax, yMax] = [snap(box.xMin), snap(box.yMin), snap(box.xMax), snap(box.yMax)];
  return xMin < xMax && yMin < yMax ? { xMin, yMin, xMax, yMax } : null;
}

/** What the generator is asked to fill, and the boxes that say so in a file of maps. */
export interface Region {
  /** uint8 [size * size], 255 inside. */
  readonly pixels: Uint8Array;
  readonly boxes: readonly Box[];
}

/**
 * The region of shapes and paint. A generator of boxes was never shown another outline, so for it each shape and each
 * connected part of the paint becomes the upright box around it; a generator of masks gets the outlines themselves.
 */
export function regionOf(kind: MapKind, size: number, shapes: readonly Shape[], paint: Paint): Region {
  const pixels = new Uint8Array(size * size);
  if (kind === "box") {
    const boxes = [...shapes.map((shape) => onPixels(boundsOf(shape), size)), ...partBoxes(paint, size)];
    const kept = boxes.filter((box) => box !== null);
    fillBoxes(pixels, size, kept);
    return { pixels, boxes: kept };
  }
  pixels.set(paint);
  for (const shape of shapes) rasterise(pixels, size, shape);
  return { pixels, boxes: partBoxes(pixels, size) };
}
