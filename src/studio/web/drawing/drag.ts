import { changeShape, type Drawing, erased, nextId, painted, withMovedPaint, withShape } from "./drawing.ts";
import { MIN_EXTENT, moved, resizedTo, type ShapeKind, tidy, turnedTo } from "./shape.ts";

const TOOLS = ["select", "ellipse", "box", "paint", "erase"] as const;
export type Tool = (typeof TOOLS)[number];

/** A place in the image, in shares of its extent. */
export type Point = readonly [x: number, y: number];

/** What the pointer has taken hold of. */
export type Grip =
  | { readonly at: "shape"; readonly id: number }
  | { readonly at: "corner"; readonly id: number; readonly u: 1 | -1; readonly v: 1 | -1 }
  | { readonly at: "turn"; readonly id: number }
  | { readonly at: "paint" };

/** A movement of the pointer from its start: gives the drawing for each further place. */
export interface Drag {
  /** The shape that it changes, or null. */
  readonly id: number | null;
  to(point: Point): Drawing;
}

/** Moves, resizes or turns what is held. */
export function dragGrip(drawing: Drawing, size: number, grip: Grip, start: Point): Drag {
  const to = (point: Point): Drawing => {
    const [dx, dy] = [point[0] - start[0], point[1] - start[1]];
    if (grip.at === "paint") return withMovedPaint(drawing, size, Math.round(dx * size), Math.round(dy * size));
    return changeShape(drawing, grip.id, (shape) => {
      if (grip.at === "shape") return moved(shape, dx, dy);
      return grip.at === "turn" ? turnedTo(shape, ...point) : resizedTo(shape, grip.u, grip.v, ...point);
    });
  };
  return { id: grip.at === "paint" ? null : grip.id, to };
}

/** Draws a new shape from corner to corner; without a movement, one of a usual size around the place. */
export function dragNew(drawing: Drawing, kind: ShapeKind, start: Point): Drag {
  const id = nextId(drawing);
  const to = ([x, y]: Point): Drawing => {
    const [width, height] = [Math.abs(x - start[0]), Math.abs(y - start[1])];
    if (width < MIN_EXTENT && height < MIN_EXTENT) return withShape(drawing, kind, ...start);
    const shape = { id, kind, x: (x + start[0]) / 2, y: (y + start[1]) / 2, width, height, angle: 0 };
    return { ...drawing, shapes: [...drawing.shapes, tidy(shape)] };
  };
  return { id, to };
}

/** Paints or erases along the way of the pointer. */
export function dragBrush(drawing: Drawing, size: number, tool: "paint" | "erase", radius: number, start: Point): Drag {
  const apply = tool === "paint" ? painted : erased;
  let drawn = apply(drawing, size, [start], radius);
  let last = start;
  const to = (point: Point): Drawing => {
    drawn = apply(drawn, size, [last, point], radius);
    last = point;
    return drawn;
  };
  return { id: null, to };
}
