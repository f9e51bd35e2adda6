import { isEmpty, movedPaint, type Paint, stroke } from "./paint.ts";
import { rasterise } from "./region.ts";
import { type Shape, type ShapeKind, tidy } from "./shape.ts";

/** All that a person can set on the draw page. Never changed in place, so that states can be kept. */
export interface Drawing {
  readonly shapes: readonly Shape[];
  readonly paint: Paint;
  /** Class index. */
  readonly condition: number;
  /** 1 to 6. */
  readonly tone: number;
  readonly seed: number;
}

/** One lesion in the middle, of a usual size. */
export function newDrawing(size: number): Drawing {
  const shape: Shape = { id: 1, kind: "ellipse", x: 0.5, y: 0.5, width: 0.46, height: 0.38, angle: 0 };
  return { shapes: [shape], paint: new Uint8Array(size * size), condition: 0, tone: 2, seed: 1 };
}

export const nextId = (drawing: Drawing): number => Math.max(0, ...drawing.shapes.map(({ id }) => id)) + 1;

/** The drawing with one more shape, in the middle or at a place. */
export function withShape(drawing: Drawing, kind: ShapeKind, x = 0.5, y = 0.5): Drawing {
  const shape = tidy({ id: nextId(drawing), kind, x, y, width: 0.3, height: 0.26, angle: 0 });
  return { ...drawing, shapes: [...drawing.shapes, shape] };
}

export const withoutShape = (drawing: Drawing, id: number): Drawing => ({
  ...drawing,
  shapes: drawing.shapes.filter((shape) => shape.id !== id),
});

export const changeShape = (drawing: Drawing, id: number, change: (shape: Shape) => Shape): Drawing => ({
  ...drawing,
  shapes: drawing.shapes.map((shape) => (shape.id === id ? change(shape) : shape)),
});

/** The drawing after a stroke of the brush. */
export function painted(
  drawing: Drawing,
  size: number,
  points: readonly (readonly [number, number])[],
  radius: number,
): Drawing {
  return { ...drawing, paint: stroke(drawing.paint, size, points, radius, 255) };
}

/** The drawing after a stroke of the eraser: shapes that it touches become paint first, so that a part of them can go. */
export function erased(
  drawing: Drawing,
  size: number,
  points: readonly (readonly [number, number])[],
  radius: number,
): Drawing {
  const rubber = stroke(new Uint8Array(size * size), size, points, radius, 255);
  const paint = drawing.paint.slice();
  const shapes = drawing.shapes.filter((shape) => {
    const pixels = new Uint8Array(size * size);
    rasterise(pixels, size, shape);
    if (!pixels.some((value, at) => value !== 0 && rubber[at] !== 0)) return true;
    for (let at = 0; at < paint.length; at++) if (pixels[at] !== 0) paint[at] = 255;
    return false;
  });
  return { ...drawing, shapes, paint: stroke(paint, size, points, radius, 0) };
}

export const withoutPaint = (drawing: Drawing): Drawing =>
  isEmpty(drawing.paint) ? drawing : { ...drawing, paint: new Uint8Array(drawing.paint.length) };

export const withMovedPaint = (drawing: Drawing, size: number, dx: number, dy: number): Drawing => ({
  ...drawing,
  paint: movedPaint(drawing.paint, size, dx, dy),
});
